"""What stands in the seats page's table: figures as words, and the rows as HTML.

The rows are drawn in Python, since fifty of them in a template take longer than the rest of the
page together (see `billing.charts.drawing`).
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from billing.charts import spark
from billing.usage import tiers
from billing.usage.idle import Gauge
from billing.usage.seat_list import Asked, Used
from onboarding.models import Plan
from portal.templatetags.portal import day, money

CLIENTS = {"KIRO_IDE": "IDE", "KIRO_CLI": "CLI", "PLUGIN": "Plugin"}
NONE = "–"


def credits_of(amount: Decimal) -> str:
    """`1,240`; small amounts with a decimal, so that a little is not nothing."""
    if 0 < amount < 10:
        return f"{amount:.1f}" if amount >= Decimal("0.05") else "under 0.1"
    return f"{amount:,.0f}"


def clients_of(names: str) -> str:
    return ", ".join(CLIENTS.get(name, name) for name in names.split()) or NONE


def draw(rows: Iterable[Used], asked: Asked, measure: Gauge, plans: Sequence[Plan]) -> SafeString:
    """All rows; every text in them is escaped here."""
    names = {spelling: plan.name for plan in plans for spelling in tiers.spellings(plan)}
    drawn = (_row(used, asked, measure, names) for used in rows)
    return mark_safe("".join(drawn))  # noqa: S308  # numbers of ours, and texts escaped below


def _row(used: Used, asked: Asked, measure: Gauge, names: dict[str, str]) -> str:
    now = used.now
    cells = (
        ("seat__plan", "", _plan(used, names)),
        ("seat__use", "", _use(used)),
        ("seat__overage number", "overage", _overage(used)),
        ("seat__clients", "", escape(clients_of(now.clients)) if now else NONE),
        ("seat__messages number", "messages", f"{now.messages:,}" if now else NONE),
        ("seat__trend", "", _trend(used, asked)),
        ("seat__last number", "last active", escape(day(used.last_day))),
        ("seat__state", "", _state(used, measure, names)),
    )
    columns = "".join(
        f'<td class="{kind}"{_label(label)}>{content}</td>' for kind, label, content in cells
    )
    return f'<tr class="seat">{_who(used)}{columns}</tr>'


def _label(name: str) -> str:
    return f' data-label="{name}"' if name else ""


def _who(used: Used) -> str:
    if used.member is None:
        name = f"{used.left.full_name}, left" if used.left else _email(used) or "Unknown"
        url, below = "", f"<code>{escape(used.user_id)}</code>"
    else:
        name, below = used.member.full_name, escape(used.member.email)
        url = reverse("onboarding:member", args=[used.member.pk])
    shown = f'<span class="seat__name">{escape(name)}</span>'
    if url:
        shown = f'<a class="seat__name" href="{url}">{escape(name)}</a>'
    return f'<th class="seat__who" scope="row">{shown}<span class="seat__below">{below}</span></th>'


def _email(used: Used) -> str:
    return used.now.report_email if used.now else ""


def _plan(used: Used, names: dict[str, str]) -> str:
    """The plan that was given, and the tier in the report where that is another."""
    tier = _tier(used, names)
    if used.plan is None:
        return escape(tier or NONE)
    if not used.is_wrong_tier:
        return escape(used.plan.name)
    return f'{escape(used.plan.name)}<span class="seat__below">report: {escape(tier)}</span>'


def _tier(used: Used, names: dict[str, str]) -> str:
    return names.get(used.now.tier, used.now.tier_text) if used.now else ""


def _use(used: Used) -> str:
    if used.percent is None or used.plan is None:
        return f'<span class="seat__figure">{credits_of(used.credits)}</span>'
    figure = f"{credits_of(used.credits)} of {used.plan.credits:,}"
    over = " seat__percent--over" if used.percent > 100 else ""
    return (
        f'<span class="seat__figure">{figure} <span class="seat__percent{over}">'
        f"{used.percent:.0f}%</span></span>{spark.share(used.percent)}"
    )


def _overage(used: Used) -> str:
    if not used.overage:
        return NONE
    if used.overage_price is None or used.plan is None:
        return credits_of(used.overage)
    price = money(used.overage_price, used.plan.currency)
    return f'{credits_of(used.overage)}<span class="seat__below">{price}</span>'


def _trend(used: Used, asked: Asked) -> str:
    months = asked.trend
    amounts = [used.months[m].credits_used if m in used.months else Decimal(0) for m in months]
    said = ", ".join(
        f"{month:%b} {credits_of(amount)}" for month, amount in zip(months, amounts, strict=True)
    )
    return spark.months(amounts, allowance=used.plan.credits if used.plan else 0, name=said)


def _state(used: Used, measure: Gauge, names: dict[str, str]) -> str:
    tone, text = _badge(used, measure, names)
    return f'<span class="badge badge--{tone}">{escape(text)}</span>'


def _badge(used: Used, measure: Gauge, names: dict[str, str]) -> tuple[str, str]:
    """Tone and words: the most telling thing alone."""
    if used.member is None:
        return "warn", "Not on the team"
    if used.is_wrong_tier:
        return "warn", f"Pays {used.member.plan.name}, works on {_tier(used, names)}"
    if used.is_idle:
        return "warn", _idle(used, measure)
    if used.now:
        return ("info", "In overage") if used.overage else ("good", "Working")
    return "quiet", "Not used" if used.member.seat_group_id else "No seat"


def _idle(used: Used, measure: Gauge) -> str:
    days = measure.quiet_days(used.last_day)
    price = money(used.plan.price, used.plan.currency).removesuffix(".00") if used.plan else ""
    return f"Never used, {price}" if days is None else f"Idle {days} days, {price}"
