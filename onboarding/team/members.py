"""A member's life on the team: added, set up again, invited again."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone

from onboarding.models import Member, Plan
from onboarding.steps.verification import Verdict
from onboarding.team import holding, invitations, trouble
from portal import audit, jobs
from portal.models import User, normalise_email
from portal.templatetags.portal import money


class AlreadyOnTeam(Exception):
    """Somebody with this e-mail is on the team."""


def add(*, email: str, given_name: str, family_name: str, plan: Plan, actor: User) -> Member:
    """Put a person on the team and ask for the work at AWS. Raises: AlreadyOnTeam."""
    email = normalise_email(email)
    try:
        with transaction.atomic():
            member = Member.objects.create(
                email=email,
                given_name=given_name,
                family_name=family_name,
                plan=plan,
                added_by=actor,
                next_try_at=timezone.now(),
            )
            member.user = _account(member)
            member.save(update_fields=["user"])
            jobs.enqueue_on_commit(member)
            audit.record(
                "member.added",
                subject=f"member:{member.pk}",
                actor=actor,
                detail={"email": email, "plan": plan.code},
            )
    except IntegrityError as error:
        raise AlreadyOnTeam(email) from error
    return member


def _account(member: Member) -> User:
    """The member's way into this portal; a founder who joins the team stays a founder."""
    user = User.objects.filter(email=member.email).first()
    if user is None:
        return User.objects.create_user(member.email, role=User.Role.MEMBER, name=member.full_name)
    User.objects.filter(pk=user.pk).update(is_active=True)
    Member.objects.filter(user=user).exclude(pk=member.pk).update(user=None)
    return user


@transaction.atomic
def retry(member: Member, *, actor: User) -> None:
    """A founder asks for another try of whatever stopped: the set-up, or the mail.

    Raises: holding.HasLeft.
    """
    held = holding.on_team(member)
    is_new = held.status in {Member.Status.FAILED, Member.Status.QUEUED}
    if is_new or held.last_error:  # a set-up, a change of plan, or leaving
        jobs.retry_now(held, status=Member.Status.QUEUED if is_new else held.status)
        jobs.enqueue_on_commit(held)
    invitations.retry_mail(held)
    trouble.assess(held)
    audit.record("member.retried", subject=f"member:{held.pk}", actor=actor)


@transaction.atomic
def rename(member: Member, *, given_name: str, family_name: str, actor: User) -> None:
    """Another name, here and (by a worker) in Identity Center. Raises: holding.HasLeft."""
    held = holding.staying(member)
    if (held.given_name, held.family_name) == (given_name, family_name):
        return
    held.given_name, held.family_name = given_name, family_name
    held.is_name_to_send = bool(held.directory_user_id)
    held.save(update_fields=["given_name", "family_name", "is_name_to_send"])
    User.objects.filter(member=held, role=User.Role.MEMBER).update(name=held.full_name)
    if held.is_name_to_send:
        jobs.retry_now(held)
        jobs.enqueue_on_commit(held)
    audit.record("member.renamed", subject=f"member:{held.pk}", actor=actor)


@dataclass(frozen=True, slots=True)
class PlanChange:
    """What a change of plan costs, and from when (Kiro: up at once, down from next month)."""

    old: Plan
    new: Plan

    @property
    def difference(self) -> Decimal:
        """A month; negative when the new plan is cheaper."""
        return self.new.price - self.old.price

    @property
    def is_at_once(self) -> bool:
        return self.difference > 0

    def __str__(self) -> str:
        when = "at once" if self.is_at_once else "from next month"
        old, new = (money(plan.price, plan.currency) for plan in (self.old, self.new))
        return f"{self.old} → {self.new}: {new} a month instead of {old}, {when}"


@transaction.atomic
def change_plan(member: Member, plan: Plan, *, actor: User) -> PlanChange:
    """Give the member another plan; the seat follows by itself. Raises: holding.HasLeft."""
    held = holding.staying(member)
    change = PlanChange(held.plan, plan)
    if held.plan_id == plan.pk:
        return change
    held.plan = plan
    if held.verdict == Verdict.WRONG_PLAN:
        held.verdict, held.verdict_at = "", None
    held.save(update_fields=["plan", "verdict", "verdict_at"])
    jobs.retry_now(held)
    jobs.enqueue_on_commit(held)
    trouble.assess(held)
    audit.record(
        "member.plan_changed",
        subject=f"member:{held.pk}",
        actor=actor,
        detail={"from": change.old.code, "to": plan.code},
    )
    return change
