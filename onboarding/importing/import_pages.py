"""What the pages of an import say: counts, cost, progress, and the result as rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from onboarding.importing import import_listing
from onboarding.models import ImportBatch, ImportRow, Member, Plan
from onboarding.models.imports import TAKEN_IN
from onboarding.team import board, explanations
from onboarding.team.board import Badge
from portal import pacing
from portal.models import Workspace

State = ImportBatch.State
Verdict = ImportRow.Verdict

REQUESTS_EACH = 2
"""The user and the seat."""

REFUSED = "refused"
"""Stands for all verdicts that are none of `TAKEN_IN`."""


# The preview -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tally:
    """One verdict (or group of them) and how many rows have it."""

    value: str
    label: str
    rows: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What the new seats of one plan cost in a month."""

    plan: Plan
    seats: int

    @property
    def amount(self) -> Decimal:
        return self.plan.price * self.seats


@dataclass(frozen=True, slots=True)
class Summary:
    """How a list was judged; `taken` and `refused` make up all rows."""

    rows: int
    taken: int
    tallies: list[Tally]
    costs: list[Cost]

    @property
    def refused(self) -> int:
        return self.rows - self.taken

    def count(self, verdict: str) -> int:
        """The rows that `select` gives for the same verdict."""
        if verdict == REFUSED:
            return self.refused
        if verdict not in Verdict.values:
            return self.rows
        return next((tally.rows for tally in self.tallies if tally.value == verdict), 0)


def summary(batch: ImportBatch, plans: Sequence[Plan]) -> Summary:
    """One query, whatever the length of the list."""
    counted = batch.rows.order_by().values_list("verdict", "plan").annotate(Count("pk"))
    by_verdict: dict[str, int] = dict.fromkeys(Verdict.values, 0)
    by_plan: dict[int | None, int] = {}
    for verdict, plan, rows in counted:
        by_verdict[verdict] += rows
        if verdict in TAKEN_IN:
            by_plan[plan] = by_plan.get(plan, 0) + rows
    tallies = [Tally(value, Verdict(value).label, n) for value, n in by_verdict.items() if n]
    return Summary(
        rows=sum(by_verdict.values()),
        taken=sum(by_plan.values()),
        tallies=tallies,
        costs=[Cost(plan, by_plan[plan.pk]) for plan in plans if plan.pk in by_plan],
    )


def select(batch: ImportBatch, verdict: str) -> QuerySet[ImportRow]:
    """The rows with the verdict, in the order of the list; all for a verdict that is none."""
    members = Member.objects.select_related("plan").prefetch_related("steps")
    there = Prefetch("member", explanations.with_facts(members))
    rows = batch.rows.select_related("plan").prefetch_related(there)
    if verdict == REFUSED:
        return rows.exclude(verdict__in=TAKEN_IN)
    return rows.filter(verdict=verdict) if verdict in Verdict.values else rows


@dataclass(frozen=True, slots=True)
class RowView:
    row: ImportRow
    badge: Badge
    why: str


_BADGES = {
    Verdict.NEW: ("good", "New"),
    Verdict.ADOPT: ("info", "Will be adopted"),
    Verdict.MEMBER: ("quiet", "Already a member"),
    Verdict.TWICE: ("quiet", "Twice in this file"),
    Verdict.UNKNOWN_PLAN: ("warn", "Unknown plan"),
    Verdict.INVALID: ("bad", "Invalid"),
    Verdict.TAKEN: ("bad", "Belongs to someone else"),
}


def rows(found: Sequence[ImportRow]) -> list[RowView]:
    """`found` come with their members. A row whose member is there shows how that one stands."""
    return [_view(row) for row in found]


def _view(row: ImportRow) -> RowView:
    if row.member is None:
        tone, text = _BADGES[Verdict(row.verdict)]
        return RowView(row, Badge(tone, text), row.reason)
    badge = board.rows([row.member])[0].badge
    if is_on_hold(row.member):
        badge = Badge("quiet", "Paused")
    return RowView(row, badge, badge.hint or row.reason)


def is_on_hold(member: Member) -> bool:
    """Not begun, and not due: the import it came with is paused."""
    return member.status == Member.Status.QUEUED and member.next_try_at is None


# Progress --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the people of a confirmed batch are, counted from the members themselves."""

    total: int
    done: int
    failed: int

    @property
    def in_work(self) -> int:
        return self.total - self.done - self.failed

    @property
    def least_minutes(self) -> int:
        """What is left takes no less, at the rate that AWS allows."""
        return int(self.in_work * REQUESTS_EACH / pacing.FASTEST / 60)

    @property
    def percent(self) -> int:
        """Rounded down, so that 100 means all."""
        return 100 * (self.total - self.in_work) // self.total if self.total else 100


_FAILED = Q(member__status=Member.Status.FAILED) | Q(
    member__status=Member.Status.QUEUED, member__is_quarantined=True
)
_DONE = Q(member__isnull=False) & ~Q(
    member__status__in=[Member.Status.QUEUED, Member.Status.FAILED]
)


def recent() -> QuerySet[ImportBatch]:
    """The last lists, each with whether its people are still being set up."""
    queued = Member.objects.filter(status=Member.Status.QUEUED, is_quarantined=False)
    rows = ImportRow.objects.filter(batch=OuterRef("pk"), member__in=queued)
    batches = ImportBatch.objects.select_related("uploaded_by")
    return batches.annotate(is_in_work=Exists(rows))


def progress(batch: ImportBatch) -> Progress:
    """One query."""
    taken = batch.rows.filter(verdict__in=TAKEN_IN)
    counts = taken.aggregate(
        total=Count("pk"), done=Count("pk", filter=_DONE), failed=Count("pk", filter=_FAILED)
    )
    return Progress(**counts)


# What is known of Identity Center --------------------------------------------------------------


def is_checking(batch: ImportBatch, workspace: Workspace) -> bool:
    """Whether the verdicts of a draft may still change by what the listing finds."""
    is_open = batch.is_draft and batch.listed_at is None and batch.next_try_at is not None
    return is_open and workspace.is_connected


def is_unsure(batch: ImportBatch) -> bool:
    """A draft of which nobody knows who is in Identity Center, or not lately."""
    return batch.is_draft and not import_listing.is_fresh(batch)


# The result ------------------------------------------------------------------------------------

RESULT = [
    "line",
    "email",
    "given_name",
    "family_name",
    "plan",
    "verdict",
    "reason",
    "member_status",
    "directory_user_id",
]


def result(batch: ImportBatch) -> Iterator[list[object]]:
    """A list a row, in the order of `RESULT`."""
    for row in batch.rows.select_related("member", "plan").iterator(chunk_size=1000):
        member = row.member
        yield [
            row.line,
            row.email,
            row.given_name,
            row.family_name,
            row.plan.code if row.plan else row.plan_text,
            row.verdict,
            (member.last_error if member else "") or row.reason or _in_words(row),
            member.status if member else "",
            member.directory_user_id if member else row.directory_user_id,
        ]


def _in_words(row: ImportRow) -> str:
    """Every refusal has a reason, also where the verdict says it all."""
    return "" if row.verdict in TAKEN_IN else _BADGES[Verdict(row.verdict)][1]
