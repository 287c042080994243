"""Another plan: the seat follows, and no crash leaves the member without one."""

import pytest

from onboarding.gateways import identity_center
from onboarding.models import Member
from onboarding.team import holding, members, offboarding, provisioning, seats
from tests.factories import get_plan, make_founder, make_queued

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def member(connected, provision):
    member = make_queued(plan="pro")
    provision(member)
    return member


def change(member, plan="power"):
    result = members.change_plan(member, get_plan(plan), actor=make_founder())
    member.refresh_from_db()
    return result


def test_the_member_moves_to_the_new_group(member, seated, provision):
    change(member)

    provision(member)

    assert member.directory_user_id in seated("power")
    assert member.directory_user_id not in seated("pro")


def test_the_new_seat_comes_before_the_old_one_goes(aws, member, provision):
    change(member)
    aws.forget()

    provision(member)

    changes = [entry["operation"] for entry in aws.ledger() if "Create" in entry["operation"]
               or "Delete" in entry["operation"]]  # fmt: skip
    assert changes == ["CreateGroupMembership", "DeleteGroupMembership"]


def test_a_crash_between_the_two_leaves_both_and_is_mended(member, seated, provision, monkeypatch):
    change(member)
    with monkeypatch.context() as patch:
        patch.setattr(seats, "_leave_old", _crash)
        with pytest.raises(Crash):
            provision(member)
    assert member.directory_user_id in seated("power") & seated("pro")
    Member.objects.update(leased_until=None)

    provision(member)

    assert member.directory_user_id in seated("power") - seated("pro")


class Crash(BaseException):
    """The worker's process is gone."""


def _crash(*args, **kwargs):
    raise Crash


def test_a_second_change_under_way_ends_with_one_seat(member, seated, provision, monkeypatch):
    change(member, "power")
    with monkeypatch.context() as patch:
        patch.setattr(seats, "_leave_old", _crash)
        with pytest.raises(Crash):
            provision(member)
    Member.objects.update(leased_until=None)

    change(member, "pro-plus")
    provision(member)

    held = [
        code for code in ("pro", "pro-plus", "power") if member.directory_user_id in seated(code)
    ]
    assert held == ["pro-plus"]


def test_nobody_is_invited_twice_for_it(member, provision):
    from portal.models import Notice

    change(member)
    provision(member)

    assert Notice.objects.count() == 1


def test_the_steps_stay(member, provision):
    Member.objects.update(status=Member.Status.VERIFIED)

    change(member)
    provision(member)

    assert member.status == Member.Status.VERIFIED


def test_going_up_costs_more_at_once(member):
    assert str(change(member, "power")) == (
        "Pro → Power: $200.00 a month instead of $20.00, at once"
    )


def test_going_down_costs_less_from_next_month(member):
    change(member, "power")

    assert str(change(member, "pro")).endswith("from next month")


def test_the_same_plan_asks_for_nothing(member):
    change(member, "pro")

    assert member.next_try_at is None


def test_whoever_leaves_gets_no_other_plan(member):
    Member.objects.update(status=Member.Status.LEAVING)

    with pytest.raises(holding.HasLeft):
        change(member)


@pytest.mark.parametrize("then", ["pro-max", "pro"])
def test_a_seat_whose_answer_was_lost_is_left_by_the_next_change(
    aws, member, seated, provision, then
):
    change(member)
    aws.fault(kind="drop", operation="CreateGroupMembership", times=2)
    provision(member)
    assert member.directory_user_id in seated("power") & seated("pro")

    change(member, then)
    provision(member)

    assert _plans_of(member, seated) == [then]


def test_a_seat_whose_answer_was_lost_is_left_by_whoever_leaves(aws, member, seated, provision):
    change(member)
    aws.fault(kind="drop", operation="CreateGroupMembership", times=2)
    provision(member)

    offboarding.offboard(member, actor=make_founder())
    provision(member)

    assert _plans_of(member, seated) == []


def test_a_change_while_the_row_is_being_worked_on_is_not_forgotten(
    member, seated, provision, monkeypatch
):
    change(member)
    settle = provisioning._settle
    with monkeypatch.context() as patch:
        patch.setattr(provisioning, "_settle", lambda row: (change(member, "pro-max"), settle(row)))
        wait = provision(member)

    provision(member)

    assert wait == 0
    assert _plans_of(member, seated) == ["pro-max"]


def test_a_new_name_while_the_one_before_is_sent_is_sent_too(
    directory, member, provision, monkeypatch
):
    rename(member, "First")
    send = identity_center.rename_user
    with monkeypatch.context() as patch:
        patch.setattr(
            identity_center,
            "rename_user",
            lambda *args, **names: (send(*args, **names), rename(member, "Second"))[0],
        )
        provision(member)

    provision(member)

    user = identity_center.describe_user(directory, member.directory_user_id)
    assert user.given_name == "Second"


def rename(member, given):
    members.rename(member, given_name=given, family_name="Name", actor=make_founder())


def _plans_of(member, seated):
    plans = ("pro", "pro-plus", "pro-max", "power")
    return [plan for plan in plans if member.directory_user_id in seated(plan)]
