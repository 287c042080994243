"""Every failure that is known, as data: the words people paste, the cause, what to do."""

from onboarding.setup.failures import aws, machine, money, portal, seats, sign_in
from onboarding.setup.failures.kinds import Failure

ALL: tuple[Failure, ...] = (
    *seats.FAILURES,
    *sign_in.FAILURES,
    *machine.FAILURES,
    *money.FAILURES,
    *aws.FAILURES,
    *portal.FAILURES,
)
