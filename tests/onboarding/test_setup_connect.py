"""Connecting AWS in the browser: look, pick, connect; a page never asks AWS."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from billing.models import CreditReading, Refresh
from onboarding.models import AccessReading, DirectoryCheck, Plan, SetupRun, SignInReading
from onboarding.setup import runs
from portal import aws as door
from portal.models import AuditEvent, Workspace
from tests.factories import get_plan, make_founder, make_member, make_workspace

pytestmark = pytest.mark.django_db

URL = "/setup/aws/"


@pytest.fixture
def founder(client):
    founder = make_founder()
    client.force_login(founder)
    return founder


def work(kind):
    """What the queue's worker would do."""
    runs.carry_out(SetupRun.objects.filter(kind=kind).first().pk)


@pytest.fixture
def looked(aws, client, founder):
    client.post(URL, {"action": "look"})
    work("look")
    aws.forget()
    return client


def choice(client, **changes):
    form = client.get(URL).context["form"]
    values = {name: form.initial.get(name, "") for name in form.fields}
    values |= {field.name: field.initial for field in form.group_fields}
    return {"action": "connect", **values, **changes}


def test_the_company_gets_its_name(looked):
    looked.post(URL, choice(looked, company_name="Northwind Labs"))
    work("connect")

    assert Workspace.load().company_name == "Northwind Labs"


def test_the_browser_asks_for_a_name_while_there_is_none(looked):
    asked = looked.get(URL).context["form"]["company_name"]

    assert " required" in str(asked)


def test_and_not_again(looked):
    Workspace.objects.update(company_name="Northwind Labs")

    assert " required" not in str(looked.get(URL).context["form"]["company_name"])


def test_left_empty_the_company_keeps_its_name(looked):
    Workspace.objects.update(company_name="Northwind Labs")

    looked.post(URL, choice(looked, company_name=""))
    work("connect")

    assert Workspace.load().company_name == "Northwind Labs"


def test_a_group_that_connecting_made_is_not_offered_as_new(looked):
    looked.post(URL, choice(looked))
    work("connect")

    assert "Create KiroPro" not in looked.get(URL).content.decode()


def test_without_a_look_the_page_says_what_to_set(client, founder):
    page = client.get(URL).content.decode()

    assert "AWS_ACCESS_KEY_ID" in page
    assert "Look first" in page


def test_opening_the_page_asks_aws_nothing(aws, client, founder):
    client.get(URL)
    client.post(URL, {"action": "look"})

    assert aws.ledger() == []


def test_a_look_names_account_and_arn(looked):
    page = looked.get(URL).content.decode()

    assert "123456789012" in page
    assert "arn:aws:sts::123456789012" in page or "arn:aws:iam::123456789012" in page


def test_no_key_is_shown(looked):
    run = SetupRun.objects.get(kind="look")

    assert "testing" not in str(run.found)
    assert "secret" not in looked.get(URL).content.decode().lower().replace(
        "aws_secret_access_key", ""
    ).replace("nothing secret", "")


def test_two_clicks_are_one_look(client, founder):
    client.post(URL, {"action": "look"})
    client.post(URL, {"action": "look"})

    assert SetupRun.objects.count() == 1


def test_without_credentials_a_look_says_what_to_set(aws, client, founder, monkeypatch):
    from portal import aws as door

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    door.client.cache_clear()
    client.post(URL, {"action": "look"})
    work("look")

    assert "The portal has no AWS credentials." in client.get(URL).content.decode()


def test_other_regions_are_looked_at_too(aws, client, founder):
    client.post(URL, {"action": "look", "regions": "eu-west-1, eu-central-1"})
    work("look")

    seen = SetupRun.objects.get().found["regions"]
    assert [each["name"] for each in seen] == ["us-east-1", "eu-west-1", "eu-central-1"]


@pytest.mark.parametrize("regions", ["Frankfurt", "us-east-1;drop", "http://169.254.169.254/"])
def test_what_is_no_region_is_refused(client, founder, regions):
    page = client.post(URL, {"action": "look", "regions": regions}).content.decode()

    assert "is no Region" in page
    assert not SetupRun.objects.exists()


def test_everything_is_proposed(looked):
    form = looked.get(URL).context["form"]

    assert form.initial["sign_in_url"] == "https://d-9067c1a2b3.awsapps.com/start"
    assert form.initial["cost_service"] == "Kiro"
    assert "KiroProPlus" in dict(form.fields["group_pro-plus"].choices)


def test_picking_connects(looked):
    url = "https://northwind.awsapps.com/start"
    looked.post(
        URL,
        choice(
            looked, sign_in_url=url, kiro_region="eu-central-1", report="s3://bucket/some/prefix/"
        ),
    )
    work("connect")

    workspace = Workspace.load()
    assert workspace.identity_store_id == "d-9067c1a2b3"
    assert (workspace.sign_in_url, workspace.kiro_region) == (url, "eu-central-1")
    assert (workspace.report_bucket, workspace.report_prefix) == ("bucket", "some/prefix")
    assert not Plan.objects.filter(seat_group_id="").exists()


def test_another_group_can_be_picked(looked):
    names = [name for name, _ in looked.get(URL).context["form"].fields["group_pro"].choices]
    other = next(name for name in names if "Plus" in name)
    looked.post(URL, choice(looked, group_pro=other))
    work("connect")

    assert get_plan("pro").seat_group_name == other


def test_connecting_asks_for_a_preflight(looked):
    looked.post(URL, choice(looked))
    work("connect")

    assert SetupRun.objects.under_way().filter(kind="preflight").exists()


def asked_for():
    """What waits for a worker, as a first look at everything that AWS tells."""
    return {
        "spend": Refresh.objects.under_way().count(),
        "credits": CreditReading.objects.exclude(next_try_at=None).count(),
        "directory": DirectoryCheck.objects.under_way().count(),
        "access": AccessReading.objects.under_way().count(),
        "sign-ins": SignInReading.objects.exclude(next_try_at=None).count(),
        "preflight": SetupRun.objects.under_way().filter(kind="preflight").count(),
    }


def test_connecting_has_everything_read_at_once_each_thing_once(looked):
    for _ in range(2):
        looked.post(URL, choice(looked))
        work("connect")

    assert set(asked_for().values()) == {1}, asked_for()


def test_the_command_has_the_same_read_at_once(aws):
    call_command("connect", stdout=StringIO())

    assert set(asked_for().values()) == {1}, asked_for()


def test_it_is_on_record_who_connected(looked, founder):
    looked.post(URL, choice(looked))
    work("connect")

    assert AuditEvent.objects.filter(action="workspace.connected", actor=founder.email).exists()


def test_another_store_is_refused_while_members_hang_on_the_old(looked):
    make_workspace(identity_store_id="d-0000000000")
    make_member()
    looked.post(URL, choice(looked))
    work("connect")

    page = looked.get(URL).content.decode()
    assert "users of identity store d-0000000000" in page
    assert Workspace.load().identity_store_id == "d-0000000000"


def test_after_a_failure_what_was_typed_is_still_there(aws, looked):
    names = [name for name, _ in looked.get(URL).context["form"].fields["group_pro"].choices]
    typed = {
        "sign_in_url": "https://typed.awsapps.com/start",
        "kiro_region": "eu-central-1",
        "report": "s3://typed-bucket/some/prefix",
        "cost_service": "Kiro Enterprise",
        "group_pro": names[-1],
    }
    aws.fault(service="identitystore", operation="GetGroupId", kind="deny")
    looked.post(URL, choice(looked, **typed))
    work("connect")

    form = looked.get(URL).context["form"]
    assert {name: form[name].value() for name in typed} == typed


def test_after_a_success_what_is_stored_is_proposed(looked):
    looked.post(URL, choice(looked, kiro_region="eu-central-1"))
    work("connect")
    Workspace.objects.update(kiro_region="us-east-1")

    assert looked.get(URL).context["form"]["kiro_region"].value() == "us-east-1"


def test_a_group_that_may_not_be_made_says_so(aws, looked):
    aws.fault(service="identitystore", operation="GetGroupId", kind="deny")
    looked.post(URL, choice(looked))
    work("connect")

    assert "GetGroupId" in looked.get(URL).content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("report", "not a bucket/prefix"),
        ("kiro_region", "mars"),
        ("sign_in_url", "javascript:alert(1)"),
        ("instance", "arn:aws:sso:::instance/ssoins-0000000000000000 us-east-1"),
        ("group_pro", "NoSuchGroup"),
    ],
)
def test_nonsense_is_said_at_its_field(looked, field, value):
    response = looked.post(URL, choice(looked, **{field: value}))

    assert response.context["form"].errors[field]
    assert not SetupRun.objects.filter(kind="connect").exists()


def test_a_region_that_refuses_stops_no_other(aws, client, founder):
    aws.fault(service="sso-admin", operation="ListInstances", kind="deny", times=1)
    client.post(URL, {"action": "look", "regions": "eu-west-1"})
    work("look")

    first, second = SetupRun.objects.get().found["regions"]
    assert "ListInstances" in first["problem"]
    assert "problem" not in second


def test_an_outage_of_changing_kinds_ends_too(client, founder, monkeypatch):
    codes = iter(("ReadTimeoutError", "500", "ConnectTimeoutError"))

    def away():
        raise door.AwsUnreachable("GetCallerIdentity", next(codes), "no answer")

    monkeypatch.setattr(door, "caller", away)
    client.post(URL, {"action": "look"})

    for _ in range(3):
        SetupRun.objects.update(next_try_at=timezone.now())
        work("look")

    assert SetupRun.objects.get().outcome == "failed"


def test_an_outage_is_tried_again(aws, client, founder):
    aws.fault(service="sts", operation="GetCallerIdentity", kind="error", times=2)
    client.post(URL, {"action": "look"})
    run = SetupRun.objects.get()

    assert runs.carry_out(run.pk) is not None
    run.refresh_from_db()
    assert run.is_under_way
