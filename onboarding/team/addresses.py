"""A member's e-mail changes: the team's row, the account, and every way in by the old address."""

from allauth.account.models import EmailAddress

from onboarding.models import Member
from onboarding.team import invitations, trouble
from portal.models import User


class Taken(Exception):
    """The address belongs to another member's account."""


def move(member: Member, *, email: str, actor: User) -> None:
    """On a held row, in the caller's transaction. Raises: Taken, django.db.IntegrityError.

    Whoever reads the old mailbox gets in no more: neither by a mailed code nor by an invitation.
    """
    member.email, member.user = email, _account(member, email)
    member.save(update_fields=["email", "user"])
    if member.invited_at and not member.invitation_used_at:
        invitations.resend(member, actor=actor)
    trouble.assess(member)  # mail to the old address may have been refused


def _account(member: Member, email: str) -> User:
    """The member's own account under the new address, or the one that has it already."""
    there = User.objects.filter(email=email).first()
    if there is None:
        return _moved(member, email)
    if there == member.user:
        return there
    if Member.objects.on_team().filter(user=there).exists():
        raise Taken(email)
    Member.objects.filter(user=there).update(user=None)  # who had it and left
    User.deactivate(User.objects.filter(member=member, role=User.Role.MEMBER))
    User.objects.filter(pk=there.pk).update(is_active=True)
    return there


def _moved(member: Member, email: str) -> User:
    """A founder's own sign-in stays what it is: the member gets another."""
    user = member.user
    if user is None or user.is_founder:
        return User.objects.create_user(email, role=User.Role.MEMBER, name=member.full_name)
    user.email = email
    user.save(update_fields=["email"])
    EmailAddress.objects.filter(user=user).delete()  # allauth's copy, which it makes again
    return user
