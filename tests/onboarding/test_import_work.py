"""The worker's part of an import: one listing, members in bulk, nothing twice, pause and resume."""

import gc

import pytest
from django.db import connection
from django.test import TestCase
from django.utils import timezone

from onboarding.gateways import identity_center
from onboarding.importing import import_listing, import_pages, import_work, imports
from onboarding.models import ImportBatch, Member, Plan
from onboarding.team import members, provisioning
from portal import audit, jobs
from portal.models import AuditEvent, User
from tests.factories import get_plan, make_founder, make_member, make_workspace

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def founder():
    return make_founder()


@pytest.fixture(autouse=True)
def enqueued(monkeypatch):
    """What was put on the queue, instead of doing so."""
    messages = []
    monkeypatch.setattr(
        jobs, "enqueue", lambda model, pks, **_: messages.append((model, list(pks)))
    )
    return messages


def lines(count, *, domain="import.example"):
    return "email,name\n" + "".join(f"p{n:04}@{domain},Person {n}\n" for n in range(count))


def drafted(founder, text=None, *, people=3):
    plans = list(Plan.objects.all())
    return imports.draft(
        text or lines(people), source="team.csv", plan=get_plan(), plans=plans, actor=founder
    )


def confirmed(founder, text=None, *, people=3):
    return imports.confirm(drafted(founder, text, people=people), actor=founder)


def work(batch):
    with TestCase.captureOnCommitCallbacks(execute=True):
        wait = import_work.work(batch.pk)
    batch.refresh_from_db()
    return wait


def verdicts(batch):
    return [str(verdict) for verdict in batch.rows.values_list("verdict", flat=True)]


def make_directory_user(directory, email, *, user_name=""):
    return identity_center.create_user(
        directory, user_name=user_name or email, email=email, given_name="Olga", family_name="Old"
    ).id


# Members ---------------------------------------------------------------------------------------


def test_rows_become_members_in_their_order(founder):
    batch = confirmed(founder)

    work(batch)

    found = Member.objects.order_by("pk")
    assert [member.email[:5] for member in found] == ["p0000", "p0001", "p0002"]
    assert {member.added_by for member in found} == {founder}
    assert all(member.is_waiting and member.user.role == "member" for member in found)


def test_nothing_is_written_before_it_is_confirmed(founder):
    work(drafted(founder))

    assert not Member.objects.exists()


def test_of_two_who_see_the_draft_one_confirms(founder):
    batch = drafted(founder)
    seen_before = ImportBatch.objects.get()
    imports.confirm(batch, actor=founder)

    imports.confirm(seen_before, actor=founder)

    assert AuditEvent.objects.filter(action="import.confirmed").count() == 1


def test_each_row_knows_its_member(founder):
    batch = confirmed(founder)

    work(batch)

    assert all(row.member.email == row.email for row in batch.rows.select_related("member"))


def test_the_batch_enqueues_all_its_members_in_order(founder, enqueued):
    batch = confirmed(founder, people=5)

    work(batch)

    pks = list(Member.objects.order_by("pk").values_list("pk", flat=True))
    assert enqueued[-1] == (Member, pks)


def test_each_member_has_a_history_and_the_log_verifies(founder):
    batch = confirmed(founder)

    work(batch)

    added = AuditEvent.objects.filter(action="member.added")
    assert {event.subject for event in added} == {f"member:{m.pk}" for m in Member.objects.all()}
    assert all(e.actor == founder.email and e.detail["import"] == batch.pk for e in added)
    assert audit.verify() == AuditEvent.objects.count()


@pytest.mark.parametrize("switch", [gc.enable, gc.disable])
def test_pythons_collector_is_left_as_it_was(founder, switch):
    was_on = gc.isenabled()
    switch()
    before = gc.isenabled()

    try:
        work(confirmed(founder))

        assert gc.isenabled() == before
    finally:
        (gc.enable if was_on else gc.disable)()


def test_who_left_comes_back_with_their_account(founder):
    left = make_member(email="p0001@import.example", status="removed")
    User.objects.filter(pk=left.user_id).update(is_active=False)

    work(confirmed(founder))

    back = Member.objects.on_team().get(email=left.email)
    left.refresh_from_db()
    assert (back.user.is_active, back.user.email, left.user) == (True, left.email, None)


def test_a_founder_in_the_list_stays_a_founder(founder):
    work(confirmed(founder, f"email,name\n{founder.email},Helen\n"))

    assert Member.objects.get().user.is_founder


def test_who_was_added_meanwhile_is_not_added_again(founder):
    batch = confirmed(founder)
    members.add(
        email="p0001@import.example", given_name="P", family_name="", plan=get_plan(), actor=founder
    )

    work(batch)

    assert verdicts(batch) == ["new", "member", "new"]
    assert Member.objects.count() == 3


def test_somebody_else_in_the_very_same_moment_costs_a_second_try(founder, monkeypatch):
    batch = confirmed(founder)
    make_member(email="p0001@import.example")
    with monkeypatch.context() as unseen:
        unseen.setattr(import_work, "_refuse_changed", lambda rows: rows)
        assert work(batch) > 0
    ImportBatch.objects.update(next_try_at=timezone.now())

    work(batch)

    assert (batch.state, verdicts(batch)) == ("added", ["new", "member", "new"])


@pytest.mark.parametrize("seam", range(1, 6))
def test_a_crash_anywhere_doubles_nothing(founder, monkeypatch, seam):
    """The worker dies after its n-th chunk or inside it; another goes on once the lease is over."""
    monkeypatch.setattr(import_work, "CHUNK", 2)
    batch, calls = confirmed(founder, people=6), []

    def dying(original):
        def call(*args, **kwargs):
            calls.append(1)
            if len(calls) == seam:
                raise KeyboardInterrupt
            return original(*args, **kwargs)

        return call

    for name in ("_refuse_changed", "_newcomer"):
        monkeypatch.setattr(import_work, name, dying(getattr(import_work, name)))
    with pytest.raises(KeyboardInterrupt):
        import_work.work(batch.pk)
    ImportBatch.objects.update(leased_until=timezone.now())

    work(batch)

    assert (batch.state, batch.rows.exclude(member=None).count()) == ("added", 6)
    assert Member.objects.count() == AuditEvent.objects.filter(action="member.added").count() == 6
    assert verdicts(batch) == ["new"] * 6


def test_who_lost_the_lease_writes_nothing(founder, monkeypatch):
    batch = confirmed(founder)
    listed = import_work._list_if_needed

    def slow(held):
        ImportBatch.objects.update(lease="another's")
        return listed(held)

    monkeypatch.setattr(import_work, "_list_if_needed", slow)

    work(batch)

    assert (batch.lease, batch.state) == ("another's", "confirmed")
    assert not Member.objects.exists()


def statements(founder, people, django_assert_max_num_queries):
    batch = confirmed(founder, lines(people, domain=f"d{people}.example"))
    with django_assert_max_num_queries(1000) as found:
        work(batch)
    return len(found)


def test_statements_do_not_grow_with_the_rows(founder, django_assert_max_num_queries):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite takes 999 values in one statement")
    few = statements(founder, 2, django_assert_max_num_queries)

    assert statements(founder, 400, django_assert_max_num_queries) == few


# Identity Center -------------------------------------------------------------------------------


def test_one_listing_tells_who_is_there(aws, directory, founder):
    user_id = make_directory_user(directory, "P0001@import.example")
    aws.forget()
    batch = drafted(founder)

    work(batch)

    assert verdicts(batch) == ["new", "adopt", "new"]
    assert batch.rows.get(number=2).directory_user_id == user_id
    assert [call["operation"] for call in aws.ledger()] == ["ListUsers"]


def test_a_member_of_a_batch_costs_two_requests_an_adopted_one_one(aws, directory, founder):
    make_directory_user(directory, "p0001@import.example")
    batch = drafted(founder)
    work(batch)
    imports.confirm(batch, actor=founder)
    work(batch)
    aws.forget()

    for member in Member.objects.order_by("pk"):
        provisioning.provision(member.pk)

    asked = [call["operation"] for call in aws.ledger()]
    both = ["CreateUser", "CreateGroupMembership"]
    assert asked == [*both, "CreateGroupMembership", *both]
    assert list(Member.objects.order_by("pk").values_list("origin", "status")) == [
        ("created", "invited"),
        ("adopted", "invited"),
        ("created", "invited"),
    ]


def test_confirmed_before_the_listing_it_is_listed_first(aws, connected, founder):
    aws.forget()
    batch = confirmed(founder)

    work(batch)

    assert len(aws.ledger()) == 1
    assert all(Member.objects.values_list("is_absent_from_directory", flat=True))


def test_somebody_elses_user_name_is_left_alone(directory, founder):
    make_directory_user(directory, "olga@import.example", user_name="p0001@import.example")
    batch = drafted(founder)

    work(batch)

    row = batch.rows.get(number=2)
    assert (row.verdict, row.member) == ("taken", None)
    assert "olga@import.example" in row.reason


def test_a_user_of_another_member_is_not_taken(directory, founder):
    user_id = make_directory_user(directory, "p0001@import.example")
    make_member(email="married@import.example", directory_user_id=user_id, given_name="Olga")
    batch = confirmed(founder)

    work(batch)

    row = batch.rows.get(number=2)
    assert row.verdict == "taken"
    assert row.reason.endswith("Olga Lovelace of the team.")


def test_a_listing_goes_on_where_it_was_throttled(aws, directory, founder, monkeypatch):
    """Two pages: the second is throttled; the first is not asked for again."""
    users = [identity_center.DirectoryUser("u1", "p0001@import.example", "p0001@import.example")]
    pages = {"": (users, "next"), "next": ([], "")}
    asked = []

    def page(_directory, token):
        asked.append(token)
        if asked == ["", "next"]:
            raise import_work.aws.AwsThrottled("ListUsers", "ThrottlingException", "Slow down")
        return pages[token]

    monkeypatch.setattr(import_listing.identity_center, "users_page", page)
    batch = drafted(founder)
    waits = work(batch)
    ImportBatch.objects.update(next_try_at=timezone.now())

    work(batch)

    assert waits > 0
    assert asked == ["", "next", "next"]
    assert (verdicts(batch)[1], batch.listed_at is not None) == ("adopt", True)


def test_a_listing_that_aws_refuses_keeps_nobody_waiting(connected, founder, monkeypatch):
    def refused(*_):
        raise import_work.aws.AwsError("ListUsers", "ValidationException", "No")

    monkeypatch.setattr(import_listing.identity_center, "users_page", refused)

    work(confirmed(founder))

    assert list(Member.objects.values_list("is_absent_from_directory", flat=True)) == [False] * 3


def test_refused_credentials_pause_everything(aws, connected, founder):
    aws.fault(kind="deny", operation="ListUsers")
    batch = drafted(founder)

    work(batch)

    assert jobs.is_paused()
    assert "ListUsers" in batch.last_error


def test_without_a_connection_members_wait_for_it_as_others_do(founder):
    make_workspace(identity_store_id="")
    work(confirmed(founder))

    member = Member.objects.first()
    provisioning.provision(member.pk)

    member.refresh_from_db()
    assert member.trouble == "not-connected"


def test_a_confirmation_during_the_listing_is_not_lost(connected, founder, monkeypatch):
    batch = drafted(founder)
    page = identity_center.users_page

    def confirming(*args):
        imports.confirm(ImportBatch.objects.get(pk=batch.pk), actor=founder)
        return page(*args)

    monkeypatch.setattr(import_listing.identity_center, "users_page", confirming)

    work(batch)

    assert batch.state == "added"


def test_a_confirmation_in_the_last_moment_is_not_lost(founder, monkeypatch):
    batch = drafted(founder)
    finish = import_work._finish

    def late(held, refusal):
        imports.confirm(ImportBatch.objects.get(pk=batch.pk), actor=founder)
        finish(held, refusal)

    monkeypatch.setattr(import_work, "_finish", late)
    assert work(batch) == 0
    monkeypatch.setattr(import_work, "_finish", finish)

    work(batch)

    assert batch.state == "added"


# Pause and resume ------------------------------------------------------------------------------


def due():
    return Member.objects.filter(jobs.due(timezone.now())).count()


def test_a_pause_keeps_those_who_have_not_begun(founder):
    batch = confirmed(founder)
    work(batch)
    first = Member.objects.order_by("pk").first()
    Member.objects.filter(pk=first.pk).update(create_started_at=timezone.now())

    imports.pause(batch, actor=founder)

    assert list(Member.objects.filter(jobs.due(timezone.now()))) == [first]


def test_a_pause_leaves_whom_a_worker_has_in_hand(founder):
    batch = confirmed(founder)
    work(batch)
    held = jobs.claim(Member, Member.objects.first().pk)

    imports.pause(batch, actor=founder)

    held.refresh_from_db()
    assert held.next_try_at is not None


def test_a_pause_before_the_members_are_made_holds_too(founder):
    batch = confirmed(founder)
    imports.pause(batch, actor=founder)

    work(batch)

    assert (Member.objects.count(), due()) == (3, 0)


def test_resume_makes_them_due_and_enqueues_them(founder, enqueued):
    batch = confirmed(founder)
    work(batch)
    imports.pause(batch, actor=founder)

    imports.resume(batch, actor=founder)
    work(batch)

    assert due() == 3
    assert enqueued[-1] == (
        Member,
        list(Member.objects.order_by("pk").values_list("pk", flat=True)),
    )


def test_a_pause_touches_nobody_else(founder):
    other = confirmed(founder, lines(2, domain="other.example"))
    work(other)
    batch = confirmed(founder)
    work(batch)

    imports.pause(batch, actor=founder)

    assert due() == 2


def test_progress_is_counted_from_the_members(founder):
    batch = confirmed(founder, people=4)
    work(batch)
    done, failed, stuck, _waiting = Member.objects.order_by("pk")
    made = {"directory_user_id": "u", "seat_group_id": "g"}
    Member.objects.filter(pk=done.pk).update(status="invited", **made)
    Member.objects.filter(pk=failed.pk).update(status="failed")
    Member.objects.filter(pk=stuck.pk).update(is_quarantined=True)

    progress = import_pages.progress(batch)

    assert (progress.done, progress.failed, progress.in_work) == (1, 2, 1)
    assert progress.percent == 75
