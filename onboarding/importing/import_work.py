"""The worker's part of an import: list Identity Center, make members of the rows, enqueue them.

Safe to repeat at any point: the batch row is held by one worker at a time, each chunk of members is
committed together with the note on their rows, and what has a member is not made again.
"""

from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone

from onboarding.importing import import_listing, intake
from onboarding.importing.intake import Newcomer
from onboarding.models import ImportBatch, ImportRow, Member, Plan
from onboarding.models.imports import TAKEN_IN
from onboarding.team import provisioning
from portal import attempts, aws, jobs
from portal.models import Workspace
from portal.webhooks import publishing
from portal.webhooks.events import Event

State = ImportBatch.State
Verdict = ImportRow.Verdict

CHUNK = 5000
"""Members in one transaction: it holds the audit chain, for which everybody else waits."""

_OF_A_NEWCOMER = (
    "email",
    "given_name",
    "family_name",
    "directory_user_id",
    "directory_user_name",
)


def work(pk: int) -> float | None:
    """Work on the batch if it is due and free.

    Returns: seconds until the next try when there is to be one, else None.
    """
    if jobs.is_paused():
        return None
    return attempts.carry_out(ImportBatch, pk, _attempt, lost=_let_go)


def _attempt(batch: ImportBatch) -> float | None:
    """Raises: jobs.LeaseLost."""
    try:
        refusal = _list_if_needed(batch)
        _add_if_confirmed(batch)
    except aws.AwsUnavailable as error:
        reason = f"{error.operation}: {error.message}"
        return _later(batch, code=error.code, reason=reason, after=error.retry_after)
    except aws.AwsDenied as error:
        jobs.pause_all(f"{error.operation}: {error.message}")
        return _later(batch, code=error.code, reason=error.message)
    except IntegrityError:
        return _later(batch, code="conflict", reason="Somebody else adds the same people just now.")
    _finish(batch, refusal)
    return None


def _later(batch: ImportBatch, **why: Any) -> float:
    return jobs.try_later(batch, counts=False, **why)


def _let_go(batch: ImportBatch) -> float | None:
    """The row changed under us: confirmed meanwhile, or taken over. If ours, look again at once."""
    ours = ImportBatch.objects.filter(pk=batch.pk, lease=batch.lease)
    if ours.update(lease="", leased_until=None):
        return 0.0
    return None


# Listing ---------------------------------------------------------------------------------------


def _list_if_needed(batch: ImportBatch) -> aws.AwsError | None:
    """Why AWS will never answer as it stands, if so: then each member is looked for alone.

    Raises: jobs.LeaseLost, aws.AwsUnavailable, aws.AwsDenied.
    """
    workspace = Workspace.load()
    is_over = batch.state == State.ADDED or import_listing.is_fresh(batch)
    if is_over or not workspace.is_connected:
        return None
    try:
        import_listing.take(provisioning.directory_of(workspace), batch)
    except (aws.AwsUnavailable, aws.AwsDenied):
        raise
    except aws.AwsError as error:
        jobs.write(batch, listing_token="", listed_at=None)  # an old token, for one, is refused
        return error
    jobs.resume_all()
    return None


# Adding ----------------------------------------------------------------------------------------


def _add_if_confirmed(batch: ImportBatch) -> None:
    batch.refresh_from_db(fields=["state", "confirmed_by"])
    while batch.state == State.CONFIRMED and _add_chunk(batch):
        pass


@transaction.atomic
def _add_chunk(batch: ImportBatch) -> bool:
    """Make members of the next rows; whether there were any. Raises: jobs.LeaseLost."""
    jobs.renew(batch)  # also holds the row, so that a pause waits for this chunk or is seen by it
    batch.refresh_from_db(fields=["is_paused"])
    waiting = batch.rows.filter(member=None, verdict__in=TAKEN_IN)
    _refuse_changed(waiting)
    rows = list(waiting.values_list("number", "plan", *_OF_A_NEWCOMER)[:CHUNK])
    if not rows:
        return False
    plans = Plan.objects.in_bulk()
    intake.take_in(
        [_newcomer(row, plans) for row in rows],
        actor=batch.confirmed_by,
        is_listed=import_listing.is_fresh(batch),
        due_at=None if batch.is_paused else timezone.now(),
        detail={"import": batch.pk},
    )
    numbers = {"number__gte": rows[0][0], "number__lte": rows[-1][0]}
    waiting.filter(**numbers).update(member=_member_of_row())
    return True


def _refuse_changed(waiting: QuerySet[ImportRow]) -> None:
    """Look again at what can have changed since the preview."""
    on_team = Member.objects.on_team()
    same_user = on_team.exclude(directory_user_id="").filter(
        directory_user_id=OuterRef("directory_user_id")
    )
    there = Exists(on_team.filter(email=OuterRef("email")))
    waiting.filter(there).update(verdict=Verdict.MEMBER, reason="")
    waiting.exclude(directory_user_id="").filter(Exists(same_user)).update(
        verdict=Verdict.TAKEN,
        reason="This Identity Center user belongs to somebody on the team.",
    )
    waiting.filter(plan=None).update(verdict=Verdict.UNKNOWN_PLAN, reason="The plan is gone.")


def _newcomer(row: tuple[Any, ...], plans: dict[int, Plan]) -> Newcomer:
    _number, plan, *person = row
    return Newcomer(plans[plan], *person)


def _member_of_row() -> Subquery:
    return Subquery(Member.objects.on_team().filter(email=OuterRef("email")).values("pk")[:1])


# The end of an attempt -------------------------------------------------------------------------


@transaction.atomic
def _finish(batch: ImportBatch, refusal: aws.AwsError | None) -> None:
    """Let go, unless a founder confirmed meanwhile. Raises: jobs.LeaseLost."""
    jobs.renew(batch)
    is_draft = batch.is_draft
    batch.refresh_from_db(fields=["state"])
    if batch.is_draft != is_draft:
        raise jobs.LeaseLost(f"{batch} was confirmed meanwhile")
    if is_draft and refusal:
        jobs.give_up(batch, code=refusal.code, reason=f"{refusal.operation}: {refusal.message}")
    else:
        jobs.finish(batch, state=State.DRAFT if is_draft else State.ADDED)
    if not is_draft:
        _tell(batch)
        transaction.on_commit(partial(_ring_for_members, batch))


def _tell(batch: ImportBatch) -> None:
    count = batch.rows.exclude(member=None).count()
    publishing.publish(
        Event.IMPORT_DONE,
        key=f"{Event.IMPORT_DONE}:{batch.pk}",
        text=f"An import is in: {count} {'person' if count == 1 else 'people'} to be set up.",
        path=reverse("onboarding:import-batch", args=[batch.pk]),
        data={"import": batch.pk, "people": count},
    )


def _ring_for_members(batch: ImportBatch) -> None:
    """All of them in order: the sweep alone would enqueue a few hundred at a time.

    Two questions, not a join: a database that has no statistics yet of rows this young may answer
    that by going through the whole list once for each member, which takes minutes.
    """
    made = batch.rows.exclude(member=None).values_list("member", flat=True)
    due = set(Member.objects.filter(jobs.due(timezone.now())).values_list("pk", flat=True))
    jobs.enqueue(Member, [pk for pk in made if pk in due])
