"""What AWS says to the portal and to whoever works with its command line (FACTS §3 to §8)."""

from onboarding.setup.failures.kinds import FOUNDER, SUPPORT, YOURSELF, Failure

FAILURES = (
    Failure(
        "no-credentials",
        "No AWS credentials",
        "The program finds no credentials: none in its environment, no role of the machine.",
        (
            (
                "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY where the portal runs, or give the"
                " machine a role."
            ),
            "Restart the portal's web and worker processes.",
        ),
        FOUNDER,
        (
            "unable to locate credentials",
            "nocredentialserror",
            "could not load credentials from any providers",
            "the portal has no aws credentials",
            "partial credentials found",
        ),
    ),
    Failure(
        "credentials-expired",
        "The AWS credentials have expired",
        "Temporary credentials last some hours. A role of the machine renews itself.",
        ("Give the portal fresh credentials, or better a role.", "Restart it."),
        FOUNDER,
        (
            "security token included in the request is expired",
            "expiredtokenexception",
            "(expiredtoken)",
            "token has expired and refresh",
            "error loading sso token",
        ),
    ),
    Failure(
        "credentials-invalid",
        "The AWS credentials are not known",
        "The key was deleted or mistyped, lacks its session token, or belongs to a Region that is"
        " not switched on.",
        (
            "Check that the key is active under IAM, Security credentials.",
            "Temporary keys need AWS_SESSION_TOKEN as well.",
        ),
        FOUNDER,
        (
            "security token included in the request is invalid",
            "invalidclienttokenid",
            "unrecognizedclientexception",
            "aws was not able to validate the provided access credentials",
        ),
    ),
    Failure(
        "clock",
        "The machine's clock is off",
        "AWS refuses requests signed more than five minutes before or after its own time.",
        ("Set the clock by NTP.", "If it is right, the secret key has a typing error."),
        FOUNDER,
        (
            "requesttimetooskewed",
            "signature expired",
            "signature not yet current",
            "signaturedoesnotmatch",
            "the request signature we calculated does not match",
        ),
    ),
    Failure(
        "permission-missing",
        "A permission is missing",
        "The credentials may not do this at AWS: the action is not in their policy, or a rule of"
        " the organization forbids it.",
        (
            "Compare with the portal's policy, Set-up, Policy, and add what is missing.",
            "With “explicit deny”: an SCP or a permissions boundary forbids it.",
        ),
        FOUNDER,
        (
            "is not authorized to perform",
            "not authorized to perform: ",
            "explicit deny in a service control policy",
            "explicit deny in a permissions boundary",
        ),
        "The portal's policy in IAM lacks the action that the message names. Could you add it?",
    ),
    Failure(
        "access-denied",
        "AWS denies access",
        "Something is not allowed; the text does not say what.",
        ("Paste the whole message, with the name of the action.", "Run the preflight."),
        FOUNDER,
        ("accessdeniedexception", "error occurred (accessdenied)", "<code>accessdenied</code>"),
        is_general=True,
    ),
    Failure(
        "kms",
        "Identity Center's own key keeps Kiro out",
        "Identity Center is encrypted with a customer managed key whose policy does not allow Kiro"
        " or the portal.",
        ("Add the statements of Kiro's documentation to the key's policy.",),
        FOUNDER,
        (
            ("is not authorized to perform", "kms:decrypt"),
            ("kms", "accessdeniedexception", "ciphertext"),
            "kmsaccessdenied",
            ("customer managed", "kms key", "identity center"),
        ),
    ),
    Failure(
        "value-refused",
        "AWS does not accept a value",
        "Something in the request has not the form AWS wants: a name with odd letters, an e-mail"
        " that is none, an id or Region with a typing error.",
        (
            "Read on after “ValidationException”: AWS names the field and the form it wants.",
            "Correct it on the member's page or under Connect AWS, then Try again.",
        ),
        FOUNDER,
        ("validationexception", "failed to satisfy constraint", "value failed to satisfy"),
        is_general=True,
    ),
    Failure(
        "already-there",
        "Somebody with this name or e-mail is there already",
        "Identity Center has a user of the same user name or e-mail. The portal adopts the one with"
        " the same e-mail and leaves others alone.",
        (
            "Open the member's page: it names the user that stands in the way.",
            "Rename or delete that user in Identity Center, then Try again.",
        ),
        FOUNDER,
        (
            "uniqueness_constraint_violation",
            "duplicate username",
            "username already exists",
            "name taken by someone else",
            "user with this user name already exists",
            "(service: identitystore; status code: 409",
            ("conflictexception", "createuser"),
        ),
    ),
    Failure(
        "changed-meanwhile",
        "Somebody else changed it at the same time",
        "Another tool wrote to the same user at that moment.",
        ("Try again.",),
        YOURSELF,
        ("concurrent_modification", "concurrent modification"),
    ),
    Failure(
        "throttled",
        "Too many requests to AWS",
        "Identity Center allows 20 requests a second for all tools of the account together.",
        ("Wait: the portal slows down and tries again by itself.",),
        YOURSELF,
        (
            "throttlingexception",
            "rate exceeded",
            "toomanyrequestsexception",
            "requestlimitexceeded",
        ),
        is_general=True,
    ),
    Failure(
        "quota",
        "A quota of AWS is used up",
        "The account has as many of these as AWS allows.",
        ("Service Quotas console: ask for more.",),
        SUPPORT,
        ("servicequotaexceededexception",),
        is_general=True,
    ),
    Failure(
        "group-gone",
        "The seat group is gone",
        "The group that stands for a plan was deleted in Identity Center.",
        ("Connect AWS: pick or create the group.", "Subscribe it in the Kiro console."),
        FOUNDER,
        (
            ("resourcenotfoundexception", "group not found"),
            ("resourcenotfoundexception", "resourcetype", "group"),
            "group does not exist in the identity store",
        ),
    ),
    Failure(
        "external-directory",
        "People are managed elsewhere",
        "Identity Center takes its users from another directory (Google, Okta, Entra, Active"
        " Directory), so nobody can be created in it.",
        ("Create the person in that directory; it passes them on.", "Then add them here."),
        FOUNDER,
        (
            "managed by an external identity provider",
            "external identity source",
            "identity source is not identity center",
            "scim automatic provisioning is enabled",
        ),
    ),
    Failure(
        "account-instance",
        "An account instance cannot do this",
        "Identity Center of a single account has no permission sets. Kiro seats work all the same.",
        ("Leave permission sets aside, or enable an organization instance.",),
        FOUNDER,
        (
            "not supported for account instances",
            "account instance does not support",
            "not supported for account instance",
        ),
    ),
    Failure(
        "account-suspended",
        "The AWS account is suspended",
        "A bill is unpaid, or AWS has doubts about the account.",
        ("Look at the account's mail and at Billing.", "Then ask Support."),
        SUPPORT,
        (
            "account is suspended",
            "account has been suspended",
            "accountsuspended",
            "your account is currently blocked",
        ),
    ),
    Failure(
        "no-bucket",
        "The report's bucket is not there",
        "The name is wrong, or the bucket was deleted.",
        ("Kiro console, Settings: read the bucket's name.", "Correct it under Connect AWS."),
        FOUNDER,
        ("nosuchbucket", "specified bucket does not exist"),
    ),
    Failure(
        "mail-unverified",
        "The mail's sender or receiver is not verified in SES",
        "SES sends only from verified addresses and, in its sandbox, only to verified ones.",
        ("SES console: verify the sender, ask for production access.",),
        FOUNDER,
        ("email address is not verified", "identities failed the check in region"),
    ),
)
