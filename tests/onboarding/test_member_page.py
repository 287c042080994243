"""One member's page: what it says, what a founder can do there, who finds nothing."""

import html

import pytest
from django.utils import timezone

from onboarding.models import Member
from onboarding.team import invitations, ways_out
from tests.factories import make_founder, make_member, make_queued, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def founder(client):
    make_workspace()
    founder = make_founder()
    client.force_login(founder)
    return founder


def page(client, member):
    return client.get(f"/team/{member.pk}/").content.decode()


def test_it_tells_what_happened(client, founder):
    member = make_member()
    invitations.resend(member, actor=founder)

    text = page(client, member)

    assert "Invitation sent again" in text
    assert founder.email in text


def test_it_shows_why_the_set_up_stopped(client, founder):
    member = make_queued(
        status="failed", failure_code="refused", trouble="refused", last_error="Bad name."
    )

    assert "Bad name." in page(client, member)


def test_the_plan_can_be_changed(client, founder):
    member = make_member()

    client.post(f"/team/{member.pk}/plan/", {"plan": "power"})

    member.refresh_from_db()
    assert member.plan.code == "power"


def test_a_plan_that_is_not_there_changes_nothing(client, founder):
    member = make_member()

    for code in ["gold", "", "\0"]:
        client.post(f"/team/{member.pk}/plan/", {"plan": code})

    member.refresh_from_db()
    assert member.plan.code == "pro-plus"


@pytest.mark.parametrize("on", ["2020-01-01", "9999-12-31"])
def test_a_mistyped_year_takes_no_seat(client, founder, on):
    member = make_member()

    response = client.post(f"/team/{member.pk}/remove/", {"on": on})

    assert response.context["offboard_form"].errors
    member.refresh_from_db()
    assert member.status == Member.Status.INVITED


def test_the_name_can_be_changed(client, founder):
    member = make_member()

    client.post(f"/team/{member.pk}/name/", {"given_name": "Augusta", "family_name": "King"})

    member.refresh_from_db()
    assert (member.full_name, member.is_name_to_send) == ("Augusta King", True)


def test_an_empty_name_is_shown_as_wrong(client, founder):
    response = client.post(f"/team/{make_member().pk}/name/", {"given_name": " "})

    assert response.context["rename_form"].errors


def test_a_member_can_be_offboarded(client, founder):
    member = make_member()

    client.post(f"/team/{member.pk}/remove/")

    member.refresh_from_db()
    assert member.status == Member.Status.LEAVING


def test_a_date_that_is_none_is_shown_as_wrong(client, founder):
    member = make_member()

    response = client.post(f"/team/{member.pk}/remove/", {"on": "tomorrow-ish"})

    assert response.context["offboard_form"].errors
    member.refresh_from_db()
    assert member.status == Member.Status.INVITED


def test_a_user_that_was_there_before_is_not_deleted_without_the_name(client, founder):
    member = make_member(origin=Member.Origin.ADOPTED)

    response = client.post(f"/team/{member.pk}/remove/", {"delete_user": "1"})

    assert "type the name Ada Lovelace" in response.content.decode()
    member.refresh_from_db()
    assert member.status == Member.Status.INVITED


def test_whoever_is_leaving_on_a_date_can_stay(client, founder):
    member = make_member()
    client.post(
        f"/team/{member.pk}/remove/",
        {"on": (timezone.now() + timezone.timedelta(days=30)).date().isoformat()},
    )

    client.post(f"/team/{member.pk}/remove/", {"cancel": "1"})

    member.refresh_from_db()
    assert member.status == Member.Status.INVITED


def test_who_has_left_keeps_a_page(client, founder):
    member = make_member()
    Member.objects.update(status=Member.Status.REMOVED)

    assert client.get(f"/team/{member.pk}/").status_code == 200


@pytest.mark.parametrize("action", ["", "plan/", "name/", "remove/"])
def test_members_find_nothing_here(client, action):
    member = make_member()
    client.force_login(member.user)

    assert client.get(f"/team/{member.pk}/{action}").status_code == 404
    assert client.post(f"/team/{member.pk}/{action}").status_code == 404


def export(client, query=""):
    response = client.get(f"/team/export.csv?{query}")
    return b"".join(response.streaming_content).decode().splitlines()


def test_the_export_has_the_columns_promised(client, founder):
    assert export(client)[0] == (
        "email,given_name,family_name,plan,status,step,steps_done,invited_at,"
        "last_activity_at,directory_user_id,trouble"
    )


def test_the_export_is_the_board_as_filtered(client, founder):
    make_member(email="in@example.com", plan="pro")
    make_member(email="out@example.com", plan="power")

    lines = export(client, "plan=pro")

    assert len(lines) == 2
    assert lines[1].startswith("in@example.com,Ada,Lovelace,pro,invited,activate,0,")


def test_a_formula_in_a_name_is_defused(client, founder):
    make_member(given_name='=HYPERLINK("http://x","y")')

    assert "\"'=HYPERLINK" in export(client)[1]


SAID_BY_AWS = {"refused", "name-taken", "keeps-failing", "asked-for-help"}


@pytest.mark.parametrize("trouble", sorted(set(Member.Trouble) - SAID_BY_AWS))
def test_a_trouble_comes_with_a_way_out(client, founder, trouble):
    said = {"trouble_since": timezone.now(), "last_error": "Why."}
    member = make_member(status="invited", trouble=trouble, **said)

    text = page(client, member)

    assert ways_out.of(member).advice in html.unescape(text)
    assert f'"{ways_out.of(member).url}"' in text


def test_who_has_come_all_the_way_is_not_invited_again(client, founder):
    member = make_member(status="verified", trouble="pays-twice", trouble_since=timezone.now())

    assert f"/team/{member.pk}/resend/" not in page(client, member)
