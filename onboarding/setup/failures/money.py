"""Limits, bills and credits (FACTS §1.6, §1.7, §2, §5)."""

from onboarding.setup.failures.kinds import FOUNDER, SUPPORT, YOURSELF, Failure

FAILURES = (
    Failure(
        "credits-used",
        "The plan's credits of this month are used up",
        "Each seat has its own credits, new on the first of the month. Overage is off unless it is"
        " switched on for the whole profile.",
        (
            "Check that Kiro shows the organization's plan and not a personal one.",
            "Ask your founder for a larger plan: an upgrade counts at once.",
        ),
        FOUNDER,
        (
            "reached your monthly limit",
            "monthly usage limit",
            "monthly_request_count",
            "you have used all your credits",
            "you've used all your credits",
            "reached the limit for number of",
            "out of credits",
            "monthly request limit",
            "credit limit reached",
        ),
        "My Kiro plan's credits of this month are used up. Could I move to a larger plan?",
    ),
    Failure(
        "billed-twice",
        "Billed twice",
        "An individual plan goes on beside the organization's seat until it is cancelled where it"
        " was bought: Builder ID, Google or GitHub.",
        (
            "Sign in to Kiro the way you used to, and cancel the individual plan.",
            "It runs to the end of the month; the organization's seat is not touched.",
        ),
        YOURSELF,
        (
            "billed twice",
            "charged twice",
            "double charged",
            "double billed",
            "billed two times",
            "two subscriptions with the same e-mail",
            "two subscriptions with the same email",
        ),
    ),
    Failure(
        "charged-after-cancelling",
        "Charged after cancelling",
        "A cancelled plan runs, and is charged in full, to the end of the month. A charge in a"
        " later month is a mistake on AWS's side.",
        ("Look at the charge's date.", "Later than the month of cancelling: ask for it back."),
        SUPPORT,
        (
            "charged after cancel",
            "charged after i cancel",
            "charged after we cancel",
            "still being charged after",
            "still charged after i cancel",
            "billed after cancel",
            "charged even though i cancel",
            "cancelled my subscription but",
            "canceled my subscription but",
        ),
        "The Kiro subscription was cancelled, and a later month is charged. Please refund it.",
    ),
    Failure(
        "payment-method",
        "The account's payment method is refused",
        "AWS wants a valid payment method even where credits pay for everything.",
        ("Billing console, Payment preferences: add or verify a card.", "Then subscribe again."),
        FOUNDER,
        (
            "invalid_payment_instrument",
            "invalidpaymentinstrument",
            "valid payment method",
            "payment method is invalid",
            "your payment method was declined",
        ),
    ),
    Failure(
        "credits-not-applied",
        "Credits are not applied",
        "Credits pay only for use under Identity Center, on the account that holds the grant, while"
        " it has not expired.",
        (
            "Look at Spend, Credits: what is left and until when.",
            "Check that members verified the organization's plan.",
        ),
        SUPPORT,
        (
            "credits are not being applied",
            "credits not applied",
            "credits were not applied",
            "credit was not applied",
            "promotional credit not applied",
            "kiro credits have expired",
            "aws credits have expired",
        ),
    ),
    Failure(
        "cost-explorer-off",
        "Cost Explorer is not switched on",
        "It is off until somebody opens it once in the Billing console.",
        ("Billing and Cost Management, Cost Explorer: open it.", "Its data come within a day."),
        FOUNDER,
        ("not enabled for cost explorer", "cost explorer is not enabled"),
    ),
    Failure(
        "cost-explorer-empty",
        "Cost Explorer has no data yet",
        "It was switched on less than a day ago, or there is nothing to tell for that time.",
        ("Wait a day, then refresh the spend.",),
        YOURSELF,
        ("dataunavailableexception", "cost explorer has no data yet"),
    ),
    Failure(
        "kiro-overloaded",
        "Kiro is overloaded",
        "Too many people use this model at the moment. Neither your plan nor your seat is to"
        " blame.",
        ("Choose another model, or try again in some minutes.",),
        YOURSELF,
        (
            "experiencing a high volume of traffic",
            "experiencing high traffic",
            "insufficient_model_capacity",
            "model is overloaded",
            "encountered unexpectedly high load",
        ),
    ),
)
