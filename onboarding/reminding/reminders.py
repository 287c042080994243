"""Reminders to members who have stopped half-way: rarely, in working hours, never twice.

Who is due is worked out from the row and the clock. What was sent is known by the outbox: the key
of a reminder names the member, the state they stopped in and the days, so each goes out once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from onboarding.models import Member, ReminderSettings, ReminderStop, Step
from onboarding.steps import current_step
from portal import audit
from portal.mailing import notices
from portal.mailing.notices import Letter
from portal.models import Notice, User, Workspace

KIND = "reminder"
WORK_BEGINS, WORK_ENDS = 9, 17
_SALT = "onboarding.reminders"

_OURS = [
    Member.Trouble.MAIL_REFUSED,
    Member.Trouble.WRONG_PLAN,
    Member.Trouble.SEAT_MISSING,
    Member.Trouble.SEAT_LOST,
    Member.Trouble.DISABLED,
    Member.Trouble.USER_MISSING,
    Member.Trouble.ASKED_FOR_HELP,
]
"""Troubles that a founder has to mend: to remind the member of them would be rude."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a member is, since when, and which reminders this state has had."""

    member_id: int
    email: str
    steps_done: int
    since: datetime
    had: frozenset[int] = frozenset()


def due(standing: Standing, *, now: datetime, rules: ReminderSettings) -> int | None:
    """After how many days a reminder is due now, if one is. Pure.

    After a pause or an outage only the latest goes out, not one for each that was missed; and
    no state has more than two, whichever days a founder chooses meanwhile.
    """
    if not is_working_hour(now, ZoneInfo(rules.time_zone)):
        return None
    if len(standing.had) >= len(rules.after_days):
        return None
    quiet = now - standing.since
    passed = max((days for days in rules.after_days if quiet >= timedelta(days=days)), default=None)
    return None if passed is None or passed <= max(standing.had, default=0) else passed


def is_working_hour(now: datetime, zone: ZoneInfo) -> bool:
    local = now.astimezone(zone)
    return local.weekday() < 5 and WORK_BEGINS <= local.hour < WORK_ENDS


def next_working_hour(now: datetime, zone: ZoneInfo) -> datetime:
    """Now, if it is one; else when work begins next. Pure."""
    if is_working_hour(now, zone):
        return now
    today = now.astimezone(zone).date()
    mornings = (
        datetime.combine(today + timedelta(days=days), time(WORK_BEGINS), zone) for days in range(8)
    )
    return next(each for each in mornings if each > now and is_working_hour(each, zone))


def wait_for_working_hour(now: datetime) -> None:
    """For letters that may have waited for a mail server into the night. Raises: notices.NotNow."""
    at = next_working_hour(now, ZoneInfo(ReminderSettings.load().time_zone))
    if at > now:
        raise notices.NotNow(at)


def send_due(*, now: datetime) -> int:
    """Put what is due into the outbox; how many."""
    rules = ReminderSettings.load()
    if rules.paused_at or not is_working_hour(now, ZoneInfo(rules.time_zone)):
        return 0
    sent = 0
    for standing in _standings(quiet_since=now - timedelta(days=min(rules.after_days))):
        if days := due(standing, now=now, rules=rules):
            _post(standing, days)
            sent += 1
    return sent


def _standings(*, quiet_since: datetime) -> Iterator[Standing]:
    had: dict[tuple[str, str], set[int]] = {}
    for key in Notice.objects.filter(kind=KIND).values_list("key", flat=True).iterator():
        _, pk, steps_done, days = key.split(":")
        had.setdefault((pk, steps_done), set()).add(int(days))
    for member in waiting().filter(invited_at__lte=quiet_since).iterator():
        stands = str(member.pk), str(member.steps_done)
        yield Standing(
            member_id=member.pk,
            email=member.email,
            steps_done=member.steps_done,
            since=max(filter(None, [member.invited_at, member.last_activity_at])),
            had=frozenset(had.get(stands, ())),
        )


def waiting() -> QuerySet[Member]:
    """Who may be reminded: half-way, and not waiting for us."""
    members = Member.objects.filter(status=Member.Status.INVITED)
    members = members.filter(steps_done__lt=len(Step), reminder_stop=None, leaves_on=None)
    return members.exclude(trouble__in=_OURS)


def _post(standing: Standing, days: int) -> None:
    notices.post(
        kind=KIND,
        key=f"{KIND}:{standing.member_id}:{standing.steps_done}:{days}",
        to=standing.email,
        about=f"member:{standing.member_id}",
    )


def render(notice: Notice) -> Letter:
    """Raises: notices.Obsolete when the member went on, left, or wants none; notices.NotNow."""
    _, pk, state, days = notice.key.split(":")
    member = waiting().filter(pk=pk, steps_done=state).select_related("plan").first()
    step = current_step.of(member.steps.values_list("step", flat=True)) if member else None
    if member is None or step is None or ReminderSettings.load().paused_at:
        raise notices.Obsolete("The member went on, has left or wants no reminders.")
    if _has_later(notice):
        raise notices.Obsolete("The mail server was away so long that the next one is due.")
    wait_for_working_hour(timezone.now())
    workspace = Workspace.load()
    context = {
        "member": member,
        "step": step.label,
        "left": len(Step) - member.steps_done,
        "days": int(days),
        "company": workspace.company_name,
        "link": settings.BASE_URL + reverse("onboarding:checklist"),
        "help_link": f"{settings.BASE_URL}{reverse('onboarding:help')}?step={step}",
        "stop_link": settings.BASE_URL
        + reverse("onboarding:reminders-stop", args=[token_of(member)]),
    }
    return Letter(
        subject=f"Kiro at {workspace.company_name}: next is “{step.label}”",
        text=render_to_string("onboarding/email/reminder.txt", context),
        html=render_to_string("onboarding/email/reminder.html", context),
        stop_link=context["stop_link"],
    )


def _has_later(notice: Notice) -> bool:
    """Whether another reminder of the same state went into the outbox after this one."""
    state, _, _ = notice.key.rpartition(":")
    return Notice.objects.filter(key__startswith=f"{state}:", pk__gt=notice.pk).exists()


# Stopping and pausing --------------------------------------------------------------------------


def token_of(member: Member) -> str:
    return signing.dumps(member.pk, salt=_SALT)


def member_of(token: str) -> Member | None:
    """Whose mail the link was in. Changes nothing."""
    try:
        pk = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return None
    return Member.objects.on_team().filter(pk=pk).first()


@transaction.atomic
def stop(member: Member, *, by: User | None = None) -> None:
    """No more reminders. `by`: the founder, when it is not the member's own wish."""
    _, is_new = ReminderStop.objects.get_or_create(
        member=member, defaults={"stopped_at": timezone.now(), "by_founder": by is not None}
    )
    if is_new:
        audit.record("reminders.stopped", subject=f"member:{member.pk}", actor=by or member.user)


@transaction.atomic
def resume(member: Member, *, by: User | None = None) -> None:
    if ReminderStop.objects.filter(member=member).delete()[0]:
        audit.record("reminders.resumed", subject=f"member:{member.pk}", actor=by or member.user)


@transaction.atomic
def pause(*, by: User) -> None:
    """Nobody is reminded until a founder says so."""
    row = ReminderSettings.objects.get_or_create(pk=1)[0]
    if row.paused_at is None:
        row.paused_at, row.paused_by = timezone.now(), by
        row.save(update_fields=["paused_at", "paused_by"])
        audit.record("reminders.paused", actor=by)


@transaction.atomic
def unpause(*, by: User) -> None:
    row = ReminderSettings.objects.filter(pk=1).exclude(paused_at=None)
    if row.update(paused_at=None, paused_by=None):
        audit.record("reminders.unpaused", actor=by)


@transaction.atomic
def set_time_zone(name: str, *, by: User) -> None:
    row = ReminderSettings.objects.get_or_create(pk=1)[0]
    if row.time_zone != name:
        row.time_zone = name
        row.save(update_fields=["time_zone"])
        audit.record("reminders.time_zone", actor=by, detail={"time_zone": name})


@transaction.atomic
def set_days(*, first: int, then: int, by: User) -> None:
    row = ReminderSettings.objects.get_or_create(pk=1)[0]
    if row.after_days != (first, then):
        row.first_after_days, row.then_after_days = first, then
        row.save(update_fields=["first_after_days", "then_after_days"])
        audit.record("reminders.days", actor=by, detail={"first": first, "then": then})
