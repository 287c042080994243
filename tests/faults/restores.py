"""An older backup is restored: what was done at AWS since then is adopted, not repeated."""

import io
from dataclasses import replace

from django.core.management import call_command

from onboarding.importing import imports
from onboarding.models import Member
from tests.faults import truth
from tests.faults.batches import draft
from tests.faults.lab import Lab
from tests.faults.outcome import fault


@fault("older backup restored after 700 more")
def restored(lab: Lab):
    """The list of all is imported again, as a founder would do it."""
    lab.fresh()
    addresses, path = lab.addresses(lab.some(1000, short=10)), lab.folder / "older.backup"
    old = len(addresses) * 3 // 10
    path.unlink(missing_ok=True)
    with lab.at_work():
        lab.add(addresses[:old])
        lab.settle()
        call_command("backup", str(path), stderr=io.StringIO())
        lab.add(addresses[old:])
        lab.settle()
    before, _ = truth.creates(lab)
    users = truth.users(lab)[1].keys()
    call_command("restore", str(path), "--yes", stdout=io.StringIO())
    with lab.at_work():
        imports.confirm(draft(lab, addresses), actor=lab.founder)
        lab.settle()
    adopted = Member.objects.filter(origin=Member.Origin.ADOPTED, email__in=addresses[old:])
    again = truth.creates(lab)[0] - before
    more = len(truth.users(lab)[1].keys() - users)
    # Who was invited after the backup is invited again: the portal cannot know of the first letter.
    younger = len(addresses) - old
    outcome = truth.judge(lab, addresses, injected=younger, spare_letters=younger)
    return replace(
        outcome,
        twice=outcome.twice + again + more,
        wrong=outcome.wrong + abs(younger - adopted.count()),
        note=f"{adopted.count()} adopted, {again} CreateUser",
    )
