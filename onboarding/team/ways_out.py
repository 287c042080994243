"""What a founder can do about a trouble, in words and with the one button that helps."""

from dataclasses import dataclass

from django.urls import reverse

from onboarding.models import Member

Trouble = Member.Trouble


@dataclass(frozen=True, slots=True)
class WayOut:
    """`url`: where the button leads, or what it posts to; empty when there is none."""

    advice: str
    label: str = ""
    url: str = ""
    is_post: bool = False


_IN_KIRO = (
    "Look in the Kiro console, under Users & Groups, whether the seat group is subscribed to this"
    " plan. If it is, only AWS Support can help."
)
_ADVICE = {
    Trouble.NOT_CONNECTED: "Their set-up begins by itself once AWS is connected.",
    Trouble.WRONG_IDENTITY: "Their checklist tells them to sign out of Kiro everywhere, and in"
    " again with the organization identity.",
    Trouble.WRONG_PLAN: _IN_KIRO,
    Trouble.PAYS_TWICE: "Their checklist says how to cancel, for each way of signing in.",
    Trouble.SEAT_MISSING: _IN_KIRO,
    Trouble.SEAT_LOST: "Restore the seat, or let them go: Drift has a button for each.",
    Trouble.DISABLED: "Enable the user in Identity Center, or offboard them.",
    Trouble.USER_MISSING: "Have the user created again, or offboard them: Drift has both.",
    Trouble.STUCK: "A new invitation reminds them.",
    Trouble.SAYS_SIGNED_IN: "Ask them to sign in once at the sign-in URL; their checklist has it.",
    Trouble.MAIL_REFUSED: "Ask them whether the mailbox works, then invite them again.",
}
_PAGES = {
    Trouble.NOT_CONNECTED: ("Connect AWS", "onboarding:setup-aws"),
    Trouble.WRONG_PLAN: ("Open the guide", "onboarding:setup"),
    Trouble.SEAT_MISSING: ("Open the guide", "onboarding:setup"),
    Trouble.SEAT_LOST: ("Mend", "onboarding:drift"),
    Trouble.DISABLED: ("Mend", "onboarding:drift"),
    Trouble.USER_MISSING: ("Mend", "onboarding:drift"),
}


def of(member: Member) -> WayOut | None:
    """None where trying again is all there is, or the reason says what to do."""
    advice = _ADVICE.get(Trouble(member.trouble)) if member.trouble else None
    if advice is None:
        return None
    if page := _PAGES.get(Trouble(member.trouble)):
        return WayOut(advice, page[0], reverse(page[1]))
    if member.status == Member.Status.INVITED:
        url = reverse("onboarding:member-resend", args=[member.pk])
        return WayOut(advice, "Invite again", url, is_post=True)
    return WayOut(advice)
