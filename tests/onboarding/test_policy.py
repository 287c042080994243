"""The policy holds exactly the operations in the code: read off the code, compared both ways."""

import ast
import json
from io import StringIO

import pytest
from django.core.management import call_command

from onboarding.setup import policy
from portal.environment import BASE_DIR
from portal.models import Workspace
from tests.factories import make_founder, make_workspace

ELSEWHERE = {"SendEmail", "GetObject"}
"""Mail goes through django-anymail; reports are read by the S3 gateway, under a name of S3's own."""
NAMES = {"ListObjectsV2": "ListBucket", "GetObject": "GetObject"}
CALLS = {"call", "pages", "aws_call"}


def operations():
    """The first word of every `aws_call("X")`, `directory.call("X")` and `directory.pages("X")`."""
    found = set()
    for app in ("portal", "onboarding", "billing"):
        for path in (BASE_DIR / app).rglob("*.py"):
            if "sandbox" not in path.parts:
                found |= set(_operations_in(ast.parse(path.read_text())))
    return {NAMES.get(name, name) for name in found}


def _operations_in(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            word = node.args[0]
            if name in CALLS and isinstance(word, ast.Constant) and str(word.value)[:1].isupper():
                yield word.value


def allowed():
    return {action.partition(":")[2] for action in policy.actions()}


def test_every_operation_in_the_code_is_allowed():
    assert operations() - allowed() == set()


def test_nothing_is_allowed_that_the_code_does_not_do():
    assert allowed() - operations() - ELSEWHERE == set()


def test_the_code_is_truly_read():
    assert {"CreateUser", "ListUsers", "GetCostAndUsage", "GetCallerIdentity"} <= operations()


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


@pytest.mark.django_db
def test_page_and_command_say_the_same(client):
    make_workspace()
    client.force_login(make_founder())
    out = StringIO()
    call_command("policy", stdout=out)

    assert client.get("/setup/policy.json").json() == json.loads(out.getvalue())
