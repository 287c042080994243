"""Every failure that is known, as data: the words people paste, the cause, what to do."""

from dataclasses import replace

from onboarding.setup.failures import aws, german, machine, money, parts, portal, seats, sign_in
from onboarding.setup.failures.kinds import Failure

_IN_ENGLISH: tuple[Failure, ...] = (
    *seats.FAILURES,
    *sign_in.FAILURES,
    *machine.FAILURES,
    *money.FAILURES,
    *aws.FAILURES,
    *portal.FAILURES,
    *parts.FAILURES,
)
ALL = tuple(
    replace(each, signs=(*each.signs, *german.SIGNS.get(each.key, ()))) for each in _IN_ENGLISH
)
