"""The policy holds exactly the operations in the code: read off the code, compared both ways.

That is quick, and says so at once; what the whole suite truly makes is recorded and compared by
`tests.support.asked`.
"""

import ast
import json
from io import StringIO

import pytest
from django.core.mail import EmailMessage
from django.core.management import call_command

from onboarding.setup import policy
from portal import aws as door
from portal.environment import BASE_DIR
from portal.models import Workspace
from tests.factories import make_founder, make_workspace
from tests.support import asked

ELSEWHERE = {"SendEmail"}
"""Mail goes through django-anymail."""
NAMES = {"ListObjectsV2": "ListBucket"}
CALLS = {"call", "pages", "aws_call"}


def operations():
    """Of every `aws_call("X")`, `directory.pages("X")` and `aws.call(service, region, "X")`, and of
    each `partial` of these."""
    found = set()
    for app in ("portal", "onboarding", "billing"):
        for path in (BASE_DIR / app).rglob("*.py"):
            if "sandbox" not in path.parts:
                found |= set(_operations_in(ast.parse(path.read_text())))
    return {NAMES.get(name, name) for name in found}


def _operations_in(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            called = node.args[0] if _name(node.func) == "partial" else node.func
            words = [str(word.value) for word in node.args if isinstance(word, ast.Constant)]
            if _name(called) in CALLS:
                yield from [word for word in words if word[:1].isupper()][:1]


def _name(node):
    return getattr(node, "attr", getattr(node, "id", ""))


def allowed():
    return {action.partition(":")[2] for action in policy.actions()}


def test_every_operation_in_the_code_is_allowed():
    assert operations() - allowed() == set()


def test_nothing_is_allowed_that_the_code_does_not_do():
    assert allowed() - operations() - ELSEWHERE == set()


def test_the_code_is_truly_read():
    assert {"CreateUser", "ListUsers", "GetCostAndUsage", "GetCallerIdentity"} <= operations()


# Recorded ----------------------------------------------------------------------------------------


def test_what_the_portal_asks_is_recorded(aws):
    door.account_id()

    assert "sts:GetCallerIdentity" in asked.asked()


def test_what_a_test_asks_for_itself_is_not(aws):
    aws.client("sts").get_access_key_info(AccessKeyId="AKIAIOSFODNN7EXAMPLE")

    assert "sts:GetAccessKeyInfo" not in asked.asked()


def test_mail_through_ses_is_recorded_too(aws, settings):
    settings.EMAIL_BACKEND = "anymail.backends.amazon_ses.EmailBackend"

    sent = EmailMessage("Hello", "Text", "team@northwind.example", ["ada@example.com"]).send()

    assert sent == 1
    assert "ses:SendEmail" in asked.asked()


@pytest.mark.parametrize(
    ("service", "operation", "action"),
    [
        ("sso-admin", "ListInstances", "sso:ListInstances"),
        ("s3", "ListObjectsV2", "s3:ListBucket"),
        ("identitystore", "CreateUser", "identitystore:CreateUser"),
    ],
)
def test_operations_by_iams_names(service, operation, action):
    assert asked.action_of(service, operation) == action


def test_both_ways_are_compared():
    found = asked.differences({"sts:A", "sts:B"}, {"sts:B", "sts:C"})

    assert found == [
        "asked for, but not in the policy: sts:A",
        "in the policy, but never asked for: sts:C",
    ]


@pytest.mark.parametrize("prefix", ["q:", "codewhisperer:", "user-subscriptions:", "iam:"])
def test_what_must_never_be_granted_is_not(prefix):
    assert not [action for action in policy.actions() if action.startswith(prefix)]


def test_no_action_has_a_wildcard():
    assert not [action for action in policy.actions() if "*" in action]


# What is switched on -----------------------------------------------------------------------------


def statements(**fields):
    workspace = Workspace(account_id="123456789012", identity_store_id="d-9067c1a2b3", **fields)
    return {each["Sid"]: each for each in policy.document(workspace)["Statement"]}


def test_directory_resources_name_account_and_store():
    resources = statements()["ManagePeopleAndSeats"]["Resource"]

    assert resources[0] == "arn:aws:identitystore::123456789012:identitystore/d-9067c1a2b3"


def test_without_a_bucket_there_is_no_s3():
    assert not [name for name, each in statements().items() if "s3:" in str(each)]


def test_the_bucket_is_narrowed_to_the_reports():
    found = statements(report_bucket="reports", report_prefix="kiro")
    folder = "kiro/AWSLogs/123456789012/KiroLogs/user_report/*"

    assert found["ReadReports"]["Resource"] == f"arn:aws:s3:::reports/{folder}"
    assert found["ListReports"]["Condition"] == {"StringLike": {"s3:prefix": folder}}


def test_mail_is_only_granted_where_ses_sends_it(settings):
    assert "SendMail" not in statements()

    settings.EMAIL_BACKEND = "anymail.backends.amazon_ses.EmailBackend"
    assert "SendMail" in statements()


@pytest.mark.parametrize(
    ("switch", "granted"),
    [("off", set()), ("read", {"ReadAccess"}), ("manage", {"ReadAccess", "ManageAccess"})],
)
def test_access_is_granted_as_far_as_it_is_switched_on(settings, switch, granted):
    settings.ACCESS = switch

    assert statements().keys() & {"ReadAccess", "ManageAccess"} == granted


def test_access_names_the_instance_and_its_permission_sets():
    found = statements(instance_arn="arn:aws:sso:::instance/ssoins-7223c1a2b3d4e5f6")

    assert found["ManageAccess"]["Resource"] == [
        "arn:aws:sso:::instance/ssoins-7223c1a2b3d4e5f6",
        "arn:aws:sso:::permissionSet/ssoins-7223c1a2b3d4e5f6/*",
        "arn:aws:sso:::account/*",
    ]


@pytest.mark.django_db
def test_page_and_command_say_the_same(client):
    make_workspace()
    client.force_login(make_founder())
    out = StringIO()
    call_command("policy", stdout=out)

    assert client.get("/setup/policy.json").json() == json.loads(out.getvalue())
