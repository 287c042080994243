"""`manage.py connect`: what it takes, finds, creates and refuses."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from onboarding.gateways import identity_center
from onboarding.models import Plan
from onboarding.setup import connection
from portal import aws as aws_door
from portal.models import Workspace
from tests.factories import get_plan, make_member, make_workspace

pytestmark = pytest.mark.django_db


def connect(*options):
    out = StringIO()
    call_command("connect", *options, stdout=out)
    return out.getvalue()


def test_it_takes_the_only_instance(aws):
    connect()

    workspace = Workspace.load()
    assert workspace.identity_store_id == "d-9067c1a2b3"
    assert workspace.sign_in_url == "https://d-9067c1a2b3.awsapps.com/start"


def test_instances_on_a_later_page_are_seen(monkeypatch):
    pages = {
        "": {"Instances": [_instance("first")], "NextToken": "more"},
        "more": {"Instances": [_instance("second")]},
    }
    monkeypatch.setattr(aws_door, "call", lambda *_, NextToken="": pages[NextToken])  # noqa: N803

    with pytest.raises(CommandError, match=r"several instances.*first.*second"):
        connect()


def _instance(name):
    return {"InstanceArn": f"arn:aws:sso:::instance/{name}", "IdentityStoreId": f"d-{name}"}


def test_every_plan_gets_a_seat_group(aws):
    connect()

    assert not Plan.objects.filter(seat_group_id="").exists()


def test_a_group_that_is_there_is_found(aws):
    connect("--seat-group", "pro-plus=Engineers")
    first = get_plan().seat_group_id

    said = connect("--seat-group", "pro-plus=Engineers")

    assert get_plan().seat_group_id == first
    assert f"Engineers (found, {first})" in said


def test_a_group_whose_making_was_not_answered_is_taken(aws):
    aws.fault(operation="CreateGroup", kind="drop", times=1)

    connect("--seat-group", "pro-plus=Lost answer")

    group = aws.client("identitystore").describe_group(
        IdentityStoreId="d-9067c1a2b3", GroupId=get_plan().seat_group_id
    )
    assert group["DisplayName"] == "Lost answer"


def test_a_group_that_is_not_listed_yet_is_said_so(aws, monkeypatch):
    def conflict(*_args, **_more):
        raise aws_door.AwsConflict("CreateGroup", "ConflictException", "Duplicate")

    monkeypatch.setattr(identity_center, "create_group", conflict)

    with pytest.raises(CommandError, match="does not list it yet"):
        connect("--seat-group", "pro-plus=Not listed yet")


def test_the_report_is_kept(aws):
    connect("--report", "s3://bucket/some/prefix")

    workspace = Workspace.load()
    assert (workspace.report_bucket, workspace.report_prefix) == ("bucket", "some/prefix")


def test_the_company_gets_its_name(aws):
    connect("--company", "Northwind\nLabs")

    assert Workspace.load().company_name == "Northwind Labs"


def test_what_a_founder_sets_while_aws_is_asked_stays(aws, monkeypatch):
    find_group = identity_center.find_group

    def meanwhile(directory, name):
        Workspace.objects.update(company_name="Northwind Labs")
        return find_group(directory, name)

    monkeypatch.setattr(identity_center, "find_group", meanwhile)
    connect()

    assert Workspace.load().company_name == "Northwind Labs"


def test_unless_it_is_said_the_company_keeps_its_name(aws):
    make_workspace(company_name="Northwind Labs", identity_store_id="")

    connect()

    assert Workspace.load().company_name == "Northwind Labs"


@pytest.mark.parametrize(
    "options",
    [
        ["--company", "x" * 101],
        ["--seat-group", "gold=Group"],
        ["--seat-group", "pro-plus"],
        ["--report", "bucket/prefix"],
        ["--instance", "arn:aws:sso:::instance/ssoins-0000000000000000"],
    ],
)
def test_nonsense_is_refused_with_a_sentence(aws, options):
    with pytest.raises(CommandError):
        connect(*options)


def test_a_region_without_an_instance_says_what_to_do(aws, settings):
    settings.AWS_REGION = "eu-west-1"

    with pytest.raises(CommandError, match="eu-west-1"):
        connect()


def test_refused_credentials_are_a_sentence(aws):
    aws.fault(service="sso-admin", operation="ListInstances", kind="deny")

    with pytest.raises(CommandError, match="AWS said no to ListInstances"):
        connect()


def test_another_identity_store_is_refused_while_members_hang_on_the_old(aws):
    make_workspace(identity_store_id="d-0000000000")
    make_member()

    with pytest.raises(connection.CannotConnect, match="1 members"):
        connection.connect(region="us-east-1")
