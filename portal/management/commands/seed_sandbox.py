"""`manage.py seed_sandbox`: the sample company's rows in the portal, once."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from onboarding.models import Member, Plan, Step, StepRecord
from onboarding.setup import connection, first_looks
from onboarding.steps.verification import Verdict
from onboarding.team import invitations, trouble
from portal import audit
from portal.models import User, Workspace
from portal.sandbox import company
from portal.sandbox.company import Person

_VERDICTS = {"wrong identity": Verdict.PERSONAL, "seat not there": Verdict.NOT_YET}


class Command(BaseCommand):
    help = "Connect to the embedded AWS and make the sample company's founders and members."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.AWS_SANDBOX:
            raise CommandError("AWS_SANDBOX is off: the sample company belongs to the sandbox.")
        if Workspace.load().is_connected:
            return
        Workspace.objects.update(
            company_name=company.NAME,
            report_bucket=company.REPORT_BUCKET,
            report_prefix=company.REPORT_PREFIX,
        )
        connection.connect(region=settings.AWS_REGION)
        _make_people(timezone.now())
        first_looks.ask(now=timezone.now())


@transaction.atomic
def _make_people(now: datetime) -> None:
    for email, given_name, family_name in company.FOUNDERS:
        User.objects.create_user(email, role=User.Role.FOUNDER, name=f"{given_name} {family_name}")
    plans = {plan.code: plan for plan in Plan.objects.all()}
    past: list[dict[str, Any]] = []
    for person in company.PEOPLE:
        member = _make_member(person, plans[person.plan], now)
        _make_steps(member, person, now)
        trouble.assess(member)
        past += _past(member)
    for event in sorted(past, key=itemgetter("at")):
        audit.record(**event)


def _make_member(person: Person, plan: Plan, now: datetime) -> Member:
    added_at = now - timedelta(days=person.invited_days_ago, minutes=7)
    member = Member(
        email=person.email,
        given_name=person.given_name,
        family_name=person.family_name,
        plan=plan,
        added_at=added_at,
        user=User.objects.create_user(
            person.email, role=User.Role.MEMBER, name=person.display_name
        ),
    )
    if person.in_directory:
        _settle(member, person, plan, now)
    else:
        member.next_try_at = now
    member.save()
    return member


def _settle(member: Member, person: Person, plan: Plan, now: datetime) -> None:
    """As the portal left the member after the set-up; some have changed at AWS since."""
    told_or_seen = {*person.told, *person.seen}
    is_complete = len(told_or_seen) == len(Step)
    member.status = Member.Status.VERIFIED if is_complete else Member.Status.INVITED
    member.invited_at = member.seat_requested_at = member.added_at
    member.invitation_nonce = invitations.new_nonce()
    if told_or_seen:
        member.invitation_used_at = _begun_at(member, person)
    member.directory_user_id = person.directory_user_id
    member.directory_user_name = person.user_name
    member.origin = Member.Origin.CREATED
    member.seat_group_id = plan.seat_group_id
    member.steps_done = len(told_or_seen)
    member.individual_plan = person.individual_plan if told_or_seen else ""
    days_ago = [person.last_active_days_ago, person.signed_in_days_ago]
    last = next((days for days in days_ago if days is not None), None)
    if last is not None:
        member.last_activity_at = now - timedelta(days=last, minutes=20)
    member.verdict = next(
        (verdict for words, verdict in _VERDICTS.items() if person.trouble.startswith(words)), ""
    )
    if is_complete:
        member.verdict = Verdict.RIGHT


def _begun_at(member: Member, person: Person) -> datetime:
    return member.added_at + timedelta(hours=person.began_after_hours)


def _past(member: Member) -> Iterator[dict[str, Any]]:
    """The history that such a member would have, dated."""
    about = {"subject": f"member:{member.pk}", "detail": {"plan": member.plan.code}}
    founder = User.objects.filter(role=User.Role.FOUNDER).order_by("pk").first()
    yield {"action": "member.added", "actor": founder, "at": member.added_at, **about}
    if not member.invited_at:
        return
    for action in ("directory_user.created", "seat.requested", "member.set_up"):
        yield {"action": action, "at": member.invited_at, **about}
    for record in member.steps.exclude(told_at=None):
        yield {
            **about,
            "action": "step.told",
            "actor": member.user,
            "detail": {"step": record.step},
            "at": record.told_at,
        }


def _make_steps(member: Member, person: Person, now: datetime) -> None:
    begun_at = _begun_at(member, person)
    for number, step in enumerate(Step):
        told, seen = step.value in person.told, step.value in person.seen
        if not (told or seen):
            continue
        at = min(begun_at + timedelta(minutes=3 * (number + 1)), now)
        with_mfa = ", with MFA" if person.with_mfa and step == Step.ACTIVATE else ""
        StepRecord.objects.create(
            member=member,
            step=step,
            told_at=at if told else None,
            seen_at=at if seen else None,
            evidence=f"seen by the portal{with_mfa}" if seen else "",
        )
