"""Leaving the team: now or on a date, with the Identity Center user kept or deleted."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from onboarding.gateways.identity_center import Directory
from onboarding.models import Member
from onboarding.team import directory_users, seats, trouble
from portal import audit, jobs
from portal.models import User, Workspace

FARTHEST = timedelta(days=366)


class CannotOffboard(Exception):
    """The request as it stands is refused; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What offboarding will do, said before it is done."""

    has_seat: bool
    has_user: bool
    is_ours: bool
    saves: Decimal
    currency: str
    plan_runs_to: date


def preview(member: Member, *, on: date) -> Preview:
    """`plan_runs_to`: the last day of that month; Kiro bills a seat's last month in full."""
    return Preview(
        has_seat=bool(member.seat_group_id),
        has_user=bool(member.directory_user_id),
        is_ours=member.origin == Member.Origin.CREATED,
        saves=member.plan.price,
        currency=member.plan.currency,
        plan_runs_to=_month_end(on),
    )


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


@transaction.atomic
def offboard(
    member: Member,
    *,
    actor: User,
    on: date | None = None,
    delete_user: bool = False,
    typed_name: str = "",
) -> None:
    """Ask for the member to be taken out, now or at the start of the day `on` (UTC).

    A user whom the portal did not create is deleted only when the full name is typed.
    Raises: CannotOffboard.
    """
    held = Member.objects.select_for_update(of=("self",)).get(pk=member.pk)
    _check(held, on=on)
    if delete_user and held.origin == Member.Origin.ADOPTED and typed_name != held.full_name:
        raise CannotOffboard(
            f"The portal did not create this user. To delete it, type the name {held.full_name}."
        )
    at = _start_of(on) if on and on > timezone.now().date() else timezone.now()
    Member.objects.filter(pk=held.pk).update(
        status=Member.Status.LEAVING,
        status_before_leaving=_status_to_return_to(held),
        leaves_on=at.date(),
        deletes_user=delete_user,
        next_try_at=at,
        failures=0,
        failure_code="",
        last_error="",
        is_quarantined=False,
        trouble="",
        trouble_since=None,
    )
    jobs.enqueue_on_commit(held)
    audit.record(
        "member.offboarding_asked",
        subject=f"member:{held.pk}",
        actor=actor,
        detail={"on": at.date().isoformat(), "deletes_user": delete_user},
    )


def _check(member: Member, *, on: date | None) -> None:
    """Raises: CannotOffboard for who has left or is being taken out, and for odd dates."""
    if not member.is_on_team:
        raise CannotOffboard(f"{member.full_name} has left already.")
    if member.status == Member.Status.LEAVING and not can_cancel(member):
        raise CannotOffboard(f"{member.full_name} is being taken out already.")
    today = timezone.now().date()
    if on is not None and not today <= on <= today + FARTHEST:
        raise CannotOffboard("Choose today or a later day, within a year.")


def _status_to_return_to(member: Member) -> str:
    is_leaving = member.status == Member.Status.LEAVING
    return member.status_before_leaving if is_leaving else member.status


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone())


def can_cancel(member: Member) -> bool:
    """Before the date, while nothing has been done."""
    is_leaving = member.status == Member.Status.LEAVING
    return is_leaving and member.next_try_at is not None and member.next_try_at > timezone.now()


@transaction.atomic
def cancel(member: Member, *, actor: User) -> None:
    """Before the date: the member stays. Raises: CannotOffboard once the work has begun.

    What waited for AWS when they were to leave, such as another plan, is gone on with.
    """
    held = Member.objects.select_for_update(of=("self",)).get(pk=member.pk)
    if not can_cancel(held):
        raise CannotOffboard(f"{held.full_name} is being taken out already, or is not leaving.")
    back = held.status_before_leaving
    is_new = back in {Member.Status.QUEUED, Member.Status.FAILED}
    status = Member.Status.QUEUED if is_new else back
    jobs.retry_now(held, status=status, leaves_on=None, deletes_user=False)
    jobs.enqueue_on_commit(held)
    trouble.assess(held)
    audit.record("member.offboarding_cancelled", subject=f"member:{member.pk}", actor=actor)


def take_out(member: Member) -> None:
    """Leave the seat groups, delete the user if asked, close the way into the portal.

    On a row that this worker holds. Raises: jobs.LeaseLost, portal.aws.AwsError.
    """
    workspace = Workspace.load()
    if workspace.is_connected:
        directory = Directory(workspace.identity_store_id, workspace.identity_center_region)
        directory_users.find_unnoted(directory, member)
        if member.directory_user_id:
            seats.give_back(directory, member)
        if member.deletes_user:
            directory_users.delete(directory, member)
    _close(member)


@transaction.atomic
def _close(member: Member) -> None:
    jobs.finish(
        member,
        expect={"status": Member.Status.LEAVING},
        status=Member.Status.REMOVED,
        left_at=timezone.now(),
        trouble="",
        trouble_since=None,
    )
    User.deactivate(User.objects.filter(member=member, role=User.Role.MEMBER))
    audit.record("member.left", subject=f"member:{member.pk}")
