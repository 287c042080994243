"""Telling founders: each cause once by mail, and on the overview until it is seen or over."""

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from billing.alerts import causes
from billing.alerts.causes import Cause, Expiry, Facts
from billing.amounts import ZERO
from billing.credit import outlook
from billing.credit.outlook import Outlook
from billing.models import Alert, Budget, Refresh
from billing.spending import seats, spend
from billing.spending.periods import add_months
from billing.spending.spend import Sums
from onboarding.models import Member
from portal import audit
from portal.mailing import notices
from portal.mailing.notices import Letter
from portal.models import Notice, User, Workspace
from portal.webhooks import publishing
from portal.webhooks.events import Event

NOTICE = "money-alert"

_PAGES = {
    Alert.Kind.CREDITS_END: ("billing:credits", "See how long they last"),
    Alert.Kind.GRANT_EXPIRES: ("billing:credits", "See how long they last"),
    Alert.Kind.NET_CHARGE: ("billing:spend", "See the spend"),
    Alert.Kind.BUDGET: ("billing:spend", "See the spend"),
    Alert.Kind.NO_SEATS: ("onboarding:team", "See the team"),
    Alert.Kind.STALE: ("billing:spend", "See the refreshes"),
}


def raise_due(now: datetime) -> list[Alert]:
    """Tell what is new, end what is over; the alerts that are new."""
    due = causes.due(gather(now))
    keys = [cause.key for cause in due]
    with transaction.atomic():
        Alert.objects.open().exclude(key__in=keys).update(ended_at=now)
        # The same cause again: it was told before, so it only shows again.
        Alert.objects.filter(key__in=keys).exclude(ended_at=None).update(ended_at=None)
        known = dict(Alert.objects.filter(key__in=keys).values_list("key", "text"))
        _keep_true([cause for cause in due if known.get(cause.key, cause.text) != cause.text])
        made = [_raise(cause, now) for cause in due if cause.key not in known]
    return [alert for alert in made if alert is not None]


def _keep_true(due: list[Cause]) -> None:
    """Days and amounts go on while the cause is the same."""
    for cause in due:
        Alert.objects.filter(key=cause.key).update(text=cause.text)


def _raise(cause: Cause, now: datetime) -> Alert | None:
    alert, is_new = Alert.objects.get_or_create(
        key=cause.key, defaults={"kind": cause.kind, "text": cause.text, "raised_at": now}
    )
    if not is_new:  # another worker was quicker
        return None
    for founder in User.objects.filter(role=User.Role.FOUNDER, is_active=True):
        key = f"{NOTICE}:{alert.pk}:{founder.pk}"
        notices.post(kind=NOTICE, key=key, to=founder.email, about=f"alert:{alert.pk}")
    publishing.publish(
        Event(f"money.{alert.kind}"),
        key=f"{NOTICE}:{alert.pk}",
        text=alert.text,
        path=page_of(alert)[0],
        data={"alert": alert.pk, "kind": str(alert.kind)},
    )
    return alert


@transaction.atomic
def mark_seen(alert: Alert, *, by: User, now: datetime) -> None:
    """Saying so twice is saying it once."""
    if Alert.objects.filter(pk=alert.pk, seen_at=None).update(seen_at=now, seen_by=by):
        audit.record("alert.seen", subject=f"alert:{alert.pk}", actor=by)


def page_of(alert: Alert) -> tuple[str, str]:
    """Where the alert leads, and what the link says."""
    name, words = _PAGES[Alert.Kind(alert.kind)]
    return reverse(name), words


# Facts -----------------------------------------------------------------------------------------


def gather(now: datetime) -> Facts:
    last, today = spend.readings(), now.date()
    found = outlook.load(
        service=Workspace.load().cost_service, today=today, refreshed_at=last.refreshed_at
    )
    budget, first = Budget.current(), Refresh.objects.order_by("pk").first()
    counted = found.portfolio.counted
    return Facts(
        now=now,
        currency=found.currency,
        runway=found.runway,
        newest_grant=max((each.grant.pk for each in counted), default=0),
        expiries=_expiries(found),
        months=_months(found, today),
        seats=Member.objects.on_team().filter(seats.HAS_SEAT).count(),
        budget=budget.amount if budget and budget.currency == found.currency else None,
        refreshed_at=last.refreshed_at,
        waiting_since=first.asked_at if first else None,
        trouble=last.trouble.reason if last.trouble else "",
    )


def _expiries(found: Outlook) -> tuple[Expiry, ...]:
    lapses = found.runway.lapses_by_grant
    return tuple(
        Expiry(each.grant.pk, each.grant.name, day, lapses.get(each.grant.pk, ZERO))
        for each in found.portfolio.counted
        if (day := each.grant.expires_on) is not None
    )


def _months(found: Outlook, today: date) -> dict[date, Sums]:
    first = add_months(today.replace(day=1), -2)
    return found.books.by_month(first, today).get(found.currency, {})


# The mail --------------------------------------------------------------------------------------


def render(notice: Notice) -> Letter:
    """Raises: notices.Obsolete when it is not so any more, or its reader is no founder now."""
    _, alert_pk, founder_pk = notice.key.split(":")
    alert = Alert.objects.open().filter(pk=alert_pk).first()
    founders = User.objects.filter(pk=founder_pk, role=User.Role.FOUNDER, is_active=True)
    if alert is None or not founders.exists():
        raise notices.Obsolete("It is over, or the reader is no founder any more.")
    page, words = page_of(alert)
    context = {
        "alert": alert,
        "company": Workspace.load().company_name,
        "link": settings.BASE_URL + page,
        "link_words": words,
    }
    return Letter(
        subject=f"{alert.get_kind_display()}: Kiro at {context['company']}",
        text=render_to_string("billing/email/alert.txt", context),
        html=render_to_string("billing/email/alert.html", context),
    )
