"""The seats page's list as rows of a file."""

from collections.abc import Iterable, Iterator, Sequence

from billing.usage import seat_list, seat_rows
from billing.usage.idle import Gauge
from billing.usage.seat_list import Asked, Used
from onboarding.models import Plan

HEADER = (
    "month",
    "email",
    "name",
    "plan",
    "tier",
    "credits_used",
    "allowance",
    "overage_credits",
    "overage_price",
    "currency",
    "clients",
    "messages",
    "active_days",
    "last_active_day",
    "idle",
    "on_team",
    "directory_user_id",
)
CHUNK = 500


def rows(asked: Asked, measure: Gauge, plans: Sequence[Plan]) -> Iterator[list[object]]:
    """The list as filtered and sorted, some hundreds at a time."""
    if asked.show == seat_list.STRANGERS:
        found = seat_list.strangers(asked)
        for start in range(0, found.count(), CHUNK):
            yield from _rows(seat_list.used_by_strangers(found[start : start + CHUNK], asked))
        return
    members = seat_list.members(asked, measure, plans)
    for start in range(0, members.count(), CHUNK):
        chunk = members[start : start + CHUNK]
        yield from _rows(seat_list.used_by(chunk, asked, measure, plans))


def _rows(found: Iterable[Used]) -> Iterator[list[object]]:
    for used in found:
        now, member, plan = used.now, used.member, used.plan
        yield [
            f"{used.month:%Y-%m}",
            member.email if member else now.report_email if now else "",
            member.full_name if member else "",
            plan.code if plan else "",
            now.tier_text if now else "",
            used.credits,
            plan.credits if plan else None,
            used.overage,
            used.overage_price,
            plan.currency if plan else "",
            seat_rows.clients_of(now.clients) if now else "",
            now.messages if now else 0,
            now.active_days if now else 0,
            used.last_day,
            used.is_idle,
            member is not None,
            used.user_id,
        ]
