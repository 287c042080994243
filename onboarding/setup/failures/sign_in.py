"""Signing in: Region, identity, codes (FACTS §1.3, §1.4, §3)."""

from onboarding.setup.failures.kinds import FOUNDER, YOURSELF, Failure

FAILURES = (
    Failure(
        "wrong-region",
        "Wrong Region or sign-in URL at sign-in",
        "Kiro asks for the Region of Identity Center, not of Kiro's profile; the sign-in URL"
        " belongs to that Region alone.",
        (
            "Copy the sign-in URL and the Region from your checklist, step 4.",
            "Sign in again with both.",
        ),
        YOURSELF,
        (
            "invalid start url",
            "start url is not valid",
            "starturl is invalid",
            "the start url and region do not match",
            "could not resolve the start url",
            ("invalidrequestexception", "start url"),
            ("invalid_request", "start url"),
            ("invalidrequestexception", "issuer url"),
            "invalid client provided",
            ("unauthorized_client", "client is unauthorized"),
        ),
    ),
    Failure(
        "sign-in-unfinished",
        "Kiro could not finish the sign-in",
        "The message does not say why. Most often the Region is Kiro's instead of Identity"
        " Center's; else an old session is in the way.",
        (
            "Sign in again with the sign-in URL and the Region from your checklist, step 4.",
            "Then once more in a private window.",
        ),
        FOUNDER,
        ("there was an error signing you in", "signin failed. please try again"),
        is_general=True,
    ),
    Failure(
        "personal-account",
        "Kiro shows a personal account",
        "The same e-mail at Builder ID, Google, GitHub and the organization is four accounts."
        " Fifty free credits are the mark of a personal one.",
        (
            "Sign out of Kiro in the IDE, the CLI and the web.",
            "Sign in with “organizational identity”, never with Builder ID, Google or GitHub.",
        ),
        YOURSELF,
        (
            "50 free credits",
            "of 50 credits",
            "0 / 50 credits",
            "kiro free plan",
            "plan: kiro free",
            "upgrade from free",
            "signed in with builder id",
            "logged in with builder id",
            "signed in with google",
            "logged in with google",
            "signed in with github",
            "logged in with github",
        ),
    ),
    Failure(
        "old-user-kept",
        "Sign-out keeps the old user",
        "The browser still has the old session, and Kiro takes it without asking.",
        (
            "Sign out in Kiro, then of the sign-in page in the browser, then close Kiro.",
            "Sign in again in a private window.",
        ),
        YOURSELF,
        (
            "keeps signing me in as",
            "keeps logging me in as",
            "still signed in as the old",
            "still logged in as the old",
            "sign out keeps the old user",
            "sign-out does not switch",
        ),
    ),
    Failure(
        "code-not-sent",
        "The one-time code does not arrive",
        "AWS sends it at the first sign-in attempt, and only if Send email OTP is on in Identity"
        " Center. Mail filters like to hold it back.",
        (
            "Look for a mail from no-reply@signin.aws or login.awsapps.com, in spam as well.",
            "Founder: Identity Center, Settings, Authentication: switch Send email OTP on.",
        ),
        FOUNDER,
        (
            "did not receive the verification code",
            "didn't receive the verification code",
            "have not received the one-time",
            "haven't received the one-time",
            "no one-time password",
            "no one-time code",
            "did not receive the one-time",
            "didn't receive the one-time",
            "one-time passcode never arrives",
            "otp email not received",
            "never got the otp",
        ),
        "The one-time code for my first AWS sign-in does not arrive. Is “Send email OTP” on in"
        " Identity Center (Settings, Authentication)?",
    ),
    Failure(
        "sign-in-refused",
        "User name or password refused",
        "The user name is the one in the invitation, often the e-mail. Before the first sign-in"
        " there is no password: the one-time code comes first.",
        (
            "Copy the user name from your checklist.",
            "Choose “Forgot password” to set a new one by mail.",
        ),
        YOURSELF,
        (
            "couldn't verify your sign-in credentials",
            "could not verify your sign-in credentials",
            "your authentication information is incorrect",
            "incorrect username or password",
        ),
    ),
    Failure(
        "mfa-code",
        "The MFA code is refused",
        "The clock of the phone is off, or the code belongs to another account.",
        (
            "Set the phone's clock to automatic and take the next code.",
            "Lost the phone: your founder removes the device in Identity Center.",
        ),
        FOUNDER,
        (
            "invalid mfa code",
            "mfa code is incorrect",
            "incorrect mfa code",
            "mfa device could not be registered",
            "invalid mfa credentials",
            "mfa authentication failed",
        ),
        "I cannot pass MFA at the AWS sign-in. Please remove my MFA device in Identity Center, so"
        " that I can register it again.",
    ),
    Failure(
        "user-disabled",
        "The user is disabled in Identity Center",
        "Somebody disabled the user there; the seat may still be paid for.",
        ("Ask your founder to enable you again.",),
        FOUNDER,
        (
            "your account has been disabled",
            "the user is disabled",
            "user account is disabled",
            "your user has been disabled",
        ),
        "My user in IAM Identity Center is disabled. Please enable it.",
    ),
    Failure(
        "device-code",
        "The sign-in was not finished in time",
        "The browser part has to be confirmed within ten minutes of starting it in Kiro.",
        ("Start the sign-in again and confirm it in the browser at once.",),
        YOURSELF,
        (
            "authorizationpendingexception",
            "authorization_pending",
            "device code has expired",
            "device authorization code expired",
            ("expiredtokenexception", "device"),
            "sign-in request timed out",
            "timed out waiting for authentication",
            "timed out waiting for browser",
        ),
    ),
    Failure(
        "session-ended",
        "The session has ended",
        "Identity Center's session ran out, or your seat was changed meanwhile.",
        ("Sign out of Kiro and sign in again with the organization identity.",),
        YOURSELF,
        (
            "the bearer token included in the request is invalid",
            "invalidgrantexception",
            "invalid_grant",
            "refresh token has expired",
            "refresh token is invalid",
            "your session has expired",
            "token has expired and refresh failed",
        ),
    ),
)
