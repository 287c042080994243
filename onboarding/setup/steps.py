"""The guide as data: the prerequisites, then the seven steps that AWS publishes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """One step. `link` names a page of `console`; `checks` what tells its verdict; `ticks` what a
    founder confirms, with the words for it."""

    title: str
    why: str
    do: str
    link: str
    link_text: str
    checks: tuple[str, ...]
    ticks: tuple[tuple[str, str], ...] = ()
    is_here: bool = False
    """The link leads to a page of the portal, not of AWS."""
    shown_at: str = ""
    """A page of the portal, named as in `console`, that shows the same."""
    shown_as: str = ""


STEPS = (
    Text(
        "Before you begin",
        "The portal works with your account's own credentials, and Kiro is paid out of a credit"
        " grant on that account.",
        "Give the portal credentials with its policy, connect it, and redeem the grant.",
        "connect",
        "Connect AWS",
        ("credentials", "credits"),
        is_here=True,
    ),
    Text(
        "Open IAM Identity Center",
        "It is where your company's people live. Credits only pay for Kiro when people sign in"
        " through it.",
        "Enable an organization instance, in the Region that is to keep your people.",
        "identity-center",
        "Identity Center",
        ("instance", "store"),
    ),
    Text(
        "Look at permission sets",
        "They say who may do what in your AWS accounts. Kiro needs none; you will when the team"
        " grows.",
        "Open the list once, so that you know where it is.",
        "permission-sets",
        "Permission sets",
        ("permission-sets",),
        (("permission-sets", "I have looked at the permission sets"),),
        shown_at="access",
        shown_as="the Access page",
    ),
    Text(
        "Create a user for each team member",
        "The portal does this: the user, the seat and the invitation. The e-mail must be one that"
        " the person reads.",
        "Add people on the Team page, one by one or from a list.",
        "team",
        "Team",
        ("users", "seat-group"),
        is_here=True,
    ),
    Text(
        "Set up authentication",
        "Users made by a program have no password. AWS mails them a one-time code at the first"
        " sign-in, if this switch is on; then they choose a password and an MFA app.",
        "Settings, Authentication, Standard authentication: switch on Send email OTP.",
        "authentication",
        "Authentication settings",
        ("email-otp",),
        (("email-otp", "Send email OTP is on"),),
    ),
    Text(
        "Register with Kiro and subscribe the seat group",
        "Kiro becomes an application of Identity Center. A group that is subscribed to a plan makes"
        " a seat of every membership; Pro+ with 2,000 credits is what AWS recommends.",
        "In the Kiro console: sign up, then Users & Groups, add the seat group, pick its plan.",
        "kiro",
        "Kiro console",
        ("application", "application-approved", "subscribed", "refusals"),
        (
            ("application-approved", "The Kiro application is approved"),
            ("group-subscribed", "The default plan's seat group is subscribed"),
        ),
    ),
    Text(
        "Sign in to Kiro with the organization",
        "Only the organization's identity uses the organization's plan and credits.",
        "Every member follows the checklist and verifies the plan at its end.",
        "team",
        "Team",
        ("verified",),
        is_here=True,
    ),
    Text(
        "Watch usage and cost",
        "Credits are applied by themselves; when they are gone, normal billing starts without a"
        " word.",
        "Switch Cost Explorer on; it takes AWS a day to fill it.",
        "cost",
        "Cost Explorer",
        ("cost-explorer",),
    ),
)
