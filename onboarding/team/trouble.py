"""Why a founder should look at a member: worked out from the row, kept on it for the board."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Func, Max, Q, Subquery
from django.utils import timezone

from onboarding.models import Member
from onboarding.models.member import SEAT_TAKES
from onboarding.steps.verification import Verdict
from onboarding.team import webhook_events
from portal.models import Notice

Trouble = Member.Trouble


class NeedsPerson(Exception):
    """Only a person can settle this; `code` is a `Member.Trouble`."""

    def __init__(self, code: Member.Trouble, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


STUCK_AFTER = timedelta(days=3)
CHUNK = 1000

_OF_VERDICT = {
    Verdict.PERSONAL: Trouble.WRONG_IDENTITY,
    Verdict.WRONG_PLAN: Trouble.WRONG_PLAN,
}


def trouble_of(member: Member, *, is_mail_refused: bool, now: datetime) -> Trouble | None:
    """The first thing that keeps the member from working, or None. Pure."""
    if member.status == Member.Status.REMOVED:
        return None
    if member.is_quarantined:
        return Trouble.KEEPS_FAILING
    if member.failure_code in Trouble.values:
        return Trouble(member.failure_code)
    if member.status == Member.Status.FAILED:
        return Trouble.REFUSED
    return (
        _trouble_in_directory(member)
        or _trouble_told(member)
        or _trouble_of_invited(member, is_mail_refused=is_mail_refused, now=now)
        or _trouble_of_silence(member, now=now)
    )


def _trouble_in_directory(member: Member) -> Trouble | None:
    """What somebody did at Identity Center to a member who was set up."""
    if member.status not in Member.SET_UP:
        return None
    if not member.directory_trouble or _has_newer_seat(member):
        return None
    return Trouble(member.directory_trouble)


def _trouble_told(member: Member) -> Trouble | None:
    is_set_up = member.status in Member.SET_UP
    return Trouble.ASKED_FOR_HELP if is_set_up and member.asked_for_help_at else None


def _has_newer_seat(member: Member) -> bool:
    """The seat that was lost has been asked for again since that was seen."""
    asked_at, checked_at = member.seat_requested_at, member.directory_checked_at
    is_newer = asked_at is not None and checked_at is not None and asked_at > checked_at
    return member.directory_trouble == Trouble.SEAT_LOST and is_newer


def _trouble_of_invited(member: Member, *, is_mail_refused: bool, now: datetime) -> Trouble | None:
    if member.status != Member.Status.INVITED:
        return None
    if is_mail_refused:
        return Trouble.MAIL_REFUSED
    if of_verdict := _OF_VERDICT.get(member.verdict):  # type: ignore[call-overload]  # a str key
        return Trouble(of_verdict)
    if member.individual_plan == Member.IndividualPlan.STILL_PAID:
        return Trouble.PAYS_TWICE
    if member.verdict == Verdict.NOT_YET and _is_over(member.seat_requested_at, SEAT_TAKES, now):
        return Trouble.SEAT_MISSING
    return None


def _trouble_of_silence(member: Member, *, now: datetime) -> Trouble | None:
    """What AWS has not seen, and what has not been said, for days."""
    if member.status not in Member.SET_UP:
        return None
    if member.contradicted_at:
        return Trouble.SAYS_SIGNED_IN
    if member.status == Member.Status.VERIFIED:
        return None
    last_step = max(filter(None, [member.invited_at, member.last_activity_at]), default=None)
    return Trouble.STUCK if _is_over(last_step, STUCK_AFTER, now) else None


def _is_over(since: datetime | None, limit: timedelta, now: datetime) -> bool:
    return since is not None and now - since > limit


def assess(member: Member) -> None:
    """Bring the trouble on the row up to date; `trouble_since` stays while it stays the same."""
    now = timezone.now()
    found = trouble_of(member, is_mail_refused=_is_mail_refused(member), now=now) or ""
    if found == member.trouble:
        return
    member.trouble, member.trouble_since = found, now if found else None
    Member.objects.filter(pk=member.pk).update(
        trouble=member.trouble, trouble_since=member.trouble_since
    )
    webhook_events.in_trouble([member], found)


def assess_all(members: Iterable[Member]) -> None:
    """The same for many, in statements that do not grow with them."""
    now, refused = timezone.now(), _refused()
    changed: dict[str, list[Member]] = {}
    for member in members:
        is_refused = (f"member:{member.pk}", member.email) in refused
        found = trouble_of(member, is_mail_refused=is_refused, now=now) or ""
        if found != member.trouble:
            member.trouble, member.trouble_since = found, now if found else None
            changed.setdefault(found, []).append(member)
    for found, people in changed.items():
        for start in range(0, len(people), CHUNK):
            pks = [member.pk for member in people[start : start + CHUNK]]
            since = now if found else None
            Member.objects.filter(pk__in=pks).update(trouble=found, trouble_since=since)
        webhook_events.in_trouble(people, found)


def _is_mail_refused(member: Member) -> bool:
    """The newest mail to the address that the member has now; what was before is healed by it."""
    mails = Notice.objects.filter(about=f"member:{member.pk}", to=member.email).order_by("-pk")
    return mails.values_list("failure_code", flat=True).first() == "refused"


def _refused() -> set[tuple[str, str]]:
    """The same of everybody: whom the mail was about, and the address."""
    refused = Notice.objects.filter(failure_code="refused").exclude(about="")
    of_them = Notice.objects.filter(about__in=refused.values("about")).values("about", "to")
    newest = of_them.order_by().annotate(newest=Max("pk")).values("newest")
    return set(refused.filter(pk__in=newest).values_list("about", "to"))


def column() -> Subquery:
    """How many are in trouble, to go with the company's row; `Count` would group the members."""
    members = Member.objects.in_trouble().order_by()
    return Subquery(members.values(count=Func("pk", function="COUNT")))


def assess_waiting() -> None:
    """Look again at whoever time alone, or the mail server, can have brought into trouble."""
    pks = [int(about.partition(":")[2]) for about, _ in _refused() if about.startswith("member:")]
    may_change = Q(trouble__in=["", Trouble.STUCK, Trouble.MAIL_REFUSED])
    waiting = Member.objects.filter(status=Member.Status.INVITED).filter(may_change | Q(pk__in=pks))
    assess_all(waiting.iterator())
