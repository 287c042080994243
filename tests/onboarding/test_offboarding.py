"""Leaving: now, on a date, not after all, and what becomes of the user."""

from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from onboarding.models import Member
from onboarding.team import holding, invitations, members, offboarding
from portal import jobs
from portal.models import AuditEvent
from tests.factories import get_plan, make_founder, make_queued

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(connected, provision):
    member = make_queued(email="ada@example.com")
    provision(member)
    return member


def offboard(member, **how):
    offboarding.offboard(member, actor=make_founder(), **how)
    member.refresh_from_db()


def test_the_seat_is_given_back(member, seated, provision):
    offboard(member)
    user_id = member.directory_user_id

    provision(member)

    assert user_id not in seated()
    assert member.status == Member.Status.REMOVED


def test_the_user_is_kept_unless_asked(member, user_ids, provision):
    offboard(member)

    provision(member)

    assert member.directory_user_id in user_ids()


def test_the_user_is_deleted_when_asked(member, user_ids, provision):
    offboard(member, delete_user=True)

    provision(member)

    assert member.directory_user_id not in user_ids()


def test_a_worker_that_dies_after_deleting_deletes_and_records_once(member, provision, monkeypatch):
    offboard(member, delete_user=True)
    close = offboarding._close
    monkeypatch.setattr(offboarding, "_close", _die)
    with suppress(ZeroDivisionError):
        provision(member)
    monkeypatch.setattr(offboarding, "_close", close)
    Member.objects.update(leased_until=None, next_try_at=timezone.now())

    provision(member)

    assert AuditEvent.objects.filter(action="directory_user.deleted").count() == 1


def _die(*_):
    raise ZeroDivisionError


def test_a_user_the_portal_did_not_create_needs_the_name_typed(member):
    Member.objects.update(origin=Member.Origin.ADOPTED)

    with pytest.raises(offboarding.CannotOffboard, match="Ada Lovelace"):
        offboard(member, delete_user=True, typed_name="ada")


def test_with_the_name_typed_it_is_deleted(member, user_ids, provision):
    Member.objects.update(origin=Member.Origin.ADOPTED)
    offboard(member, delete_user=True, typed_name="Ada Lovelace")

    provision(member)

    assert member.directory_user_id not in user_ids()


def test_the_way_into_the_portal_is_closed(member, provision):
    offboard(member)

    provision(member)

    member.user.refresh_from_db()
    assert not member.user.is_active


def test_history_stays(member, provision):
    offboard(member)
    provision(member)

    actions = AuditEvent.objects.filter(subject=f"member:{member.pk}")
    assert {"directory_user.created", "seat.given_back", "member.left"} <= set(
        actions.values_list("action", flat=True)
    )


def in_a_week():
    return timezone.now().date() + timedelta(days=7)


def test_a_date_is_waited_for(member, seated, provision):
    offboard(member, on=in_a_week())

    provision(member)

    assert member.directory_user_id in seated()
    assert member.status == Member.Status.LEAVING


def test_on_the_date_the_sweep_rings(member, monkeypatch):
    enqueued = []

    def enqueue(model, pks, **_):
        enqueued.extend(pks if model is Member else [])
        return 1

    monkeypatch.setattr(jobs, "enqueue", enqueue)
    offboard(member, on=in_a_week())

    jobs.sweep()
    assert member.pk not in enqueued
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        jobs.sweep()

    assert member.pk in enqueued


def test_before_the_date_it_can_be_cancelled(member, seated):
    offboard(member, on=in_a_week())

    offboarding.cancel(member, actor=make_founder())

    member.refresh_from_db()
    assert member.status == Member.Status.INVITED


def test_work_that_waited_goes_on_when_they_stay(member, seated, provision):
    members.change_plan(member, get_plan("power"), actor=make_founder())
    offboard(member, on=in_a_week())

    offboarding.cancel(member, actor=make_founder())
    provision(member)

    assert member.directory_user_id in seated("power")


def test_who_was_not_set_up_is_tried_again_when_they_stay(member):
    Member.objects.update(status=Member.Status.FAILED, failure_code="not-connected")
    offboard(member, on=in_a_week())

    offboarding.cancel(member, actor=make_founder())

    member.refresh_from_db()
    assert member.status == Member.Status.QUEUED


def test_trouble_is_there_again_when_they_stay(member):
    Member.objects.update(individual_plan=Member.IndividualPlan.STILL_PAID)
    offboard(member, on=in_a_week())

    offboarding.cancel(member, actor=make_founder())

    member.refresh_from_db()
    assert member.trouble == Member.Trouble.PAYS_TWICE


def test_staying_after_all_is_on_record(member):
    founder = make_founder()
    offboard(member, on=in_a_week())

    offboarding.cancel(member, actor=founder)

    event = AuditEvent.objects.get(action="member.offboarding_cancelled")
    assert (event.actor, event.subject) == (founder.email, f"member:{member.pk}")


def test_once_begun_it_cannot_be_cancelled(member):
    offboard(member)

    with pytest.raises(offboarding.CannotOffboard):
        offboarding.cancel(member, actor=make_founder())


def test_once_begun_it_gets_no_later_date(member):
    offboard(member)

    with pytest.raises(offboarding.CannotOffboard, match="already"):
        offboard(member, on=in_a_week())


def test_a_date_can_be_moved(member):
    offboard(member, on=in_a_week())
    offboard(member, on=in_a_week() + timedelta(days=1))

    offboarding.cancel(member, actor=make_founder())

    member.refresh_from_db()
    assert member.status == Member.Status.INVITED


def test_whoever_left_cannot_leave_again(member, provision):
    offboard(member)
    provision(member)

    with pytest.raises(offboarding.CannotOffboard):
        offboard(member)


def test_whoever_left_can_come_back_as_the_same_user(member, provision):
    offboard(member)
    provision(member)

    again = members.add(
        email="ada@example.com",
        given_name="Ada",
        family_name="Lovelace",
        plan=get_plan(),
        actor=make_founder(),
    )
    provision(again)

    assert again.directory_user_id == member.directory_user_id
    assert again.user.is_active


def test_somebody_gone_from_aws_already_leaves_all_the_same(aws, connected, member, provision):
    aws.client("identitystore").delete_user(
        IdentityStoreId=connected.identity_store_id, UserId=member.directory_user_id
    )
    offboard(member, delete_user=True)

    provision(member)

    assert member.status == Member.Status.REMOVED


def test_leaving_while_being_set_up_leaves_nothing_behind(
    connected, user_ids, provision, monkeypatch
):
    """The founder changes their mind while CreateUser is under way."""
    member = make_queued(email="never@example.com")
    before = user_ids()
    create = offboarding.directory_users.identity_center.create_user

    def create_slowly(*args, **kwargs):
        made = create(*args, **kwargs)
        offboarding.offboard(member, actor=make_founder(), delete_user=True)
        return made

    monkeypatch.setattr(offboarding.directory_users.identity_center, "create_user", create_slowly)
    provision(member)
    assert member.status == Member.Status.LEAVING
    Member.objects.update(leased_until=None)
    provision(member)

    assert member.status == Member.Status.REMOVED
    assert user_ids() == before


@pytest.mark.parametrize(
    ("on", "runs_to"),
    [
        (date(2026, 11, 1), date(2026, 11, 30)),
        (date(2026, 12, 31), date(2026, 12, 31)),
        (date(2028, 2, 29), date(2028, 2, 29)),
        (date(2027, 2, 1), date(2027, 2, 28)),
    ],
)
def test_the_plan_runs_to_the_months_end(member, on, runs_to):
    assert offboarding.preview(member, on=on).plan_runs_to == runs_to


def test_the_preview_says_what_is_saved(member):
    assert offboarding.preview(member, on=date(2026, 1, 1)).saves == Decimal("40.00")


def test_another_try_asked_for_on_an_old_page_does_not_undo_leaving(member):
    Member.objects.update(last_error="Waits.")
    on_the_page = Member.objects.get(pk=member.pk)
    offboard(member)

    members.retry(on_the_page, actor=make_founder())

    member.refresh_from_db()
    assert member.status == Member.Status.LEAVING


def test_an_invitation_asked_for_on_an_old_page_goes_to_nobody_who_leaves(member):
    on_the_page = Member.objects.get(pk=member.pk)
    offboard(member)

    with pytest.raises(holding.HasLeft):
        invitations.resend(on_the_page, actor=make_founder())
