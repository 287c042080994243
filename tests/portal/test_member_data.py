"""What is stored about one member, as a file: all of it, for whom, and no secret in it."""

import json
from datetime import date

import pytest
from django.apps import apps
from django.utils import timezone

from onboarding.models import DirectorySignIn, HelpRequest, Member, ReminderStop
from onboarding.team import invitations
from portal import audit
from portal.models import User
from portal.pages import member_data
from tests.billing.factories import make_usage
from tests.factories import make_founder, make_member, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    make_workspace()
    return make_member(done=2)


def data_of(member):
    return json.loads(json.dumps(member_data.of(member, now=timezone.now()), default=str))


def test_the_member_gets_their_own(client, member):
    client.force_login(member.user)

    answer = client.get("/checklist/data.json")

    assert answer.json()["member"]["email"] == member.email
    assert answer["Content-Disposition"] == f'attachment; filename="member-{member.pk}.json"'


def test_a_founder_gets_anybodys(client, member):
    client.force_login(make_founder())

    assert client.get(f"/team/{member.pk}/data.json").json()["member"]["email"] == member.email


def test_a_founder_gets_it_of_who_has_left_too(client, member):
    Member.objects.filter(pk=member.pk).update(status=Member.Status.REMOVED)
    client.force_login(make_founder())

    assert client.get(f"/team/{member.pk}/data.json").status_code == 200


def test_a_member_never_gets_anothers(client, member):
    client.force_login(make_member().user)

    assert client.get(f"/team/{member.pk}/data.json").status_code == 404
    assert member.email not in client.get("/checklist/data.json").text


def test_everything_of_theirs_is_in_it(member):
    now = timezone.now()
    make_usage(member, date(2026, 11, 20), credits="12")
    HelpRequest.objects.create(member=member, step="activate", pasted="It says no.")
    ReminderStop.objects.create(member=member, stopped_at=now)
    DirectorySignIn.objects.create(
        store_id="d-9067c1a2b3", user_id=member.directory_user_id, first_at=now, last_at=now
    )
    invitations.post(member)
    audit.record("member.retried", subject=f"member:{member.pk}")

    found = data_of(member)

    assert [step["step"] for step in found["steps"]] == ["activate", "cancel-individual"]
    assert found["usage_by_day"][0]["credits_used"] == "12.000000"
    assert found["usage_by_month"][0]["month"] == "2026-11-01"
    assert found["calls_for_help"][0]["pasted"] == "It says no."
    assert found["reminders_stopped_at"]
    assert len(found["sign_ins"]) == 1
    assert found["mails"][0]["subject"] == "Northwind Labs invites you to Kiro"
    assert [event["action"] for event in found["events"]] == ["member.retried"]


def test_nothing_of_anybody_else_is_in_it(member):
    other = make_member(directory_user_id="someone-else")
    make_usage(other, date(2026, 11, 20))
    HelpRequest.objects.create(member=other, step="activate")
    invitations.post(other)
    audit.record("member.retried", subject=f"member:{other.pk}")

    found = data_of(member)

    kinds = ("usage_by_day", "usage_by_month", "calls_for_help", "mails", "events", "sign_ins")
    assert [found[kind] for kind in kinds] == [[]] * len(kinds)


def test_what_they_did_to_others_says_nothing_about_those(member):
    audit.record(
        "member.added", subject="member:0", actor=member.user, detail={"email": "bo@example.com"}
    )

    (event,) = data_of(member)["events"]

    assert (event["action"], event["detail"]) == ("member.added", {})


def test_two_without_an_id_share_nothing(member):
    Member.objects.filter(pk=member.pk).update(status="queued", directory_user_id="")
    member.refresh_from_db()
    DirectorySignIn.objects.create(
        store_id="d-1", user_id="", first_at=timezone.now(), last_at=timezone.now()
    )

    assert data_of(member)["sign_ins"] == []


def test_no_key_is_in_it(member):
    text = json.dumps(data_of(member))

    assert member.invitation_nonce not in text
    assert member.user.password not in text


KEYS_AND_WORK = {
    "id", "user", "plan", "added_by", "invitation_nonce", "deletes_user", "status_before_leaving",
    "next_try_at", "leased_until", "lease", "failures", "failure_code", "is_quarantined",
    "is_name_to_send", "create_started_at", "is_absent_from_directory", "old_seat_group_id",
    "search_text",  # names and e-mail, which are told
}  # fmt: skip


def test_a_new_column_of_the_member_has_to_be_told_or_left_out_on_purpose():
    columns = {field.name for field in Member._meta.concrete_fields}
    told = {name.partition("__")[0] for name in member_data.MEMBER}

    assert columns - told - KEYS_AND_WORK == set()


TOLD_OF = {"StepRecord", "HelpRequest", "ReminderStop", "ImportRow", "Drift"}


def test_a_new_table_about_members_has_to_be_told_of():
    pointing = {
        model.__name__
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model is Member
    }

    assert pointing == TOLD_OF


def test_the_account_is_the_members_own(member):
    assert data_of(member)["account"]["email"] == User.objects.get(member=member).email
