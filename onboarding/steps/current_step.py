"""The step a member is at: the first that is not done, whichever of the later ones are.

The portal sees steps in any order, so the number of steps done does not tell it.
"""

from collections.abc import Collection

from django.db.models import Case, Exists, OuterRef, Q, Value, When

from onboarding.models import Step, StepRecord

ORDER = list(Step)


def of(taken: Collection[str]) -> Step | None:
    """None for whoever has taken them all. Pure."""
    return next((step for step in ORDER if step not in taken), None)


def at(step: Step) -> Q:
    """Members at this step."""
    before = ORDER[: ORDER.index(step)]
    return Q(~_took(step), *(_took(each) for each in before))


def column() -> Case:
    """The same for every member of a query; empty for whoever has taken them all."""
    return Case(*(When(~_took(step), then=Value(str(step))) for step in ORDER), default=Value(""))


def _took(step: Step) -> Exists:
    return Exists(StepRecord.objects.filter(member=OuterRef("pk"), step=step).order_by())
