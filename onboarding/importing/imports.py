"""Importing a list of people: read and judged first, confirmed once, then the workers' business."""

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from onboarding.importing import csv_columns, csv_reading, import_listing, import_rows
from onboarding.models import ImportBatch, ImportRow, Member, Plan
from onboarding.models.imports import TAKEN_IN
from portal import audit, jobs
from portal.models import User

State = ImportBatch.State
Verdict = ImportRow.Verdict

DRAFTS_KEPT = timedelta(days=7)
"""Lists that nobody confirms are people's data without a purpose."""


class NothingToImport(Exception):
    """No row of the list can be taken."""


# A draft ---------------------------------------------------------------------------------------


def draft(
    data: bytes | str, *, source: str, plan: Plan | None, plans: list[Plan], actor: User
) -> ImportBatch:
    """Read and judge a list; nothing is done with it yet. Raises: csv_reading.Unreadable.

    `plan`: for rows that name none. The same list from the same founder is the same draft.
    """
    sheet = csv_reading.read(data)
    known = import_rows.Plans(plans, plan)
    people = csv_columns.people(sheet.records, is_plan=known.knows)
    rows = list(import_rows.judge(people, known))
    batch = ImportBatch(
        uploaded_by=actor,
        source=source,
        read_as=sheet.read_as,
        size=len(rows),
        digest=import_rows.digest(rows),
        next_try_at=timezone.now(),
    )
    try:
        _store(batch, rows)
    except IntegrityError:
        return _refreshed(ImportBatch.objects.get(_same_draft(batch)))
    return batch


def _same_draft(batch: ImportBatch) -> Q:
    return Q(uploaded_by=batch.uploaded_by, digest=batch.digest, state=State.DRAFT)


@transaction.atomic
def _store(batch: ImportBatch, rows: list[ImportRow]) -> None:
    """Raises: IntegrityError when this founder has this draft already."""
    batch.save()
    for row in rows:
        row.batch = batch
    ImportRow.objects.bulk_create(rows)
    _look_at_team(batch)
    old = timezone.now() - DRAFTS_KEPT
    ImportBatch.objects.filter(state=State.DRAFT, uploaded_at__lt=old).delete()
    jobs.enqueue_on_commit(batch)


@transaction.atomic
def _refreshed(batch: ImportBatch) -> ImportBatch:
    """A draft of some time ago, judged by how things stand now."""
    _look_at_team(batch)
    if not import_listing.is_fresh(batch):
        jobs.retry_now(batch)
        jobs.enqueue_on_commit(batch)
    return batch


def _look_at_team(batch: ImportBatch) -> None:
    """Who is a member already, and who is not any more: two statements for the whole list."""
    there = Exists(Member.objects.on_team().filter(email=OuterRef("email")))
    rows = batch.rows.filter(member=None)
    rows.filter(there, verdict__in=TAKEN_IN).update(verdict=Verdict.MEMBER, reason="")
    rows.filter(~there, verdict=Verdict.MEMBER).update(verdict=Verdict.NEW)


# Confirming ------------------------------------------------------------------------------------


def confirm(batch: ImportBatch, *, actor: User) -> ImportBatch:
    """Let the workers begin; the batch that does it, which is another one when the same list is
    under way or has left nobody to add. Raises: NothingToImport.
    """
    if not batch.is_draft:
        return batch
    same = ImportBatch.objects.filter(digest=batch.digest).exclude(state=State.DRAFT)
    # Counted before the look at the team: whoever is added in between still has the same key.
    key = f"{batch.digest}:{same.filter(state=State.ADDED).count()}"
    _look_at_team(batch)
    if not batch.rows.filter(verdict__in=TAKEN_IN).exists():
        return _last_of(same)
    try:
        _begin(batch, key, actor)
    except IntegrityError:
        return ImportBatch.objects.get(key=key)
    return batch


def _last_of(batches: QuerySet[ImportBatch]) -> ImportBatch:
    """Raises: NothingToImport."""
    last = batches.order_by("pk").last()
    if last is None:
        raise NothingToImport
    return last


@transaction.atomic
def _begin(batch: ImportBatch, key: str, actor: User) -> None:
    """Of several clicks one begins. Raises: IntegrityError when the same list has begun."""
    now = timezone.now()
    drafts = ImportBatch.objects.filter(pk=batch.pk, state=State.DRAFT)
    begun = {"state": State.CONFIRMED, "confirmed_by": actor, "confirmed_at": now, "key": key}
    if not drafts.update(**begun, next_try_at=now, failures=0, is_quarantined=False):
        return
    jobs.enqueue_on_commit(batch)
    _record("import.confirmed", batch, actor, {"rows": batch.size, "source": batch.source})


def _record(
    action: str, batch: ImportBatch, actor: User, detail: dict[str, Any] | None = None
) -> None:
    audit.record(action, subject=f"import:{batch.pk}", actor=actor, detail=detail)


# Pausing ---------------------------------------------------------------------------------------


@transaction.atomic
def pause(batch: ImportBatch, *, actor: User) -> None:
    """Nobody of the batch who has not begun yet begins; whoever has is brought to the end."""
    running = ImportBatch.objects.filter(pk=batch.pk, is_paused=False).exclude(state=State.DRAFT)
    if running.update(is_paused=True):
        free = Q(leased_until=None) | Q(leased_until__lt=timezone.now())
        _not_begun(batch).filter(free).update(next_try_at=None)
        _record("import.paused", batch, actor)


@transaction.atomic
def resume(batch: ImportBatch, *, actor: User) -> None:
    """Due again; the batch's own work enqueues them in order."""
    now = timezone.now()
    paused = ImportBatch.objects.filter(pk=batch.pk, is_paused=True)
    if paused.update(is_paused=False, next_try_at=now):
        _not_begun(batch).filter(next_try_at=None).update(next_try_at=now)
        jobs.enqueue_on_commit(batch)
        _record("import.resumed", batch, actor)


def _not_begun(batch: ImportBatch) -> QuerySet[Member]:
    """Members for whom AWS has not been asked for anything yet."""
    begun = {"create_started_at": None, "seat_group_id": ""}
    members = Member.objects.filter(status=Member.Status.QUEUED, **begun)
    return members.filter(pk__in=batch.rows.exclude(member=None).values("member"))
