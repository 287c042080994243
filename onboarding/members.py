"""A member's life on the team: added, set up again, invited again."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from onboarding import invitations, trouble
from onboarding.models import Member, Plan
from portal import audit, jobs
from portal.models import User, normalise_email


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
                next_try_at=timezone.now(),
            )
            member.user = _account(member)
            member.save(update_fields=["user"])
            jobs.ring_on_commit(member)
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
        return User.objects.create_user(
            member.email, role=User.Role.MEMBER, name=member.full_name
        )
    User.objects.filter(pk=user.pk).update(is_active=True)
    Member.objects.filter(user=user).exclude(pk=member.pk).update(user=None)
    return user


@transaction.atomic
def retry(member: Member, *, actor: User) -> None:
    """A founder asks for another try of whatever stopped: the set-up, or the mail."""
    if member.status in {Member.Status.FAILED, Member.Status.QUEUED}:
        jobs.retry_now(member, status=Member.Status.QUEUED)
        jobs.ring_on_commit(member)
    invitations.retry_mail(member)
    trouble.assess(member)
    audit.record("member.retried", subject=f"member:{member.pk}", actor=actor)
