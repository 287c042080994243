"""Errors as people paste them: cut, wrapped, quoted. A wrong answer is worse than none."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.models import UnknownError
from onboarding.setup import failures
from onboarding.setup.failures import german
from onboarding.setup.troubleshooting import diagnose, without_secrets
from tests.factories import make_founder, make_member, make_workspace

URL = "/setup/troubleshoot/"

PASTED = [
    ("account-blocked", "Failed to create Kiro subscription for 1 user\nAn error occurred while trying to create Kiro subscriptions."),
    ("account-blocked", "« Your account is not authorized\nto make this call. »"),
    ("account-blocked", "AccessDeniedException: your account is NOT currently eligible to create new subscriptions. Contact support."),
    ("account-blocked", "Failed to create Kiro subscription for 1 user and group."),
    ("account-blocked", '{"eventName":"CreateAssignment","errorCode":"AccessDeniedException","errorMessage":"Your account is not authorized to make this call."}'),
    ("no-subscription", "Authentication with IAM Identity Center failed. Please verify you have an active subscription"),
    ("no-subscription", "2026-11-20 10:01:22 [error] Authentication with IAM Ident"),
    ("account-blocked", '"eventName": "CreateAssignment",\n"errorCode": "AccessDenied",\n"errorMessage": "Your account is not auth'),
    ("account-blocked", "‘Failed to create Kiro subscription for 1 group. The user was not added or subscribed due to an error during subscription setup.’"),
    ("no-subscription", 'Kiro Account page shows: "Unable to load usage data" "Authentication required or access denied"'),
    ("no-application", "Authentication service error (HTTP 401 Unauthorized, KiroWebPortalService/InitiateLogin)"),
    ("wrong-region", '{"error":"invalid_request","error_description":"Invalid client provided","reason":null}'),
    ("wrong-region", '{"error": "unauthorized_client", "error_description": "Client is unauthorized"}'),
    ("sign-in-unfinished", "There was an error signing you in. Please try again."),
    ("sign-in-outage", "您没有问题，而是我们遇到了问题 我们现在无法完成您的请求。请稍后重试。 请求 ID: a156f8e2-c3d0-4e8f-bbf6-69152739a9df"),
    ("sign-in-refused", "Something doesn't compute. We couldn't verify your sign-in credentials. Please try again."),
    ("no-application-access", "You do not have any applications."),
    ("pending", "my user stays Pending in the console since Monday"),
    ("no-profile", "Error: No available Kiro profile for this account"),
    ("orphaned-seats", "We have 3 orphaned subscriptions since last week"),
    ("group-without-seats", "the group is subscribed but no user shows up"),
    ("wrong-region", "InvalidRequestException: Invalid start url provided"),
    ("wrong-region", "error=invalid_request&error_description=The start URL is unknown"),
    ("personal-account", "it only shows 0 / 50 credits"),
    ("personal-account", "Signed in with Builder ID — Plan: KIRO FREE"),
    ("old-user-kept", "Kiro keeps signing me in as my old gmail user"),
    ("code-not-sent", "I didn’t receive the one-time password mail"),
    ("sign-in-refused", "We couldn't verify your sign-in credentials. Please try again."),
    ("mfa-code", "Invalid MFA code. Try again"),
    ("user-disabled", "Your account has been disabled. Contact your administrator"),
    ("device-code", "AuthorizationPendingException: null"),
    ("callback-blocked", "This site can’t be reached\nlocalhost refused to connect."),
    ("session-ended", "The bearer token included in the request is invalid."),
    ("own-certificate", "Error: self signed certificate in certificate chain\n    at TLSSocket.onConnectSecure (node:_tls_wrap:1674:34)"),
    ("no-network", "Error: getaddrinfo ENOTFOUND oidc.eu-west-9.amazonaws.com"),
    ("credits-used", "ThrottlingException: reason MONTHLY_REQUEST_COUNT Rate exceeded"),
    ("credits-used", "You've reached your monthly limit for this plan"),
    ("billed-twice", "why am I billed twice for november"),
    ("charged-after-cancelling", "I was charged after cancelling my plan"),
    ("charged-after-cancelling", "They charged me... charged after I cancelled!"),
    ("payment-method", "INVALID_PAYMENT_INSTRUMENT: A valid payment method is required"),
    ("credits-not-applied", "Our startup credits are not being applied to Kiro"),
    ("cost-explorer-off", "An error occurred (AccessDeniedException) when calling the GetCostAndUsage operation: User not enabled for cost explorer access"),
    ("cost-explorer-empty", "DataUnavailableException"),
    ("kiro-overloaded", "The model you've selected is experiencing a high volume of traffic. Try changing the model and re-running your prompt."),
    ("no-credentials", "botocore.exceptions.NoCredentialsError: Unable to locate credentials"),
    ("credentials-expired", "An error occurred (ExpiredToken) when calling the ListInstances operation: The security token included in the request is expired"),
    ("credentials-invalid", "An error occurred (InvalidClientTokenId) when calling the GetCallerIdentity operation: The security token included in the request is invalid."),
    ("clock", "SignatureDoesNotMatch: Signature expired: 20261120T100000Z is now earlier than"),
    ("permission-missing", "User: arn:aws:iam::123456789012:user/portal is not authorized to perform: identitystore:CreateUser on resource: arn:aws:identitystore::123456789012:identitystore/d-9067c1a2b3 because no identity-based policy allows the identitystore:CreateUser action"),
    ("access-denied", "AccessDeniedException"),
    ("already-there", "ConflictException: Duplicate UserName, Reason UNIQUENESS_CONSTRAINT_VIOLATION"),
    ("changed-meanwhile", "reason=CONCURRENT_MODIFICATION"),
    ("throttled", "ThrottlingException: Rate exceeded"),
    ("quota", "ServiceQuotaExceededException"),
    ("group-gone", "ResourceNotFoundException: GROUP not found."),
    ("account-instance", "The operation is not supported for account instances"),
    ("account-suspended", "Your account is suspended"),
    ("no-bucket", "NoSuchBucket: The specified bucket does not exist"),
    ("mail-unverified", "MessageRejected: Email address is not verified. The following identities failed the check in region US-EAST-1: a@b.c"),
    ("no-instance", "These credentials see no Identity Center instance in us-east-1."),
    ("store-in-use", "3 members are users of identity store d-9067c1a2b3. Offboard them before moving to d-1111111111."),
    ("not-connected", "The portal is not connected to AWS yet."),
    ("paid-limit", "The daily limit of 50 paid requests to Cost Explorer is reached."),
    ("kms", "User: arn:aws:sts::1:assumed-role/x is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:1:key/2"),
    ("wrong-region", "The Region you entered is not valid for this start URL"),
    ("personal-account", "my plan shows 50 credits KIRO FREE, not 2000"),
    ("personal-account", "since yesterday it shows 50 credits instead of the 2,000 of the team"),
    ("old-user-kept", "after signing out it logs me back in with the old user"),
    ("code-not-sent", "I never received the one-time code / verification code email"),
    ("mfa-code", "new phone, lost my authenticator device"),
    ("user-disabled", "Your user is disabled, contact your administrator"),
    ("pending", "user status Pending for 3 days in the Kiro console"),
    ("pending", "all our users stay pending after assigning the plan"),
    ("group-without-seats", "the IdC group is subscribed to Pro+, seats never appear"),
    ("orphaned-seats", "Identity Center was deleted and recreated; subscriptions remain orphaned"),
    ("already-there", "com.amazonaws.services.identitystore.model.ConflictException: null (Service: IdentityStore; Status Code: 409; Error Code: ConflictException)"),
    ("permission-missing", "with an explicit deny in a service control policy"),
    ("value-refused", "An error occurred (ValidationException) when calling the CreateUser operation: 1 validation error detected: Value at 'userName' failed to satisfy constraint"),
    ("value-refused", "ValidationException"),
    ("mail-password", "(535, b'5.7.8 Error: authentication failed: UGFzc3dvcmQ6')"),
    ("mail-password", "535 Authentication Credentials Invalid"),
    ("mail-password", "smtplib.SMTPAuthenticationError: (535, b'5.7.8 Username and Password not accepted. For more information, go to ...')"),
    ("mail-no-such-box", "550 5.1.1 <bob@acme.example>: Recipient address rejected: User unknown in virtual mailbox table"),
    ("mail-no-such-box", "{'bob@acme.example': (550, b'5.1.1 The email account that you tried to reach does not exist')}"),
    ("mail-refused", "550 5.7.1 Relaying denied. Proper authentication required."),
    ("mail-unreachable", "smtplib.SMTPServerDisconnected: Connection unexpectedly closed"),
    ("mail-unreachable", 'File "/usr/lib/python3.11/smtplib.py", line 341, in connect\nConnectionRefusedError: [Errno 111] Connection refused'),
    ("nothing-listens", "ConnectionRefusedError: [Errno 111] Connection refused"),
    ("queue-down", "redis.exceptions.ConnectionError: Error 111 connecting to 127.0.0.1:6379. Connection refused."),
    ("queue-down", "Broker out of reach, 3 rows wait for the sweep: Error 111 connecting to queue:6379."),
    ("queue-down", "Could not connect to Redis at 127.0.0.1:6379: Connection refused"),
    ("queue-down", "kombu.exceptions.OperationalError: MISCONF Redis is configured to save RDB snapshots"),
    ("access-denied", "Zugriff verweigert"),
    ("account-blocked", "Fehler beim Erstellen: Ihr Konto ist nicht berechtigt, diesen Aufruf durchzuführen."),
    ("billed-twice", "Warum wird mir Kiro im November doppelt abgebucht?"),
    ("callback-blocked", "Die Website ist nicht erreichbar\n127.0.0.1 hat die Verbindung abgelehnt."),
    ("charged-after-cancelling", "Trotz Kündigung wurde im Dezember wieder abgebucht"),
    ("code-not-sent", "Der Bestätigungscode von AWS kommt nicht an"),
    ("credits-used", "Sie haben Ihr monatliches Limit erreicht"),
    ("group-without-seats", "Die Gruppe ist abonniert, aber die Mitglieder erscheinen nicht"),
    ("mfa-code", "Ungültiger MFA-Code. Versuchen Sie es erneut."),
    ("no-application-access", "Sie haben keine Anwendungen."),
    ("no-subscription", "Die Authentifizierung mit IAM Identity Center ist fehlgeschlagen. Prüfen Sie, ob Sie ein aktives Abonnement haben"),
    ("old-user-kept", "Kiro meldet mich nach dem Abmelden immer wieder mit dem alten Benutzer an"),
    ("pending", "Der Benutzer bleibt Pending seit drei Tagen"),
    ("personal-account", "Kiro zeigt 50 Credits statt 2.000"),
    ("queue-down", "Redis: [Errno 111] Verbindungsaufbau abgelehnt"),
    ("session-ended", "Ihre Sitzung ist abgelaufen. Melden Sie sich erneut an."),
    ("sign-in-outage", "Es liegt nicht an Ihnen, sondern an uns. Wir können Ihre Anfrage derzeit nicht abschließen."),
    ("sign-in-refused", "Benutzername oder Passwort falsch"),
    ("user-disabled", "Ihr Konto wurde deaktiviert. Wenden Sie sich an Ihren Administrator"),
    ("wrong-region", "Die eingegebene Start-URL ist ungültig"),
]  # fmt: skip

UNKNOWN = [
    "",
    "???",
    "it does not work",
    "Kiro is slow today and the fan of my laptop is loud",
    "TypeError: Cannot read properties of undefined (reading 'map')\n    at Array.map (<anonymous>)",
    "npm ERR! code E404\nnpm ERR! 404 Not Found - GET https://registry.example/left-pad",
    "error: failed to push some refs to 'git@github.com:acme/app.git'",
    "AWS",
    "Please activate my account, I am signed in with my organization identity and see Pro+",
    "I have 2,000 credits and the right plan, thank you!",
    "Segmentation fault (core dumped)",
    "The user pressed cancel.",
    "ModuleNotFoundError: No module named 'requests'",
    "Your subscription is active.",
    "HTTP 500 Internal Server Error",
    "How do I invite another member?",
    "account",
    "An error occurred",
    "Identity Center",
    'FATAL: password authentication failed for user "postgres"',
    "Pull request checks: status pending for 3 days",
    "Your one-time code is 123456. Never share this code with anybody.",
    "git switch account-page",
    "process didn't receive exit code 0",
    "the invoice is pending, the order remains pending",
    "ssh: connect to host git.example port 22: Connection refused",
    "Lieferung kommt nicht an",
    "Bestätigungscode: 123456",
    "Der Drucker hat die Verbindung abgelehnt",
    "Build 535 of the authentication service failed",
    "Es funktioniert nicht",
    "Wie lade ich ein weiteres Mitglied ein?",
]


@pytest.mark.parametrize(("key", "text"), PASTED)
def test_the_failure_is_found(key, text):
    assert diagnose(text).failure.key == key


def quoted(text, width):
    lines = "\n".join(f"> │ {line}" for line in textwrap.wrap(text.upper(), width))
    return f"„{lines}“"


@pytest.mark.parametrize("width", [17, 40])
def test_wrapped_and_quoted_it_is_found_all_the_same(width):
    found = [(diagnose(quoted(text, width)).failure.key, text) for _, text in PASTED]

    assert found == PASTED


@pytest.mark.parametrize("text", UNKNOWN)
def test_what_nobody_knows_gets_no_answer(text):
    assert diagnose(text) is None


def test_german_words_are_of_failures_that_there_are():
    assert set(german.SIGNS) <= {failure.key for failure in failures.ALL}


def test_at_least_25_failures_are_known():
    assert len({failure.key for failure in failures.ALL}) == len(failures.ALL) >= 25


def test_every_failure_has_a_text_here():
    tried = {key for key, _ in PASTED}

    assert len({failure.key for failure in failures.ALL} - tried) <= 3


@pytest.mark.parametrize("failure", failures.ALL, ids=lambda failure: failure.key)
def test_every_failure_says_cause_way_out_and_whom_to_ask(failure):
    assert all([failure.cause, failure.now, failure.ask, failure.signs])


@pytest.mark.parametrize("failure", failures.ALL, ids=lambda failure: failure.key)
def test_each_sign_leads_to_its_failure(failure):
    for sign in failure.signs:
        text = " ... ".join(sign) if isinstance(sign, tuple) else sign
        assert failure.key in {
            each.key for each in [diagnose(text).failure, *diagnose(text).others]
        }, sign


@pytest.mark.parametrize("sign", [
    "Failed to create Kiro subscription for 1 user", "Authentication with IAM Identity Center failed"
])  # fmt: skip
def test_cut_at_either_end_it_is_found(sign):
    third = len(sign) // 3

    assert diagnose(f"yesterday I saw: {sign[: 2 * third + 2]}") is not None


def test_the_missing_action_is_named():
    text = "x is not authorized to perform: sso:ListApplications because"

    assert diagnose(text).action == "sso:ListApplications"


@given(st.text(max_size=300))
def test_no_text_breaks_it(text):
    diagnose(text)
    without_secrets(text)


# The page ----------------------------------------------------------------------------------------


@pytest.fixture
def member(client, db):
    make_workspace()
    member = make_member()
    client.force_login(member.user)
    return member


def test_a_member_gets_the_answer(client, member):
    page = client.post(URL, {"text": PASTED[0][1]}).content.decode()

    assert "AWS blocks this account" in page


def test_what_is_known_is_not_kept(client, member):
    client.post(URL, {"text": PASTED[0][1], "consent": "on"})

    assert not UnknownError.objects.exists()


def test_without_consent_nothing_is_kept(client, member):
    page = client.post(URL, {"text": "gibberish happened"}).content.decode()

    assert "does not know this one" in page
    assert not UnknownError.objects.exists()


def test_with_consent_it_lands_before_the_founder(client, member):
    client.post(URL, {"text": "gibberish happened", "consent": "on"})

    client.force_login(make_founder())
    assert "gibberish happened" in client.get(URL).content.decode()


def test_a_member_sees_nobodys_texts(client, member):
    UnknownError.objects.create(text="somebody else's trouble")

    assert "somebody else" not in client.get(URL).content.decode()


def test_settled_it_is_gone_from_the_list(client, member):
    unknown = UnknownError.objects.create(text="gibberish happened")
    client.force_login(make_founder())
    client.post(f"{URL}{unknown.pk}/settle/")

    assert "gibberish happened" not in client.get(URL).content.decode()


def test_twice_the_same_is_kept_once(client, member):
    for _ in range(2):
        client.post(URL, {"text": "gibberish happened", "consent": "on"})

    assert UnknownError.objects.count() == 1


def test_markup_is_only_text(client, member):
    page = client.post(URL, {"text": "<script>alert(1)</script>"}).content.decode()

    assert "<script>alert" not in page


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("key AKIAIOSFODNN7EXAMPLE used", "AKIAIOSFODNN7EXAMPLE"),
        ("Authorization: Bearer abc.def-ghi_jkl123", "abc.def-ghi_jkl123"),
        ("https://x.awsapps.com/start/?workflowResultHandle=abcd-1234", "abcd-1234"),
        ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG", "wJalrXUtnFEMI"),
        ("callback?code=981273&state=xyz", "981273"),
    ],
)
def test_secrets_are_struck_out(text, secret):
    assert secret not in without_secrets(text)
