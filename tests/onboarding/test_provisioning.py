"""Bringing a member into Identity Center, against the embedded AWS and its ledger."""

import pytest

from onboarding.gateways import identity_center
from onboarding.models import Member
from onboarding.setup import connection
from onboarding.team import directory_users, members, provisioning, seats
from portal import aws as aws_door
from portal import jobs, pacing
from portal.models import AuditEvent, Notice, Workspace
from tests.factories import get_plan, make_founder, make_queued, make_workspace

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def users_with(directory, email):
    return [user for user in identity_center.list_users(directory) if user.email == email]


def create_user(aws, connected, *, email, user_name=""):
    return aws.client("identitystore").create_user(
        IdentityStoreId=connected.identity_store_id,
        UserName=user_name or email,
        DisplayName="Some One",
        Name={"GivenName": "Some", "FamilyName": "One"},
        Emails=[{"Value": email, "Type": "work", "Primary": True}],
    )["UserId"]


def test_the_member_becomes_a_user_with_a_seat(aws, connected, directory, provision, seated):
    member = make_queued(email="ada1@example.com")

    provision(member)

    assert [user.user_id for user in users_with(directory, member.email)] == [
        member.directory_user_id
    ]
    assert member.directory_user_id in seated()
    assert member.status == Member.Status.INVITED


def test_the_invitation_waits_in_the_outbox(connected, provision):
    member = make_queued()

    provision(member)

    assert Notice.objects.get().to == member.email


def test_the_least_number_of_requests_is_made(aws, connected, provision):
    member = make_queued()
    aws.forget()

    provision(member)

    operations = [entry["operation"] for entry in aws.ledger()]
    assert operations == ["ListUsers", "CreateUser", "CreateGroupMembership"]


def test_of_more_users_than_fit_on_a_page_the_index_is_asked(
    aws, connected, provision, monkeypatch
):
    user_id = create_user(aws, connected, email="far@example.com")
    monkeypatch.setattr(identity_center, "users_page", lambda *_: ([], "more"))
    member = make_queued(email="far@example.com")

    provision(member)

    assert member.directory_user_id == user_id


def test_twice_does_it_once(aws, connected, provision):
    member = make_queued()
    provision(member)
    aws.forget()

    provision(member)

    assert aws.ledger() == []


def test_the_audit_log_bears_the_request_ids_of_aws(connected, provision):
    provision(make_queued())

    events = AuditEvent.objects.filter(action__in=["directory_user.created", "seat.requested"])
    assert all(event.aws_request_id for event in events)
    assert len(events) == 2


def test_a_user_who_is_there_already_is_adopted(aws, connected, provision):
    user_id = create_user(aws, connected, email="old@example.com")
    member = make_queued(email="old@example.com")

    provision(member)

    assert (member.directory_user_id, member.origin) == (user_id, Member.Origin.ADOPTED)


def test_a_user_spelled_in_capitals_is_adopted(aws, connected, provision):
    user_id = create_user(aws, connected, email="Grace@Example.com")
    member = make_queued(email="grace@example.com")

    provision(member)

    assert member.directory_user_id == user_id


def test_a_user_in_capitals_is_adopted_where_the_index_knows_one_spelling_alone(
    aws, connected, provision, monkeypatch
):
    user_id = create_user(aws, connected, email="Alan@Example.com")
    monkeypatch.setattr(identity_center, "find_by_email", lambda *_: None)
    member = make_queued(email="alan@example.com")

    provision(member)

    assert member.directory_user_id == user_id


def test_somebody_else_under_our_user_name_is_left_alone(aws, connected, provision, seated):
    create_user(aws, connected, email="other@example.com", user_name="taken@example.com")
    member = make_queued(email="taken@example.com")

    provision(member)

    assert (member.status, member.trouble) == ("failed", "name-taken")
    assert seated().isdisjoint({member.directory_user_id})


def test_an_answer_that_was_lost_is_adopted_as_our_own(aws, connected, directory, provision):
    aws.fault(operation="CreateUser", kind="drop", times=1)
    member = make_queued(email="lost@example.com")

    provision(member)

    assert len(users_with(directory, "lost@example.com")) == 1
    assert (member.status, member.origin) == ("invited", Member.Origin.CREATED)


def test_a_seat_whose_answer_was_lost_is_one_seat(aws, connected, provision):
    aws.fault(operation="CreateGroupMembership", kind="drop", times=1)
    member = make_queued()

    provision(member)

    assert member.status == Member.Status.INVITED


def test_a_crash_after_the_user_goes_on_with_the_seat(aws, connected, monkeypatch, provision):
    member = make_queued()
    with monkeypatch.context() as patch:
        patch.setattr(seats, "ensure", _crash)
        with pytest.raises(Crash):
            provision(member)
    Member.objects.update(leased_until=None)
    aws.forget()

    provision(member)

    assert [entry["operation"] for entry in aws.ledger()] == ["CreateGroupMembership"]


def test_a_crash_before_the_user_was_noted_makes_no_second(
    connected, directory, monkeypatch, provision
):
    member = make_queued(email="crash@example.com")
    with monkeypatch.context() as patch:
        patch.setattr(directory_users, "_link", _crash)
        with pytest.raises(Crash):
            provision(member)
    Member.objects.update(leased_until=None)

    provision(member)

    assert len(users_with(directory, "crash@example.com")) == 1
    assert member.status == Member.Status.INVITED


class Crash(BaseException):
    """The worker's process is gone."""


def _crash(*args, **kwargs):
    raise Crash


def test_throttling_is_tried_again_and_slows_everybody_down(aws, connected, monkeypatch, provision):
    slowed = []
    monkeypatch.setattr(pacing, "slow_down", lambda: slowed.append(1))
    aws.fault(operation="CreateUser", kind="throttle")
    member = make_queued()

    assert provision(member) > 0
    assert slowed
    assert (member.status, member.trouble) == ("queued", "")


def test_five_errors_of_aws_quarantine_the_member(aws, connected, provision):
    aws.fault(operation="CreateUser", kind="error", match="bad@example.com")
    member = make_queued(email="bad@example.com")

    for _ in range(5):
        Member.objects.update(next_try_at=member.added_at)
        provision(member)

    assert member.trouble == "keeps-failing"


def test_denied_pauses_everybody(aws, connected, provision):
    aws.fault(operation="CreateUser", kind="deny")
    member = make_queued()

    provision(member)

    assert jobs.is_paused()
    assert member.status == Member.Status.QUEUED


@pytest.fixture
def renamed(connected, provision):
    """A member whose new name AWS does not let the portal send."""
    member = make_queued()
    provision(member)
    members.rename(member, given_name="Grace", family_name="Hopper", actor=make_founder())
    return member


def test_without_an_optional_permission_nobody_else_waits(aws, renamed, provision):
    aws.fault(operation="UpdateUser", kind="deny")

    provision(renamed)

    assert not jobs.is_paused()


def test_without_it_the_row_stops_and_names_it(aws, renamed, provision):
    aws.fault(operation="UpdateUser", kind="deny")

    provision(renamed)

    assert renamed.trouble == "refused"
    assert "add identitystore:UpdateUser to its policy" in renamed.last_error


def test_bad_credentials_pause_everybody_whatever_was_asked(renamed, provision, monkeypatch):
    def refuse(*_):
        raise aws_door.AwsDenied("UpdateUser", "ExpiredTokenException", "expired")

    monkeypatch.setattr(provisioning.directory_users, "send_name", refuse)
    provision(renamed)

    assert jobs.is_paused()


def test_while_paused_aws_is_not_asked(aws, connected, provision):
    jobs.pause_all("expired")
    aws.forget()

    provision(make_queued())

    assert aws.ledger() == []


def test_success_ends_the_pause(aws, connected, provision):
    Workspace.objects.update(aws_pause_reason="expired", aws_paused_until="2020-01-01T00:00Z")

    provision(make_queued())

    assert Workspace.load().aws_pause_reason == ""


def test_without_aws_the_member_waits_with_a_reason(connected, monkeypatch, provision):
    def unreachable(*args, **kwargs):
        raise provisioning.aws.AwsUnreachable("GetUserId", "EndpointConnectionError", "no route")

    monkeypatch.setattr(identity_center, "users_page", unreachable)
    member = make_queued()

    assert provision(member) > 0
    assert member.status == Member.Status.QUEUED
    assert "no route" in member.last_error


def test_without_a_connection_the_member_waits_for_one(db, provision):
    make_workspace(identity_store_id="")
    member = make_queued()

    provision(member)

    assert member.trouble == "not-connected"


def test_connecting_sets_up_whoever_waited_for_it(aws, db, provision):
    make_workspace(identity_store_id="")
    member = make_queued()
    provision(member)

    connection.connect(region="us-east-1")
    provision(member)

    assert member.status == Member.Status.INVITED


def test_a_refusal_is_kept_with_its_reason(aws, connected, provision):
    aws.fault(operation="CreateUser", kind="error", status=400, code="ValidationException")
    member = make_queued()

    provision(member)

    assert member.trouble == "refused"
    assert "CreateUser" in member.last_error


def test_a_seat_group_that_is_gone_is_trouble(connected, provision):
    plan = get_plan()
    plan.seat_group_id = "9067c1a2b3-00000000-0000-0000-0000-000000000000"
    plan.save()
    member = make_queued()

    provision(member)

    assert member.trouble == "refused"


@pytest.mark.parametrize(
    ("email", "given_name", "family_name"),
    [
        ("a" * 188 + "@example.com", "Long", "Mail"),
        ("misaki@example.jp", "美咲", "佐藤"),
        ("mono@example.com", "Mono", ""),
        ("tag@example.com", "<script>alert(1)</script>", "O'Neill"),
    ],
)
def test_names_of_every_kind_arrive(connected, email, given_name, family_name, provision):
    member = make_queued(email=email, given_name=given_name, family_name=family_name)

    provision(member)

    assert member.status == Member.Status.INVITED


def test_a_delivery_while_another_worker_is_at_it_does_nothing(aws, connected, provision):
    member = make_queued()
    jobs.claim(Member, member.pk)
    aws.forget()

    provision(member)

    assert aws.ledger() == []
