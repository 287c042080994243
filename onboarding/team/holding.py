"""A member's row, held until commit: the page that a click came from may be long past."""

from onboarding.models import Member


class HasLeft(Exception):
    """The member is not on the team any more, or about to leave it."""


def on_team(member: Member) -> Member:
    """The row, also of who is about to leave. Raises: HasLeft."""
    rows = Member.objects.select_for_update(of=("self",)).select_related("plan")
    held = rows.get(pk=member.pk)
    if not held.is_on_team:
        raise HasLeft(f"{held.full_name} has left.")
    return held


def staying(member: Member) -> Member:
    """The row of who is on the team and not about to leave it. Raises: HasLeft."""
    held = on_team(member)
    if held.status == Member.Status.LEAVING:
        raise HasLeft(f"{held.full_name} is leaving.")
    return held
