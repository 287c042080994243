"""Finding and settling differences, against the embedded AWS and its ledger."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.utils import timezone

from onboarding.drift import (
    directory_checks,
    directory_reading,
    drift_actions,
    drift_repairs,
    drifts,
)
from onboarding.drift.drift_actions import CannotSettle
from onboarding.gateways import identity_center as gateway
from onboarding.models import DirectoryCheck, Drift, Member
from onboarding.tasks import reconcile_directory, repair_drift
from onboarding.team import trouble
from portal import jobs
from portal.models import AuditEvent, JobRun, Notice, User
from tests.factories import get_plan, make_founder, make_member, make_queued, make_workspace

pytestmark = pytest.mark.django_db

LONG_AGO = timezone.now() - timedelta(days=2)


class Company:
    """People at AWS and on the team, and what somebody does to them behind the portal's back."""

    def __init__(self, aws, workspace):
        self.store = {"IdentityStoreId": workspace.identity_store_id}
        self.client = aws.client("identitystore")

    def user(self, name, *plans):
        """A user at AWS, in the seat groups of these plans; the id."""
        user_id = self.client.create_user(
            **self.store,
            UserName=f"{name}@example.com",
            DisplayName=name,
            Name={"GivenName": name.title(), "FamilyName": "Example"},
            Emails=[{"Value": f"{name}@example.com", "Type": "work", "Primary": True}],
        )["UserId"]
        for plan in plans:
            self.join(user_id, plan)
        return user_id

    def member(self, name, **fields):
        """Somebody set up long ago, with nothing amiss."""
        return make_member(**{
            "email": f"{name}@example.com",
            "given_name": name.title(),
            "family_name": "Example",
            "directory_user_id": self.user(name, "pro-plus"),
            "directory_user_name": f"{name}@example.com",
            "seat_group_id": get_plan().seat_group_id,
            "seat_requested_at": LONG_AGO,
            **fields,
        })  # fmt: skip

    def join(self, user_id, plan):
        group_id = get_plan(plan).seat_group_id
        self.client.create_group_membership(
            **self.store, GroupId=group_id, MemberId={"UserId": user_id}
        )

    def leave(self, user_id, plan="pro-plus"):
        group_id = get_plan(plan).seat_group_id
        found = self.client.get_group_membership_id(
            **self.store, GroupId=group_id, MemberId={"UserId": user_id}
        )
        self.client.delete_group_membership(**self.store, MembershipId=found["MembershipId"])

    def change(self, user_id, path, value):
        self.client.update_user(
            **self.store, UserId=user_id, Operations=[{"AttributePath": path, "AttributeValue": value}]
        )  # fmt: skip

    def delete(self, user_id):
        self.client.delete_user(**self.store, UserId=user_id)


@pytest.fixture
def company(aws, connected):
    return Company(aws, connected)


@pytest.fixture
def founder(db):
    return make_founder()


def check():
    made = directory_checks.ask(now=timezone.now(), unless_within=timedelta())
    return directory_checks.carry_out(made.pk)


def found():
    """What is to be settled; the sample company's own people, strangers here, aside."""
    ours = Drift.objects.to_settle().exclude(email__endswith="northwind.example")
    return sorted(ours.values_list("kind", flat=True))


def the(kind):
    rows = Drift.objects.open().exclude(email__endswith="northwind.example")
    return rows.get(kind=kind)


# Finding ---------------------------------------------------------------------------------------


def test_a_team_as_it_should_be_has_no_difference(company):
    company.member("ada")

    check()

    assert found() == []


BEHIND_OUR_BACK = {
    "missing": lambda aws, company, user_id: company.delete(user_id),
    "disabled": lambda aws, company, user_id: aws.control(
        "POST", "users", {"user_id": user_id, "status": "DISABLED"}
    ),
    "out-of-group": lambda aws, company, user_id: company.leave(user_id),
    "two-groups": lambda aws, company, user_id: company.join(user_id, "power"),
    "email": lambda aws, company, user_id: company.change(
        user_id, "emails", [{"Value": "new@example.com", "Type": "work", "Primary": True}]
    ),
    "name": lambda aws, company, user_id: company.change(user_id, "name.familyName", "King"),
    "stranger": lambda aws, company, user_id: company.user("dana", "power"),
}


@pytest.mark.parametrize("kind", BEHIND_OUR_BACK)
def test_what_happens_behind_our_back_is_found_and_not_undone(aws, company, kind):
    member = company.member("ada")
    BEHIND_OUR_BACK[kind](aws, company, member.directory_user_id)
    aws.forget()

    check()

    assert found() == [kind]
    assert {entry["operation"] for entry in aws.ledger()} == {"ListUsers", "ListGroupMemberships"}


def test_what_is_found_is_no_work_until_somebody_asks(company):
    company.leave(company.member("ada").directory_user_id)

    check()

    assert Drift.objects.exists()
    assert not Drift.objects.exclude(next_try_at=None).exists()


def test_another_plans_group_is_found(company):
    member = company.member("ada")
    company.leave(member.directory_user_id)
    company.join(member.directory_user_id, "pro")

    check()

    assert found() == ["wrong-group"]


def test_the_requests_follow_from_the_pages_not_from_the_members(aws, company):
    for number in range(101 - 12):  # with the sample company more than a page of users
        company.user(f"user{number}")
    for name in ("ada", "grace", "zoe"):
        company.member(name)
    aws.forget()

    check()

    operations = [entry["operation"] for entry in aws.ledger()]
    assert sorted(operations) == ["ListGroupMemberships"] * 4 + ["ListUsers"] * 2


def test_a_group_of_more_than_a_page_is_read_whole(aws, company):
    for number in range(101):
        company.user(f"power{number}", "power")
    aws.forget()

    snapshot = check()

    assert len(snapshot.listing.seats[get_plan("power").seat_group_id]) >= 101
    assert len([e for e in aws.ledger() if e["operation"] == "ListGroupMemberships"]) == 5


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "queued"},
        {"status": "leaving"},
        {"leased_until": timedelta(days=1)},
        {"old_seat_group_id": "9067c1a2b3-old"},
        {"next_try_at": timedelta(days=1)},
        {"seat_requested_at": timedelta(hours=1)},
    ],
)
def test_whoever_is_in_work_is_left_alone(company, fields):
    """A span is that long from now."""
    member = company.member("ada")
    now = timezone.now()
    fields = {
        name: now + value if isinstance(value, timedelta) else value
        for name, value in fields.items()
    }
    company.leave(member.directory_user_id)
    Member.objects.filter(pk=member.pk).update(**fields)

    check()

    assert found() == []


def test_who_was_set_up_half_a_minute_ago_is_judged(company):
    asked_at = timezone.now() - timedelta(seconds=30)
    member = company.member("ada", seat_requested_at=asked_at)
    company.leave(member.directory_user_id)

    check()

    assert found() == ["out-of-group"]


def test_a_change_of_plan_that_stopped_is_shown_as_that(company):
    company.member("ada", plan="power", failure_code="refused")

    check()

    assert found() == []


def test_whoever_just_left_is_no_stranger(company):
    company.member("ada", status="removed", left_at=timezone.now())

    check()

    assert found() == []


def test_whoever_left_long_ago_and_has_a_seat_is_a_stranger(company):
    company.member("ada", status="removed", left_at=LONG_AGO)

    check()

    assert found() == ["stranger"]


def test_whoever_changes_while_we_read_is_left_alone(company, monkeypatch):
    member = company.member("ada")
    company.leave(member.directory_user_id)
    read = gateway.list_users

    def read_slowly(directory):
        Member.objects.filter(pk=member.pk).update(given_name="Augusta")
        return read(directory)

    monkeypatch.setattr(gateway, "list_users", read_slowly)
    check()

    assert found() == []


def test_a_listing_cut_short_changes_nothing(aws, company):
    member = company.member("ada")
    company.delete(member.directory_user_id)
    aws.fault(operation="ListUsers", kind="error", status=400, code="ValidationException")

    check()

    member.refresh_from_db()
    assert (found(), member.directory_checked_at) == ([], None)
    assert "ListUsers" in DirectoryCheck.objects.get().reason


def test_an_aws_that_is_busy_is_asked_again_later(aws, company):
    aws.fault(operation="ListUsers", kind="error", status=500, code="InternalServerException")

    check()

    waiting = DirectoryCheck.objects.get()
    assert waiting.outcome == "under-way"
    assert waiting.next_try_at > timezone.now()


def test_an_aws_that_stays_busy_ends_the_check_with_a_sentence(aws, company):
    aws.fault(operation="ListUsers", kind="error", status=500, code="InternalServerException")
    for _ in range(directory_checks.MOST_FAILURES):
        DirectoryCheck.objects.update(next_try_at=timezone.now())
        check()

    assert DirectoryCheck.objects.get().outcome == "failed"
    assert "ListUsers" in JobRun.objects.get(name="reconcile_directory").last_error


def test_a_seat_group_that_is_gone_is_said_not_reported_member_by_member(company):
    company.member("ada")
    plan = get_plan()
    plan.seat_group_id = "9067c1a2b3-00000000-0000-0000-0000-000000000000"
    plan.save()

    check()

    assert found() == []
    assert "is gone from Identity Center" in DirectoryCheck.objects.get().reason


# From check to check ---------------------------------------------------------------------------


def test_a_difference_that_has_gone_closes_itself_with_a_date(company):
    member = company.member("ada")
    company.leave(member.directory_user_id)
    check()
    company.join(member.directory_user_id, "pro-plus")

    check()

    row = Drift.objects.get(kind="out-of-group")
    assert (row.ending, row.closed_at is None) == ("gone", False)


def test_gone_by_itself_it_is_not_repaired_any_more(aws, company, founder):
    member = company.member("ada")
    company.leave(member.directory_user_id)
    check()
    drift_actions.repair(the("out-of-group"), actor=founder)
    company.join(member.directory_user_id, "pro-plus")
    check()
    aws.forget()

    drift_repairs.carry_out(Drift.objects.get(kind="out-of-group").pk)

    assert aws.ledger() == []


def test_while_the_member_is_in_work_it_stays_open(company):
    member = company.member("ada")
    company.leave(member.directory_user_id)
    check()
    Member.objects.filter(pk=member.pk).update(next_try_at=timezone.now())

    check()

    assert found() == ["out-of-group"]


def test_found_twice_it_is_one_row(company):
    company.user("dana", "power")
    check()

    check()

    assert found() == ["stranger"]


def test_found_again_after_it_had_gone_it_is_a_new_row(company):
    member = company.member("ada")
    company.leave(member.directory_user_id)
    check()
    company.join(member.directory_user_id, "pro-plus")
    check()
    company.leave(member.directory_user_id)

    check()

    assert Drift.objects.filter(kind="out-of-group").count() == 2
    assert found() == ["out-of-group"]


def test_ignored_it_stays_ignored_while_it_is_the_same(company, founder):
    company.user("dana", "power")
    check()
    drift_actions.ignore(the("stranger"), reason="A contractor", actor=founder)

    check()

    assert found() == []


def test_ignored_it_is_shown_again_when_it_becomes_another(company, founder):
    user_id = company.user("dana", "pro")
    check()
    drift_actions.ignore(the("stranger"), reason="A contractor", actor=founder)
    company.join(user_id, "power")

    check()

    assert found() == ["stranger"]


def test_members_half_set_up_are_gone_on_with(company, queue):
    left = make_queued(email="left@example.com")
    Member.objects.filter(pk=left.pk).update(next_try_at=None)

    check()

    left.refresh_from_db()
    assert left.next_try_at is not None


def test_the_member_says_how_the_user_stands(aws, company):
    ada, grace = company.member("ada"), company.member("grace")
    company.delete(grace.directory_user_id)

    check()

    statuses = Member.objects.order_by("pk").values_list("directory_status", flat=True)
    assert list(statuses) == ["ENABLED", "MISSING"]
    ada.refresh_from_db()
    assert ada.directory_checked_at is not None


@pytest.mark.parametrize(
    ("kind", "trouble"),
    [("missing", "user-missing"), ("disabled", "disabled"), ("out-of-group", "seat-lost")],
)
def test_the_board_shows_what_keeps_a_member_from_working(aws, company, kind, trouble):
    member = company.member("ada", done=5)
    BEHIND_OUR_BACK[kind](aws, company, member.directory_user_id)

    check()

    member.refresh_from_db()
    assert member.trouble == trouble


def test_the_board_is_quiet_again_when_the_seat_was_asked_for_since(company):
    member = company.member("ada")
    company.leave(member.directory_user_id)
    check()
    member.refresh_from_db()
    member.seat_requested_at = timezone.now()

    trouble.assess(member)

    assert member.trouble == ""


def test_the_board_is_quiet_again_when_it_is_ignored(aws, company, founder):
    member = company.member("ada")
    company.leave(member.directory_user_id)
    check()

    drift_actions.ignore(the("out-of-group"), reason="On leave", actor=founder)

    member.refresh_from_db()
    assert member.trouble == ""


@pytest.mark.parametrize("members", [1, 12])
def test_the_statements_do_not_grow_with_the_members(company, members, django_assert_num_queries):
    for number in range(members):
        company.delete(company.member(f"m{number}").directory_user_id)
    snapshot = directory_reading.look()

    with django_assert_num_queries(12):  # one of them asks which webhooks are to be told
        drifts.store(snapshot)


# One check at a time ---------------------------------------------------------------------------


def test_two_beats_and_a_click_make_one_check(aws, company, founder):
    for _ in range(2):
        reconcile_directory()
    directory_checks.ask(now=timezone.now(), by=founder, unless_within=timedelta(seconds=3))

    assert DirectoryCheck.objects.count() == 1


def test_a_click_while_one_is_under_way_joins_it(company, founder):
    first = directory_checks.ask(now=timezone.now(), by=founder)

    assert directory_checks.ask(now=timezone.now(), by=founder) == first


def test_two_workers_do_it_once(aws, company):
    made = directory_checks.ask(now=timezone.now())
    jobs.claim(DirectoryCheck, made.pk)
    aws.forget()

    reconcile_directory(made.pk)

    assert aws.ledger() == []


def test_a_worker_that_lost_the_lease_writes_nothing(company, monkeypatch):
    company.user("dana", "power")
    read = gateway.list_users

    def lose(directory):
        DirectoryCheck.objects.update(lease="another")
        return read(directory)

    monkeypatch.setattr(gateway, "list_users", lose)
    check()

    assert not Drift.objects.exists()


def test_the_lease_is_renewed_with_every_page(company, monkeypatch):
    for number in range(100):
        company.user(f"power{number}", "power")
    kept = []

    directory_reading.look(keep=lambda: kept.append(1))

    assert len(kept) >= 4 + 1 + 2  # groups and users, and the second pages of both


def test_a_check_that_went_well_ends_the_pause(company):
    jobs.pause_all("expired")

    check()

    assert not jobs.is_paused()


def test_while_aws_refuses_our_credentials_nothing_is_asked(aws, company):
    made = directory_checks.ask(now=timezone.now())
    jobs.pause_all("expired")
    aws.forget()

    reconcile_directory(made.pk)

    assert aws.ledger() == []


def test_both_jobs_can_be_rung(company):
    assert jobs.TASKS[DirectoryCheck] == reconcile_directory.name
    assert jobs.TASKS[Drift] == repair_drift.name


# Adopting --------------------------------------------------------------------------------------


def test_a_stranger_becomes_a_member_with_the_seat_they_have(aws, company, founder, provision):
    user_id = company.user("dana", "power")
    check()
    member = drift_actions.adopt(the("stranger"), actor=founder)
    aws.forget()

    provision(member)

    assert (member.status, member.plan.code, member.origin) == ("invited", "power", "adopted")
    assert (member.directory_user_id, member.full_name) == (user_id, "Dana Example")
    assert Notice.objects.get().to == "dana@example.com"
    assert aws.ledger() == []


def test_adopted_it_is_settled(company, founder):
    company.user("dana", "power")
    check()
    drift_actions.adopt(the("stranger"), actor=founder)

    check()

    assert found() == []
    assert AuditEvent.objects.get(action="drift.adopted").actor == founder.email


def test_the_name_of_aws_is_taken_over(company, founder):
    member = company.member("ada")
    company.change(member.directory_user_id, "name.familyName", "King")
    check()

    drift_actions.adopt(the("name"), actor=founder)

    member.refresh_from_db()
    assert (member.full_name, member.user.name) == ("Ada King", "Ada King")


def change_email(company, member, email="new@example.com"):
    value = [{"Value": email, "Type": "work", "Primary": True}]
    company.change(member.directory_user_id, "emails", value)
    check()


def test_the_new_email_is_taken_over_and_the_old_one_gets_nobody_in(company, founder):
    member = company.member("ada")
    change_email(company, member)

    drift_actions.adopt(the("email"), actor=founder)

    member.refresh_from_db()
    assert (member.email, member.user.email) == ("new@example.com", "new@example.com")
    assert not User.objects.filter(email="ada@example.com").exists()


def test_no_code_is_mailed_to_the_old_address_any_more(company, founder):
    member = company.member("ada")
    EmailAddress.objects.create(user=member.user, email="ada@example.com", verified=True)
    change_email(company, member)

    drift_actions.adopt(the("email"), actor=founder)

    assert not EmailAddress.objects.filter(email="ada@example.com").exists()


def test_an_invitation_not_used_yet_goes_to_the_new_email(company, founder):
    member = company.member("ada")
    old_nonce = member.invitation_nonce
    change_email(company, member)

    drift_actions.adopt(the("email"), actor=founder)

    member.refresh_from_db()
    assert member.invitation_nonce != old_nonce
    assert Notice.objects.get().to == "new@example.com"


def test_an_email_of_somebody_else_here_is_not_taken_over(company, founder):
    member = company.member("ada")
    make_member(email="new@example.com")
    change_email(company, member)

    with pytest.raises(CannotSettle):
        drift_actions.adopt(the("email"), actor=founder)

    member.refresh_from_db()
    assert member.email == "ada@example.com"


def test_a_founder_keeps_their_own_sign_in(company, founder):
    member = company.member("ada")
    Member.objects.filter(pk=member.pk).update(user=founder)
    change_email(company, member)

    drift_actions.adopt(the("email"), actor=founder)

    member.refresh_from_db()
    founder.refresh_from_db()
    assert (founder.email == "new@example.com", member.user.email) == (False, "new@example.com")


@pytest.mark.parametrize("kind", ["missing", "disabled", "out-of-group", "two-groups"])
def test_what_cannot_be_taken_over_is_refused(aws, company, founder, kind):
    BEHIND_OUR_BACK[kind](aws, company, company.member("ada").directory_user_id)
    check()

    with pytest.raises(CannotSettle):
        drift_actions.adopt(the(kind), actor=founder)


# Repairing -------------------------------------------------------------------------------------


def repaired(kind, founder, **how):
    row = the(kind)
    drift_actions.repair(row, actor=founder, **how)
    drift_repairs.carry_out(row.pk)
    row.refresh_from_db()
    return row


def test_a_user_who_is_gone_is_made_again(company, founder, provision, seated):
    member = company.member("ada", done=5)
    old_id, invited_at = member.directory_user_id, member.invited_at
    company.delete(old_id)
    check()
    drift_actions.repair(the("missing"), actor=founder)

    provision(member)

    assert member.directory_user_id not in {"", old_id}
    assert member.directory_user_id in seated()
    assert (member.status, member.invited_at, member.trouble) == ("invited", invited_at, "")


def test_a_user_made_again_has_to_be_activated_again(company, founder):
    member = company.member("ada", done=5)
    company.delete(member.directory_user_id)
    check()

    drift_actions.repair(the("missing"), actor=founder)

    member.refresh_from_db()
    kept = set(member.steps.values_list("step", flat=True))
    assert (kept, member.steps_done) == ({"cancel-individual", "sign-out"}, 2)


def test_a_lost_seat_is_given_again(company, founder, seated):
    member = company.member("ada", done=5)
    company.leave(member.directory_user_id)
    check()

    row = repaired("out-of-group", founder)

    member.refresh_from_db()
    assert member.directory_user_id in seated()
    assert (member.status, member.trouble, member.lease) == ("verified", "", "")
    assert row.ending == "repaired"


def test_the_seat_of_another_plan_is_exchanged(aws, company, founder, seated):
    member = company.member("ada")
    company.leave(member.directory_user_id)
    company.join(member.directory_user_id, "pro")
    check()
    aws.forget()

    repaired("wrong-group", founder)

    made = [entry["operation"] for entry in aws.ledger()]
    assert made == ["CreateGroupMembership", "GetGroupMembershipId", "DeleteGroupMembership"]
    assert member.directory_user_id in seated()
    assert member.directory_user_id not in seated("pro")


def test_of_two_seats_the_plans_own_is_kept(company, founder, seated):
    member = company.member("ada")
    company.join(member.directory_user_id, "power")
    check()

    repaired("two-groups", founder)

    assert member.directory_user_id in seated()
    assert member.directory_user_id not in seated("power")


def test_our_name_is_sent(company, founder, provision, directory):
    member = company.member("ada")
    company.change(member.directory_user_id, "name.familyName", "King")
    check()
    drift_actions.repair(the("name"), actor=founder)

    provision(member)

    there = gateway.describe_user(directory, member.directory_user_id)
    assert there.family_name == "Example"


def test_a_strangers_seat_is_taken_by_a_worker_not_by_the_click(aws, company, founder, seated):
    user_id = company.user("dana", "power")
    check()
    aws.forget()
    row = the("stranger")
    drift_actions.repair(row, actor=founder, is_confirmed=True)
    assert aws.ledger() == []

    drift_repairs.carry_out(row.pk)

    assert user_id not in seated("power")
    event = AuditEvent.objects.get(action="drift.repaired")
    assert (event.actor, bool(event.aws_request_id)) == (founder.email, True)


def test_a_strangers_user_stays(company, founder, user_ids):
    user_id = company.user("dana", "power")
    check()

    repaired("stranger", founder, is_confirmed=True)

    assert user_id in user_ids()


def test_unconfirmed_a_stranger_keeps_the_seat(company, founder, seated):
    user_id = company.user("dana", "power")
    check()

    with pytest.raises(CannotSettle):
        drift_actions.repair(the("stranger"), actor=founder)

    assert user_id in seated("power")


def test_a_stranger_who_became_a_member_meanwhile_keeps_the_seat(company, founder, seated):
    user_id = company.user("dana", "power")
    check()
    row = the("stranger")
    drift_actions.repair(row, actor=founder, is_confirmed=True)
    make_member(email="dana@example.com", directory_user_id=user_id)

    drift_repairs.carry_out(row.pk)

    assert user_id in seated("power")


def test_a_member_who_leaves_meanwhile_gets_no_seat(company, founder, seated):
    member = company.member("ada")
    company.leave(member.directory_user_id)
    check()
    row = the("out-of-group")
    drift_actions.repair(row, actor=founder)
    Member.objects.filter(pk=member.pk).update(status=Member.Status.LEAVING)

    drift_repairs.carry_out(row.pk)

    assert member.directory_user_id not in seated()


def test_a_member_in_other_hands_is_waited_for(aws, company, founder):
    member = company.member("ada")
    company.leave(member.directory_user_id)
    check()
    Member.objects.filter(pk=member.pk).update(leased_until=timezone.now() + timedelta(minutes=1))
    aws.forget()

    row = repaired("out-of-group", founder)

    assert aws.ledger() == []
    assert row.next_try_at > timezone.now()


def test_a_repair_that_died_half_way_goes_on(company, founder, seated, monkeypatch):
    member = company.member("ada")
    company.leave(member.directory_user_id)
    check()
    row = the("out-of-group")
    drift_actions.repair(row, actor=founder)
    with monkeypatch.context() as patch:
        patch.setattr(drift_repairs, "_finish", _crash)
        patch.setattr(drift_repairs, "_let_go", lambda member: None)
        with pytest.raises(Crash):
            drift_repairs.carry_out(row.pk)
    for model in (Drift, Member):
        model.objects.filter(leased_until__isnull=False).update(leased_until=LONG_AGO)

    drift_repairs.carry_out(row.pk)

    row.refresh_from_db()
    assert row.ending == "repaired"
    assert member.directory_user_id in seated()


class Crash(BaseException):
    """The worker's process is gone."""


def _crash(*args, **kwargs):
    raise Crash


def test_a_refusal_is_shown_with_its_reason(aws, company, founder):
    company.leave(company.member("ada").directory_user_id)
    check()
    aws.fault(
        operation="CreateGroupMembership", kind="error", status=400, code="ValidationException"
    )

    row = repaired("out-of-group", founder)

    assert "CreateGroupMembership" in row.last_error
    assert (row.next_try_at, row.is_open) == (None, True)


@pytest.mark.parametrize("kind", ["disabled", "email"])
def test_what_no_api_can_do_is_refused(aws, company, founder, kind):
    BEHIND_OUR_BACK[kind](aws, company, company.member("ada").directory_user_id)
    check()

    with pytest.raises(CannotSettle):
        drift_actions.repair(the(kind), actor=founder)


def test_repaired_it_is_not_found_again_by_a_check_that_began_before(company, founder):
    company.user("dana", "power")
    check()
    before = directory_reading.look()
    repaired("stranger", founder, is_confirmed=True)

    drifts.store(before)

    assert found() == []


# The command -----------------------------------------------------------------------------------


def everything():
    models = (Member, Drift, DirectoryCheck, AuditEvent, JobRun, Notice)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_a_dry_run_prints_the_differences_and_writes_nothing(company, capsys):
    company.delete(company.member("ada").directory_user_id)
    before = everything()

    call_command("reconcile", "--dry-run")

    assert "User gone" in capsys.readouterr().out
    assert everything() == before


def test_the_command_keeps_what_it_found(company, capsys):
    company.user("dana", "power")

    call_command("reconcile")

    out = capsys.readouterr().out
    assert "$200.00 a month" in out
    assert found() == ["stranger"]


@pytest.mark.parametrize("words", [[], ["--dry-run"]])
def test_the_command_says_in_a_sentence_what_aws_said(aws, company, words):
    aws.fault(operation="ListUsers", kind="deny")

    with pytest.raises(CommandError, match="ListUsers"):
        call_command("reconcile", *words)


@pytest.mark.parametrize("words", [[], ["--dry-run"]])
def test_without_a_connection_the_command_says_so(db, words):
    make_workspace(identity_store_id="")

    with pytest.raises(CommandError, match="not connected"):
        call_command("reconcile", *words)
