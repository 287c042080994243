"""The preflight: one thing wrong at a time, and exactly that is red; a missing permission never is."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from billing.models import CreditGrant, Refresh
from billing.spending import refreshes
from onboarding.gateways import identity_center
from onboarding.models import Plan, SetupRun, SetupTick
from onboarding.setup import preflight, runs, ticks
from onboarding.setup.verdicts import Verdict
from portal import jobs
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


def test_right_after_a_refresh_no_second_cent_is_paid(ready, aws):
    look()
    aws.forget()

    found = look()["cost-explorer"]

    assert found.verdict == Verdict.DONE
    assert "GetCostAndUsage" not in {entry["operation"] for entry in aws.ledger()}


def test_a_refresh_in_another_workers_hands_is_no_refusal(ready):
    asked = refreshes.ask(now=timezone.now())
    jobs.claim(Refresh, asked.pk)

    found = look()["cost-explorer"]

    assert (found.verdict, found.missing) == (Verdict.CANNOT_TELL, "")
    assert "Another worker is reading it" in found.evidence


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
        ("ce", "GetCostAndUsage"),
        ("billing", "GetCredits"),
        ("s3", "ListObjectsV2"),
    ],
)
def test_an_outage_is_no_verdict(ready, aws, service, operation):
    aws.fault(service=service, operation=operation, kind="error")

    findings = look()

    assert red(findings) == set()
    assert len(unknown(findings)) == 1


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("sso-admin", "ListApplications"),
        ("cloudtrail", "LookupEvents"),
        ("ce", "GetCostAndUsage"),
        ("billing", "GetCredits"),
    ],
)
def test_an_operation_that_an_emulator_lacks_is_no_verdict(ready, aws, service, operation):
    answer = {"code": "UnknownOperationException", "status": 400}
    aws.fault(service=service, operation=operation, kind="error", **answer)

    findings = look()

    assert red(findings) == set()
    assert len(unknown(findings)) == 1


def test_an_answer_that_makes_no_sense_stops_no_other_check(ready, monkeypatch):
    monkeypatch.setattr(identity_center, "list_applications", lambda *_: {}["Applications"])

    findings = look()

    assert red(findings) == set()
    assert unknown(findings) == {"application"}


# One thing wrong at a time -----------------------------------------------------------------------


def no_instance(aws):
    aws.control("POST", "identity-center", {"instance": False})


def wrong_region(aws):
    Workspace.objects.filter(pk=1).update(identity_center_region="eu-west-1")


def another_instance(aws):
    other = "arn:aws:sso:::instance/ssoins-0000000000000000"
    Workspace.objects.filter(pk=1).update(instance_arn=other)


def no_group(aws):
    Plan.objects.filter(is_default=True).update(
        seat_group_id="9067c1a2b3-00000000-0000-4000-8000-000000000000"
    )
    SetupTick.objects.filter(fact="group-subscribed").update(
        about="9067c1a2b3-00000000-0000-4000-8000-000000000000"
    )


def group_not_subscribed(aws):
    make_member(trouble="seat-missing")


def group_not_confirmed(aws):
    Plan.objects.filter(is_default=True).update(seat_group_id=get_plan("pro").seat_group_id)


def otp_not_confirmed(aws):
    SetupTick.objects.filter(fact="email-otp").delete()


def no_application(aws):
    aws.control("POST", "identity-center", {"application": False})


def no_cost_explorer(aws):
    aws.fault(service="ce", operation="*", kind="error", code="ValidationException", status=400)


def credits_expired(aws):
    aws.fault(service="billing", operation="GetCredits", kind="deny")
    today = timezone.now().date()
    CreditGrant.objects.create(
        name="Starter",
        amount=960,
        starts_on=today - timedelta(days=400),
        expires_on=today - timedelta(days=35),
    )


def bucket_gone(aws):
    Workspace.objects.filter(pk=1).update(report_bucket="no-such-bucket-anywhere")


def bucket_unreadable(aws):
    aws.fault(service="s3", operation="ListObjectsV2", kind="deny")


def credentials_expired(aws):
    aws.fault(service="*", kind="error", code="ExpiredTokenException", status=400)


FAILED, CANNOT_TELL = Verdict.FAILED, Verdict.CANNOT_TELL
WRONG = [
    (no_instance, "instance", FAILED, "Enable Identity Center there"),
    (wrong_region, "instance", FAILED, "connect the Region that it is in"),
    (another_instance, "instance", FAILED, "Connect the portal to the right instance"),
    (no_group, "seat-group", FAILED, "Pick another group under Connect AWS"),
    (group_not_subscribed, "subscribed", FAILED, "Subscribe KiroProPlus to its plan in the Kiro"),
    (group_not_confirmed, "subscribed", CANNOT_TELL, "then confirm it here"),
    (otp_not_confirmed, "email-otp", CANNOT_TELL, "switch on Send email OTP"),
    (no_application, "application", FAILED, "let it create its application"),
    (no_cost_explorer, "cost-explorer", FAILED, "Switch Cost Explorer on"),
    (credits_expired, "credits", FAILED, "From now on seats are billed"),
    (bucket_gone, "report", FAILED, "Correct the bucket's name"),
    (bucket_unreadable, "report", CANNOT_TELL, "Add s3:ListBucket to the portal's policy"),
]


@pytest.fixture(params=WRONG, ids=lambda case: case[0].__name__)
def wrong(request, ready, aws):
    make, key, verdict, mend = request.param
    make(aws)
    yield key, verdict, mend
    aws.control("POST", "identity-center", {"instance": True, "application": True})


def is_untouched(finding):
    """Green, or waiting for what is wrong."""
    return finding.verdict == Verdict.DONE or finding.evidence.startswith("Waits for")


def test_exactly_what_is_wrong_says_so_with_its_mend(wrong):
    key, verdict, mend = wrong

    findings = look()

    assert findings[key].verdict == verdict
    assert mend in findings[key].fix
    assert {each.key for each in findings.values() if not is_untouched(each)} == {key}


@pytest.mark.parametrize("path", ["/", "/team/", "/setup/", "/setup/aws/", "/spend/", "/access/"])
def test_with_credentials_that_expired_every_page_opens(ready, aws, client, path):
    credentials_expired(aws)
    client.force_login(make_founder())

    assert client.get(path).status_code == 200


def test_expired_credentials_are_the_only_red(ready, aws):
    credentials_expired(aws)

    assert red(look()) == {"credentials"}


def test_a_portal_not_connected_has_it_to_do(aws):
    findings = look()

    assert findings["instance"].verdict == Verdict.TO_DO
    assert "instance" not in red(findings)


def test_a_tick_is_about_one_group(ready):
    Plan.objects.filter(is_default=True).update(seat_group_id=get_plan("pro").seat_group_id)

    assert look()["subscribed"].verdict == Verdict.CANNOT_TELL


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
