"""The preflight: one thing wrong at a time, and exactly that is red; a missing permission never is."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from billing.models import CreditGrant
from onboarding.models import Plan, SetupRun
from onboarding.setup import preflight, runs, ticks
from onboarding.setup.verdicts import Verdict
from portal.models import Workspace
from tests.factories import get_plan, make_founder, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def ready(connected, aws):
    """All is well: everything that a person can confirm is confirmed."""
    aws.control("POST", "cloudtrail", {"rate": 0})
    Workspace.objects.filter(pk=1).update(
        report_bucket="northwind-kiro-reports", report_prefix="kiro", kiro_region="us-east-1"
    )
    founder = make_founder()
    for fact in ticks.Fact:
        ticks.tick(fact, actor=founder)
    return Workspace.load()


def look():
    return {finding.key: finding for finding in preflight.run()}


def red(findings):
    return {key for key, finding in findings.items() if finding.verdict == Verdict.FAILED}


def unknown(findings):
    return {key for key, each in findings.items() if each.verdict == Verdict.CANNOT_TELL}


def test_when_all_is_well_all_is_done(ready):
    findings = look()

    assert {each.verdict for each in findings.values()} == {Verdict.DONE}, findings


def test_every_finding_says_how_it_is_known(ready):
    assert all(each.evidence and each.title for each in look().values())


def test_the_products_checks_are_all_there(ready):
    assert set(look()) == {
        "credentials", "instance", "store", "seat-group", "refusals", "subscribed", "application",
        "email-otp", "report", "cost-explorer", "credits",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("service", "operation", "key", "permission"),
    [
        ("sts", "GetCallerIdentity", "credentials", "sts:GetCallerIdentity"),
        ("sso-admin", "ListInstances", "instance", "sso:ListInstances"),
        ("sso-admin", "ListApplications", "application", "sso:ListApplications"),
        ("identitystore", "ListUsers", "store", "identitystore:ListUsers"),
        ("identitystore", "DescribeGroup", "seat-group", "identitystore:DescribeGroup"),
        ("cloudtrail", "LookupEvents", "refusals", "cloudtrail:LookupEvents"),
        ("ce", "GetCostAndUsage", "cost-explorer", "ce:GetCostAndUsage"),
        ("billing", "GetCredits", "credits", "billing:GetCredits"),
        ("s3", "ListObjectsV2", "report", "s3:ListBucket"),
    ],
)
def test_a_missing_permission_is_named_and_nothing_is_red(
    ready, aws, service, operation, key, permission
):
    aws.fault(service=service, operation=operation, kind="deny")

    findings = look()

    assert red(findings) == set()
    assert unknown(findings) == {key}
    assert permission in findings[key].fix
    assert findings[key].missing == permission


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("sso-admin", "ListApplications"),
        ("identitystore", "ListUsers"),
        ("cloudtrail", "LookupEvents"),
        ("billing", "GetCredits"),
        ("s3", "ListObjectsV2"),
    ],
)
def test_an_outage_is_no_verdict(ready, aws, service, operation):
    aws.fault(service=service, operation=operation, kind="error")

    findings = look()

    assert red(findings) == set()
    assert len(unknown(findings)) == 1


def test_expired_credentials_are_the_only_red(ready, aws):
    aws.fault(service="*", kind="error", code="ExpiredTokenException", status=400)

    assert red(look()) == {"credentials"}


def test_the_wrong_region_is_the_only_red(ready):
    Workspace.objects.filter(pk=1).update(identity_center_region="eu-west-1")

    assert red(look()) == {"instance"}


def test_a_portal_not_connected_has_it_to_do(aws):
    findings = look()

    assert findings["instance"].verdict == Verdict.TO_DO
    assert "instance" not in red(findings)


def test_a_group_that_is_gone_is_the_only_red(ready):
    Plan.objects.filter(is_default=True).update(seat_group_id="9067c1a2b3-gone")

    assert red(look()) == {"seat-group"}


def test_no_kiro_application_is_the_only_red(ready, monkeypatch):
    monkeypatch.setattr(
        "onboarding.gateways.identity_center.list_applications", lambda *_: ["Something else"]
    )

    assert red(look()) == {"application"}


def test_a_group_nobody_subscribed_shows_by_those_without_a_plan(ready):
    make_member(trouble="seat-missing")

    assert red(look()) == {"subscribed"}


def test_a_tick_is_about_one_group(ready):
    Plan.objects.filter(is_default=True).update(seat_group_id=get_plan("pro").seat_group_id)

    assert look()["subscribed"].verdict == Verdict.CANNOT_TELL


def test_cost_explorer_that_is_off_is_the_only_red(ready, aws):
    aws.fault(service="ce", operation="*", kind="error", code="ValidationException", status=400)

    assert red(look()) == {"cost-explorer"}


def test_expired_credits_are_the_only_red(ready, aws):
    aws.fault(service="billing", operation="GetCredits", kind="deny")
    today = timezone.now().date()
    CreditGrant.objects.create(
        name="Starter",
        amount=960,
        starts_on=today - timedelta(days=400),
        expires_on=today - timedelta(days=35),
    )

    assert red(look()) == {"credits"}


def test_a_bucket_that_is_not_there_is_the_only_red(ready):
    Workspace.objects.filter(pk=1).update(report_bucket="no-such-bucket-anywhere")

    assert red(look()) == {"report"}


def test_a_shell_run_costs_one_cent(ready, aws):
    aws.forget()
    look()

    assert len(aws.ledger(service="ce")) == 1


# From the shell and by the worker ---------------------------------------------------------------


def command():
    out = StringIO()
    try:
        call_command("preflight", stdout=out)
    except SystemExit as stop:
        return stop.code, out.getvalue()
    return 0, out.getvalue()


def test_the_command_is_content_when_nothing_is_red(ready):
    code, said = command()

    assert code == 0
    assert "Identity Center is active" in said


def test_the_command_ends_with_1_when_something_is_red(ready):
    Workspace.objects.filter(pk=1).update(report_bucket="no-such-bucket-anywhere")

    code, said = command()

    assert code == 1
    assert "Failed" in said


def test_a_worker_keeps_what_it_found(ready):
    run = runs.ask(SetupRun.Kind.PREFLIGHT)
    runs.carry_out(run.pk)

    found, last = runs.findings()
    assert last == run
    assert {each.key for each in found} == set(look())


# The block of the account; last, since CloudTrail does not forget --------------------------------


def test_refused_seats_are_found_with_a_text_for_support(ready, aws, monkeypatch):
    aws.control("POST", "refusals", {})

    findings = look()

    assert red(findings) == {"refusals"}
    text = findings["refusals"].support_text
    assert "123456789012" in text
    assert "us-east-1" in text
    assert "request id" in text
    assert "not authorized to make this call" in text
