"""The spend page as ready words and numbers: three figures, a chart and its table a currency."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.utils.safestring import SafeString

from billing.charts import chart, drawing
from billing.charts.chart import Chart
from billing.spending import periods, spend
from billing.spending.periods import Period
from billing.spending.spend import ByCurrency, Freshness, Sums
from portal.templatetags.portal import money

_SERIES = {
    **{code: f"{name} seats" for code, name in spend.PLANS.items()},
    spend.OVERAGE: "Overage",
    spend.OTHER: "Other",
    spend.TAX: "Tax",
    spend.REFUNDS: "Refunds",
}
"""What stands in a bar, from the ground up, and in a row, from left to right."""


@dataclass(frozen=True, slots=True)
class Row:
    """One day or month in the table, or all of them."""

    label: str
    is_estimated: bool
    has_cost: bool
    cells: tuple[tuple[str, str], ...]
    used: str
    credits: str
    paid: str


@dataclass(frozen=True, slots=True)
class Section:
    """Everything in one currency."""

    currency: str
    used: str
    covered: str
    paid: str
    note: str
    exactly: str
    series: dict[str, str]
    has_credits: bool
    rows: tuple[Row, ...]
    total: Row
    chart: Chart
    bars: SafeString
    net_line: SafeString
    estimated: str


def read(period: Period, freshness: Freshness, *, today: date) -> list[Section]:
    found = spend.by_day(period) if period.is_by_day else spend.by_month(period)
    span = freshness.data_from, freshness.data_to
    return of(found, period, span=span, today=today)


def of(
    found: ByCurrency, period: Period, *, span: tuple[date | None, date | None], today: date
) -> list[Section]:
    """`span`: the first and the last day with data; without any there is nothing to show."""
    data_from, data_to = span
    if data_from is None or data_to is None:
        return []
    first, last = max(period.start or data_from, data_from), min(period.end or data_to, data_to)
    starts = periods.days(first, last) if period.is_by_day else periods.months(first, last)
    naming = _Naming(is_by_day=period.is_by_day, today=today)
    return [
        _section(currency, {start: sums.get(start) or Sums() for start in starts}, naming)
        for currency, sums in _most_used_first(found or {"USD": {}})
    ]


def _most_used_first(found: ByCurrency) -> list[tuple[str, dict[date, Sums]]]:
    """What the company pays in comes before what is billed in another currency by the way."""
    return sorted(found.items(), key=lambda each: -spend.total_of(each[1]).used)


@dataclass(frozen=True, slots=True)
class _Naming:
    is_by_day: bool
    today: date

    def long(self, start: date) -> str:
        """`November`, `21 Nov`; with the year where it is not this one."""
        name = f"{start.day} {start:%b}" if self.is_by_day else f"{start:%B}"
        return name if start.year == self.today.year else f"{name} {start.year}"

    def short(self, start: date) -> str:
        if self.is_by_day:
            return f"{start.day} {start:%b}"
        return f"{start:%b ’%y}" if start.month == 1 else f"{start:%b}"


def _section(currency: str, sums: dict[date, Sums], naming: _Naming) -> Section:
    total = spend.total_of(sums)
    series = {
        part: name for part, name in _SERIES.items() if any(each[part] for each in sums.values())
    }
    labels = {start: naming.long(start) for start in sums}
    rows = [_row(labels[start], each, series) for start, each in sums.items()]
    readouts = [_readout(labels[start], each, currency) for start, each in sums.items()]
    is_paid = any(abs(_to_cent(each.net)) for each in sums.values())
    stacks = [
        _stack(naming.short(start), each, series, has_net=is_paid) for start, each in sums.items()
    ]
    drawn = chart.stacked_bars(stacks, currency=currency)
    return Section(
        currency=currency,
        used=money(total.used, currency),
        covered=money(-total.credits, currency),
        paid=money(total.net, currency),
        note=_note(total, currency),
        exactly=_exactly(total),
        series=series,
        has_credits=any(each.credits for each in sums.values()),
        rows=tuple(row for row in reversed(rows) if row.has_cost or not naming.is_by_day),
        total=_row("Total", total, series),
        chart=drawn,
        bars=drawing.bars(drawn, readouts, hatch=f"hatch-{currency}"),
        net_line=drawing.net_line(drawn),
        estimated=_estimated(rows, is_by_day=naming.is_by_day),
    )


def _row(label: str, sums: Sums, series: dict[str, str]) -> Row:
    return Row(
        label=label,
        is_estimated=sums.is_estimated,
        has_cost=any(sums.parts.values()),
        cells=tuple(
            (name, _figure(sums[part]) if sums[part] else "–") for part, name in series.items()
        ),
        used=_figure(sums.used),
        credits=_figure(sums.credits),
        paid=_figure(sums.net),
    )


def _figure(amount: Decimal) -> str:
    """`1,234.50` for a table, whose head names the currency."""
    cents = _to_cent(amount)
    return f"{'−' if cents < 0 else ''}{abs(cents):,.2f}"


def _to_cent(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _stack(label: str, sums: Sums, series: dict[str, str], *, has_net: bool) -> chart.Stack:
    return chart.Stack(
        label=label,
        parts=[(part, sums[part]) for part in series],
        covered=-sums.credits,
        net=sums.net if has_net else None,
        is_estimated=sums.is_estimated,
    )


def _readout(label: str, sums: Sums, currency: str) -> tuple[str, str]:
    """What a bar is called, and what it says when it is pointed at."""
    used, covered, paid = (
        money(amount, currency) for amount in (sums.used, -sums.credits, sums.net)
    )
    name = f"{label}, estimated" if sums.is_estimated else label
    full = f"{name}: used {used}, covered by credits {covered}, paid {paid}"
    return full, f"{label}: {used} − {covered} = {paid}"


def _note(total: Sums, currency: str) -> str:
    """How `used` comes about: `gross $400.00 with 1,300 credits of overage, tax $1.15`."""
    amount = total.overage_credits.quantize(Decimal(1), ROUND_HALF_UP)
    overage = f" with {amount:,} credits of overage" if amount else ""
    named = (("gross", total.gross), ("tax", total[spend.TAX]), ("refunds", total[spend.REFUNDS]))
    return ", ".join(
        f"{name} {money(amount, currency)}{overage if name == 'gross' else ''}"
        for name, amount in named
        if amount or name == "gross"
    )


def _exactly(total: Sums) -> str:
    """The sum unrounded, where the rounded figures are a cent apart; else nothing."""
    used, covered, paid = total.used, -total.credits, total.net
    if _to_cent(used) - _to_cent(covered) == _to_cent(paid):
        return ""
    return f"{_plain(used)} − {_plain(covered)} = {_plain(paid)}"


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def _estimated(rows: Sequence[Row], *, is_by_day: bool) -> str:
    """Which part AWS may still change: `November is estimated`."""
    names = [row.label for row in rows if row.is_estimated]
    if not names:
        return ""
    if is_by_day:
        return f"Estimated from {names[0]} on"
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} estimated"
