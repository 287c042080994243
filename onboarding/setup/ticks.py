"""A founder's word for what no API tells: given with name and date, and taken back."""

from django.db import transaction

from onboarding.models import Plan, SetupTick
from portal import audit
from portal.models import User

Fact = SetupTick.Fact


@transaction.atomic
def tick(fact: SetupTick.Fact, *, actor: User) -> SetupTick:
    """Twice is once: the first word, its name and date stay, unless it was about something else."""
    about = _about(fact)
    made, is_new = SetupTick.objects.get_or_create(
        fact=fact, defaults={"about": about, "ticked_by": actor, "ticked_by_name": str(actor)}
    )
    if not is_new and made.about != about:
        made.delete()
        return tick(fact, actor=actor)
    if is_new:
        audit.record("setup.confirmed", actor=actor, subject="workspace", detail={"fact": fact})
    return made


@transaction.atomic
def untick(fact: SetupTick.Fact, *, actor: User) -> None:
    if SetupTick.objects.filter(fact=fact).delete()[0]:
        audit.record("setup.unconfirmed", actor=actor, subject="workspace", detail={"fact": fact})


def _about(fact: SetupTick.Fact) -> str:
    """That a group is subscribed says nothing of the next one."""
    if fact != Fact.GROUP_SUBSCRIBED:
        return ""
    plan = Plan.objects.filter(is_default=True).first() or Plan.objects.first()
    return plan.seat_group_id if plan else ""
