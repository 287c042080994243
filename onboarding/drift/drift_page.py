"""What the drift page says of each difference, in words, from our own tables alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F

from onboarding.drift import directory_checks
from onboarding.models import DirectoryCheck, Drift, Member, Plan

Kind = Drift.Kind

MOST_CLOSED = 10
_GRAVE = {Kind.MISSING, Kind.DISABLED, Kind.OUT_OF_GROUP, Kind.STRANGER}
_ADOPT_FIRST = {Kind.STRANGER, Kind.EMAIL}
_ADOPT = {
    Kind.STRANGER: "Add to the team",
    Kind.EMAIL: "Take over the new e-mail",
    Kind.NAME: "Take over this name",
}
_REPAIR = {
    Kind.MISSING: "Create the user again",
    Kind.OUT_OF_GROUP: "Restore the seat",
    Kind.WRONG_GROUP: "Move to {plan}",
    Kind.TWO_GROUPS: "Keep only {plan}",
    Kind.NAME: "Send our name",
    Kind.STRANGER: "Take the seat away",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One difference. `adopt` and `repair`: what the buttons say, empty for none."""

    drift: Drift
    text: str
    adopt: str
    repair: str
    price: Decimal | None = None
    currency: str = "USD"

    @property
    def tone(self) -> str:
        return "bad" if self.drift.kind in _GRAVE else "warn"

    @property
    def who(self) -> str:
        return self.drift.member.full_name if self.drift.member else self.drift.full_name

    @property
    def email(self) -> str:
        return self.drift.member.email if self.drift.member else self.drift.email

    @property
    def is_stranger(self) -> bool:
        return self.drift.kind == Kind.STRANGER

    @property
    def is_disabled(self) -> bool:
        return self.drift.kind == Kind.DISABLED

    @property
    def is_adopt_first(self) -> bool:
        return self.drift.kind in _ADOPT_FIRST

    @property
    def is_in_work(self) -> bool:
        return self.drift.is_waiting


def select() -> Any:
    """What has to be settled, unknown seats first."""
    rows = Drift.objects.to_settle().select_related("member__plan")
    return rows.order_by(F("member").asc(nulls_first=True), "kind", "pk")


def rows(found: Iterable[Drift], plans: Mapping[str, Plan]) -> list[Row]:
    """`plans`: by seat group."""
    return [_row(drift, plans) for drift in found]


def plans_by_group() -> dict[str, Plan]:
    return {plan.seat_group_id: plan for plan in Plan.objects.exclude(seat_group_id="")}


def _row(drift: Drift, plans: Mapping[str, Plan]) -> Row:
    kind, held = Kind(drift.kind), [plans[pk] for pk in drift.group_ids if pk in plans]
    paid = max(held, key=lambda plan: plan.price, default=None)
    own = drift.member.plan.name if drift.member else ""
    return Row(
        drift=drift,
        text=_text(drift, kind, held),
        adopt=_ADOPT.get(kind, "") if kind != Kind.EMAIL or drift.email else "",
        repair=_REPAIR.get(kind, "").format(plan=own),
        price=paid.price if paid and kind == Kind.STRANGER else None,
        currency=paid.currency if paid else "USD",
    )


def _text(drift: Drift, kind: Drift.Kind, held: list[Plan]) -> str:
    seats = " and ".join(plan.name for plan in held) or "a former plan"
    if drift.member is None:
        has = f"Has a {seats} seat" if len(held) == 1 else f"Has the seats of {seats}"
        return f"{has}, and nobody here knows them."
    return _text_of_member(drift, drift.member, kind, seats)


def _text_of_member(drift: Drift, member: Member, kind: Drift.Kind, seats: str) -> str:
    plan = member.plan.name
    return {
        Kind.MISSING: "The Identity Center user is gone: no way to sign in, no seat.",
        Kind.DISABLED: f"Cannot sign in; the {plan} seat is still paid for.",
        Kind.OUT_OF_GROUP: f"Not in the seat group of {plan} any more.",
        Kind.WRONG_GROUP: f"Has the seat of {seats} instead of {plan}.",
        Kind.TWO_GROUPS: f"Has the seats of {seats}; Kiro bills the dearer one.",
        Kind.EMAIL: f"Identity Center has {drift.email or 'no e-mail'}.",
        Kind.NAME: f"Identity Center says {drift.full_name}.",
    }[kind]


def money_at_risk(plans: Mapping[str, Plan]) -> Decimal:
    """What the seats of strangers cost a month."""
    groups = (
        Drift.objects.to_settle().filter(kind=Kind.STRANGER).values_list("group_ids", flat=True)
    )
    prices = ([plans[pk].price for pk in held if pk in plans] for held in groups)
    return sum((max(each) for each in prices if each), Decimal())


def context() -> dict[str, Any]:
    """Everything but the page of rows."""
    last: DirectoryCheck | None = DirectoryCheck.objects.first()
    ignored = Drift.objects.ignored().select_related("member", "ignored_by")
    closed = Drift.objects.closed().select_related("member").order_by("-closed_at")
    return {
        "checked_at": directory_checks.checked_at(),
        "check": last,
        "is_under_way": last is not None and last.outcome == DirectoryCheck.Outcome.UNDER_WAY,
        "is_failed": last is not None and last.outcome == DirectoryCheck.Outcome.FAILED,
        "ignored": list(ignored.order_by("-ignored_at")[:100]),
        "closed": list(closed[:MOST_CLOSED]),
    }
