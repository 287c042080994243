"""Every guard that is taken away; those of the database's schema last, since they cost a new one."""

from tests.mutants.doors import DOORS
from tests.mutants.money import MONEY
from tests.mutants.people import PEOPLE
from tests.mutants.record import RECORD
from tests.mutants.work import WORK

MUTANTS = sorted([*WORK, *PEOPLE, *MONEY, *DOORS, *RECORD], key=lambda each: each.is_in_schema)
