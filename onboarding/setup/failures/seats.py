"""Seats and subscriptions (FACTS §1.1, §1.2, §1.5, §2)."""

from onboarding.setup.failures.kinds import FOUNDER, SUPPORT, YOURSELF, Failure

FAILURES = (
    Failure(
        "account-blocked",
        "AWS blocks this account from subscribing",
        "A block on AWS's side that hits accounts with startup credits. Changing Identity Center or"
        " permissions does not lift it, nor does trying again.",
        (
            "Run the preflight: it finds the refused requests and writes the Support text.",
            "Open a Support case from the console, signed in to this account.",
            "Do not set Identity Center up anew: that orphans seats.",
        ),
        SUPPORT,
        (
            "failed to create kiro subscription",
            "an error occurred while trying to create kiro subscription",
            "your account is not authorized to make this call",
            "not currently eligible to create new subscription",
            "subscription failed for 1 user",
            ("createassignment", "accessdenied"),
        ),
        "Creating Kiro subscriptions fails for this account with “Your account is not authorized to"
        " make this call” (CreateAssignment). Please check for an account-level block and lift it.",
    ),
    Failure(
        "no-subscription",
        "Signed in, but no seat behind the sign-in",
        "Identity Center knows you, but Kiro has no seat for you yet, or is itself missing from"
        " Identity Center. A new seat takes up to 24 hours.",
        (
            "Wait until 24 hours after the invitation, then sign in again.",
            "After that, tell your founder: the seat group must be subscribed in the Kiro console.",
        ),
        FOUNDER,
        (
            "authentication with iam identity center failed",
            "please verify you have an active subscription",
            "you do not have an active subscription",
            "you don't have an active subscription",
            "no active kiro subscription",
            "no subscription found",
            ("unable to load usage data", "authentication required or access denied"),
        ),
        "My sign-in works, but Kiro finds no active subscription. Is our seat group subscribed in"
        " the Kiro console, and have I been in it for more than 24 hours?",
    ),
    Failure(
        "no-application",
        "Kiro is missing in Identity Center",
        "Usually the Kiro console shows a plan, but Identity Center has no Kiro application, so"
        " signing in ends here.",
        (
            "Founder: run the preflight; it looks for the application.",
            "If it is missing: sign up in the Kiro console again, with this instance.",
        ),
        FOUNDER,
        ("authentication service error", ("initiatelogin", "unauthorized")),
        "Signing in ends with “Authentication service error”. Is Kiro listed among the applications"
        " in Identity Center?",
    ),
    Failure(
        "no-application-access",
        "The sign-in page shows no application",
        "You are known to Identity Center, but Kiro is not assigned to you or to your group.",
        (
            "Go on with Kiro itself: it does not need the page's list.",
            "If that fails, ask your founder.",
        ),
        FOUNDER,
        (
            "you do not have any applications",
            "you don't have any applications",
            "you do not have access to this application",
            "you don't have access to this application",
            "user is not assigned to the application",
            "no applications have been assigned",
        ),
    ),
    Failure(
        "pending",
        "The seat is pending",
        "A pending seat has never been signed in to. It becomes active, and is charged, with the"
        " first sign-in to Kiro under the organization.",
        (
            "Sign out of Kiro everywhere, sign in with the organization identity.",
            "Check the Region in the sign-in dialog: Identity Center's, not Kiro's.",
        ),
        YOURSELF,
        (
            "subscription status pending",
            "subscription is pending",
            "stuck on pending",
            "stays pending",
            "still shows pending",
            "remains in pending",
            ("kiro", "status pending"),
            ("members", "stay pending"),
            ("users", "stay pending"),
            ("kiro", "stuck in pending"),
            ("seat", "stuck in pending"),
            ("members", "remain pending"),
            ("users", "remain pending"),
            "subscription remains pending",
            ("kiro", "shows as pending"),
        ),
    ),
    Failure(
        "group-without-seats",
        "The group is subscribed, its members have no seat",
        "Kiro takes up to 24 hours to see a new member of a group; a group inside a group, and a"
        " group of another Identity Center, give no seat.",
        (
            "Wait 24 hours after joining the group.",
            "Check in the Kiro console that this group, with this id, is subscribed.",
            "Then remove the group's subscription and add it again.",
        ),
        FOUNDER,
        (
            "group is subscribed but",
            "users in the group do not appear",
            "users in the group are not subscribed",
            "group members not getting subscription",
            "subscribed group but seats never appear",
            ("group", "subscribed", "seats never appear"),
            ("group", "subscribed", "no seats"),
            ("group", "subscribed", "not showing"),
            ("group", "subscribed", "do not appear"),
            ("group", "subscribed", "don't appear"),
            ("group", "subscription", "not provisioned"),
        ),
    ),
    Failure(
        "no-profile",
        "No Kiro profile for this sign-in",
        "There is no Kiro profile in the Region that Kiro asks, or it was deleted.",
        (
            "Founder: open the Kiro console in us-east-1 or eu-central-1 and sign up there.",
            "Member: sign out, and sign in again once it is there.",
        ),
        FOUNDER,
        (
            "no available kiro profile",
            "no kiro profile",
            "no profiles found",
            "kiro profile does not exist",
            "listavailableprofiles",
            "profilearn is required",
            "failed to list available profiles",
        ),
    ),
    Failure(
        "orphaned-seats",
        "Seats of an Identity Center that is gone",
        "Deleting or resetting Identity Center leaves subscriptions that nobody can remove.",
        ("Do not reset it again.", "Ask Support to remove the orphaned subscriptions."),
        SUPPORT,
        (
            "orphaned subscription",
            "subscriptions from a deleted identity center",
            "after identity center was reset",
            "after deleting identity center",
            ("identity center", "orphaned"),
            ("identity center", "was deleted", "still", "subscription"),
            ("identity center", "recreated", "subscription"),
            ("deleted identity center", "still charged"),
            ("deleted identity center", "still billed"),
        ),
        "Identity Center was deleted and made anew; Kiro subscriptions of the old instance are"
        " orphaned and still charged. Please remove them.",
    ),
)
