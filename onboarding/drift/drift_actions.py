"""What a founder does about a difference: take AWS's side, leave it be, or bring ours back.

Nothing here waits for AWS: what has to be done there is asked for, and a worker does it.
"""

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone

from onboarding.drift import drifts
from onboarding.models import Drift, Member, Plan, Step
from onboarding.team import addresses, members, names
from portal import audit, jobs
from portal.models import User, normalise_email

Kind = Drift.Kind
LONGEST_EMAIL = 254
SEAT_KINDS = {Kind.OUT_OF_GROUP, Kind.WRONG_GROUP, Kind.TWO_GROUPS}
STEPS_OF_A_USER = (Step.ACTIVATE, Step.ORG_SIGN_IN, Step.VERIFY_PLAN)
"""What a member has to do again once they are another Identity Center user."""


class CannotSettle(Exception):
    """The request as it stands is refused; the message says why and what to do."""


def _held(pk: int) -> Drift:
    """The open row, held until commit. Raises: CannotSettle."""
    row = Drift.objects.select_for_update(of=("self",)).get(pk=pk)
    if not row.is_open:
        raise CannotSettle("This difference is gone already.")
    if row.next_try_at is not None:
        raise CannotSettle("This is being repaired at this moment.")
    return row


def _member_of(row: Drift) -> Member:
    """The member it is about, held until commit. Raises: CannotSettle."""
    rows = Member.objects.select_for_update(of=("self",)).select_related("plan", "user")
    member = rows.get(drifts=row)
    if member.status not in Member.SET_UP:
        raise CannotSettle(f"{member.full_name} is being set up, or is leaving.")
    return member


def _close(row: Drift, ending: Drift.Ending, *, actor: User) -> None:
    row.closed_at, row.ending = timezone.now(), ending
    row.save(update_fields=["closed_at", "ending"])
    drifts.show_on_board()
    _record(f"drift.{ending.value}", row, actor)


def _record(action: str, row: Drift, actor: User, **more: str) -> None:
    user_id = row.directory_user_id
    detail = {"kind": row.kind, "directory_user_id": user_id, "email": row.email, **more}
    audit.record(action, subject=row.subject, actor=actor, detail=detail)


# Leaving it be ---------------------------------------------------------------------------------


@transaction.atomic
def ignore(drift: Drift, *, reason: str, actor: User) -> None:
    """For as long as the difference is the same. Raises: CannotSettle."""
    row, reason = _held(drift.pk), " ".join(reason.replace("\0", "").split())[:200]
    if not reason:
        raise CannotSettle("Say why, so that others know later.")
    row.ignored_at, row.ignored_by, row.ignore_reason = timezone.now(), actor, reason
    row.save(update_fields=["ignored_at", "ignored_by", "ignore_reason"])
    drifts.show_on_board()
    _record("drift.ignored", row, actor, reason=reason)


@transaction.atomic
def stop_ignoring(drift: Drift, *, actor: User) -> None:
    """Raises: CannotSettle."""
    row = _held(drift.pk)
    row.ignored_at, row.ignored_by, row.ignore_reason = None, None, ""
    row.save(update_fields=["ignored_at", "ignored_by", "ignore_reason"])
    drifts.show_on_board()
    _record("drift.watched", row, actor)


# Taking AWS's side -----------------------------------------------------------------------------


@transaction.atomic
def adopt(drift: Drift, *, actor: User) -> Member:
    """The stranger becomes a member; the name or e-mail is taken over. Raises: CannotSettle."""
    row = _held(drift.pk)
    if row.kind == Kind.STRANGER:
        member = _add_stranger(row, actor)
    elif row.kind == Kind.NAME:
        member = _take_name(row)
    elif row.kind == Kind.EMAIL:
        member = _take_email(row, actor)
    else:
        raise CannotSettle("There is nothing to take over from Identity Center here.")
    _close(row, Drift.Ending.ADOPTED, actor=actor)
    return member


def _add_stranger(row: Drift, actor: User) -> Member:
    """With user and seat as they are, so that only the invitation is left for a worker."""
    plan = Plan.objects.filter(seat_group_id__in=row.group_ids).order_by("price").last()
    if plan is None:
        raise CannotSettle("No plan has this seat group any more. Check again.")
    given_name, family_name = _names(row)
    try:
        with transaction.atomic():
            member = members.add(
                email=_address(row),
                given_name=given_name,
                family_name=family_name,
                plan=plan,
                actor=actor,
            )
            Member.objects.filter(pk=member.pk).update(
                directory_user_id=row.directory_user_id,
                directory_user_name=row.user_name,
                origin=Member.Origin.ADOPTED,
                seat_group_id=plan.seat_group_id,
                seat_requested_at=timezone.now(),
            )
    except (members.AlreadyOnTeam, IntegrityError) as error:
        raise CannotSettle(f"{row.email} or their user is on the team already.") from error
    return member


def _names(row: Drift) -> tuple[str, str]:
    """As a member has them: the only name stands once."""
    given = (row.given_name or row.family_name or row.user_name)[: names.LONGEST_NAME]
    family = row.family_name[: names.LONGEST_NAME]
    return given, "" if family == given else family


def _address(row: Drift) -> str:
    """Raises: CannotSettle when Identity Center has none that mail could be sent to."""
    email = normalise_email(row.email)
    try:
        validate_email(email)
        MaxLengthValidator(LONGEST_EMAIL)(email)
    except ValidationError as error:
        raise CannotSettle(f"Identity Center has no usable e-mail for {row.user_name}.") from error
    return email


def _take_name(row: Drift) -> Member:
    member = _member_of(row)
    member.given_name, member.family_name = _names(row)
    member.save(update_fields=["given_name", "family_name"])
    User.objects.filter(member=member, role=User.Role.MEMBER).update(name=member.full_name)
    return member


def _take_email(row: Drift, actor: User) -> Member:
    member = _member_of(row)
    try:
        with transaction.atomic():
            addresses.move(member, email=_address(row), actor=actor)
    except (addresses.Taken, IntegrityError) as error:
        raise CannotSettle(f"Somebody else here has {row.email}.") from error
    Member.objects.filter(pk=member.pk).update(directory_user_name=row.user_name)
    return member


# Bringing ours back ----------------------------------------------------------------------------


@transaction.atomic
def repair(drift: Drift, *, actor: User, is_confirmed: bool = False) -> None:
    """Ask for ours to be brought back; a stranger's seat only on confirmation.

    Raises: CannotSettle.
    """
    row = _held(drift.pk)
    if row.kind == Kind.STRANGER and not is_confirmed:
        raise CannotSettle(f"Confirm that {row.full_name} is to lose the seat.")
    if row.kind in SEAT_KINDS | {Kind.STRANGER}:
        _ask_worker(row, actor)
    elif row.kind == Kind.MISSING:
        _create_again(_member_of(row))
        _close(row, Drift.Ending.REPAIRED, actor=actor)
    elif row.kind == Kind.NAME:
        _send_name(_member_of(row))
        _close(row, Drift.Ending.REPAIRED, actor=actor)
    else:
        raise CannotSettle("No API of AWS can do this: use the Identity Center console.")


def _ask_worker(row: Drift, actor: User) -> None:
    row.ignored_at, row.ignored_by, row.ignore_reason = None, None, ""
    row.save(update_fields=["ignored_at", "ignored_by", "ignore_reason"])
    jobs.retry_now(row, repair_asked_by=actor, last_error="", failure_code="")
    jobs.enqueue_on_commit(row)
    _record("drift.repair_asked", row, actor)


def _create_again(member: Member) -> None:
    """Forget the user that is gone; what the member had done with it has to be done again."""
    member.steps.filter(step__in=STEPS_OF_A_USER).delete()
    jobs.retry_now(
        member,
        status=Member.Status.QUEUED,
        directory_user_id="",
        directory_user_name="",
        directory_status="",
        origin="",
        create_started_at=None,
        is_absent_from_directory=False,
        seat_group_id="",
        old_seat_group_id="",
        seat_requested_at=None,
        steps_done=member.steps.count(),
        verdict="",
        verdict_at=None,
        failure_code="",
        last_error="",
    )
    jobs.enqueue_on_commit(member)


def _send_name(member: Member) -> None:
    jobs.retry_now(member, is_name_to_send=True)
    jobs.enqueue_on_commit(member)
