"""What the portal itself says."""

from onboarding.setup.failures.kinds import FOUNDER, Failure

FAILURES = (
    Failure(
        "not-connected",
        "The portal is not connected to AWS",
        "Nobody has picked an Identity Center instance yet.",
        ("Set-up, Connect AWS: look, pick the instance, connect.",),
        FOUNDER,
        ("portal is not connected to aws", "aws is not connected yet", "aws not connected"),
    ),
    Failure(
        "no-instance",
        "No Identity Center in that Region",
        "The credentials belong to another account, or Identity Center is in another Region.",
        (
            "Connect AWS: name other Regions and look again.",
            "None anywhere: enable Identity Center in the AWS console.",
        ),
        FOUNDER,
        ("see no identity center instance", "no identity center instance"),
    ),
    Failure(
        "store-in-use",
        "The identity store cannot be changed while members hang on it",
        "Members are users of the old store; moving would orphan their seats.",
        ("Offboard them, connect the new one, add them again.",),
        FOUNDER,
        ("are users of identity store", "offboard them before moving to"),
    ),
    Failure(
        "credentials-refused",
        "AWS refuses the portal's credentials",
        "All work pauses and is tried again every 30 seconds.",
        ("Give the portal valid credentials.", "Run the preflight to see what they lack."),
        FOUNDER,
        ("aws refuses our credentials", "aws does not accept the credentials"),
    ),
    Failure(
        "paid-limit",
        "The day's paid requests are used up",
        "The portal stops at a daily number of requests to Cost Explorer, at $0.01 each.",
        ("Wait until 00:00 UTC, or raise COST_EXPLORER_DAILY_LIMIT.",),
        FOUNDER,
        ("paid requests to cost explorer is reached",),
    ),
    Failure(
        "dead-link",
        "The invitation's link is used up or has expired",
        "Each link works once, and a newer invitation ends the older one.",
        ("Sign in with a code by mail, or ask your founder for a new invitation.",),
        FOUNDER,
        (
            "this invitation is no longer valid",
            "this link is no longer valid",
            "invitation has expired",
            "this link has expired",
        ),
        "My invitation's link does not work any more. Could you send a new one?",
    ),
)
