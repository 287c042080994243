"""Why a founder should look at a member: worked out from the row, kept on it for the board."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.db.models import Func, Q, Subquery
from django.utils import timezone

from onboarding.models import Member
from onboarding.models.member import SEAT_TAKES
from onboarding.steps.verification import Verdict
from onboarding.team import telling
from portal.models import Notice
from portal.templatetags.portal import money

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
_EXPLANATIONS = {
    Trouble.WRONG_IDENTITY: "Signed in with a personal account: Kiro shows another identity.",
    Trouble.WRONG_PLAN: "Signed in under the organization, but Kiro shows another plan.",
    Trouble.PAYS_TWICE: "Still has an individual plan, billed on top of the seat.",
    Trouble.SEAT_MISSING: "In the seat group for more than 24 hours; Kiro shows no plan yet.",
    Trouble.SEAT_LOST: "Not in the seat group any more: somebody took the seat away in AWS.",
    Trouble.DISABLED: "Disabled in Identity Center: cannot sign in; the seat is still paid for.",
    Trouble.USER_MISSING: "The Identity Center user is gone: cannot sign in.",
    Trouble.STUCK: "No step taken for days. A friendly word or a new invitation may help.",
    Trouble.SAYS_SIGNED_IN: "Says done, but AWS has seen no sign-in of theirs for three days.",
    Trouble.ASKED_FOR_HELP: "Stuck on a step and waits for your answer.",
    Trouble.MAIL_REFUSED: "The mail server does not take mail for this address.",
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
    if member.status not in {Member.Status.INVITED, Member.Status.VERIFIED}:
        return None
    if not member.directory_trouble or _has_newer_seat(member):
        return None
    return Trouble(member.directory_trouble)


def _trouble_told(member: Member) -> Trouble | None:
    is_set_up = member.status in {Member.Status.INVITED, Member.Status.VERIFIED}
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
    if member.status not in {Member.Status.INVITED, Member.Status.VERIFIED}:
        return None
    if member.contradicted_at:
        return Trouble.SAYS_SIGNED_IN
    if member.status == Member.Status.VERIFIED:
        return None
    last_step = max(filter(None, [member.invited_at, member.last_activity_at]), default=None)
    return Trouble.STUCK if _is_over(last_step, STUCK_AFTER, now) else None


def _is_over(since: datetime | None, limit: timedelta, now: datetime) -> bool:
    return since is not None and now - since > limit


TELLERS: dict[str, Callable[[Member], str]] = {}
"""By trouble: who may know more of it than the row says; filled when the apps are loaded."""


def explain(member: Member) -> str:
    """One sentence for the founder: what AWS said, or what the trouble means."""
    known = TELLERS[member.trouble](member) if member.trouble in TELLERS else ""
    said = member.last_error or known or _EXPLANATIONS.get(Trouble(member.trouble), "")
    if member.trouble != Trouble.PAYS_TWICE:
        return said
    # Nobody but the member knows which plan it is; the seat's price is the likeliest.
    return f"{said} About {money(member.plan.price, member.plan.currency)} a month at risk."


def assess(member: Member) -> None:
    """Bring the trouble on the row up to date; `trouble_since` stays while it stays the same."""
    now = timezone.now()
    refused = Notice.objects.filter(about=f"member:{member.pk}", failure_code="refused")
    found = trouble_of(member, is_mail_refused=refused.exists(), now=now) or ""
    if found == member.trouble:
        return
    member.trouble, member.trouble_since = found, now if found else None
    Member.objects.filter(pk=member.pk).update(
        trouble=member.trouble, trouble_since=member.trouble_since
    )
    telling.in_trouble([member], found)


def assess_all(members: Iterable[Member]) -> None:
    """The same for many, in statements that do not grow with them."""
    now = timezone.now()
    refused = set(Notice.objects.filter(failure_code="refused").values_list("about", flat=True))
    changed: dict[str, list[Member]] = {}
    for member in members:
        is_refused = f"member:{member.pk}" in refused
        found = trouble_of(member, is_mail_refused=is_refused, now=now) or ""
        if found != member.trouble:
            member.trouble, member.trouble_since = found, now if found else None
            changed.setdefault(found, []).append(member)
    for found, people in changed.items():
        for start in range(0, len(people), CHUNK):
            pks = [member.pk for member in people[start : start + CHUNK]]
            since = now if found else None
            Member.objects.filter(pk__in=pks).update(trouble=found, trouble_since=since)
        telling.in_trouble(people, found)


def column() -> Subquery:
    """How many are in trouble, to go with the company's row; `Count` would group the members."""
    members = Member.objects.in_trouble().order_by()
    return Subquery(members.values(count=Func("pk", function="COUNT")))


def assess_waiting() -> None:
    """Look again at whoever time alone, or the mail server, can have brought into trouble."""
    refused = Notice.objects.filter(failure_code="refused").values_list("about", flat=True)
    pks = [int(about.partition(":")[2]) for about in refused if about.startswith("member:")]
    waiting = Member.objects.filter(status=Member.Status.INVITED).filter(
        Q(trouble="") | Q(trouble=Trouble.STUCK) | Q(pk__in=pks)
    )
    assess_all(waiting.iterator())
