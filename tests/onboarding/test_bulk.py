"""Several members at once: chosen on the board, previewed where it hurts."""

import pytest

from onboarding.models import Member
from onboarding.team import offboarding
from onboarding.views import bulk
from portal.models import Notice
from tests.factories import make_founder, make_member, make_queued, make_user, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def founder(client):
    make_workspace()
    founder = make_founder()
    client.force_login(founder)
    return founder


def act(client, action, *members, **more):
    pks = [member.pk for member in members]
    return client.post("/team/bulk/", {"action": action, "member": pks, **more}, follow=True)


def test_chosen_members_are_invited_again(client, founder):
    act(client, "resend", make_member(), make_member())

    assert Notice.objects.count() == 2


def test_those_not_invited_yet_are_told_of(client, founder):
    page = act(client, "resend", make_member(), make_queued()).content.decode()

    assert "1 member invited again; 1 was set up or already done." in page


def test_chosen_members_get_another_plan(client, founder):
    one, other = make_member(plan="pro"), make_member(plan="power")

    page = act(client, "plan", one, other, plan="power").content.decode()

    assert set(Member.objects.values_list("plan__code", flat=True)) == {"power"}
    assert "That is $180.00 a month more." in page


def test_nobody_chosen_changes_nothing(client, founder):
    page = act(client, "resend").content.decode()

    assert "Choose members first" in page


def test_offboarding_is_previewed_first(client, founder):
    page = act(client, "offboard", make_member(), make_member()).content.decode()

    assert "Nothing has happened yet" in page
    assert "$80.00" in page
    assert not Member.objects.filter(status=Member.Status.LEAVING).exists()


def test_then_they_leave(client, founder):
    members = [make_member(), make_member()]

    client.post("/team/offboard/", {"member": [member.pk for member in members]})

    assert Member.objects.filter(status=Member.Status.LEAVING).count() == 2


def test_users_that_were_there_before_are_kept(client, founder):
    ours = make_member(origin=Member.Origin.CREATED)
    theirs = make_member(origin=Member.Origin.ADOPTED)

    client.post("/team/offboard/", {"member": [ours.pk, theirs.pk], "delete_user": "1"})

    assert list(Member.objects.filter(deletes_user=True)) == [ours]


@pytest.mark.parametrize("pk", ["x", "-1", "9" * 30, "\0", ""])
def test_nonsense_is_nobody(client, founder, pk):
    assert client.post("/team/bulk/", {"action": "resend", "member": pk}).status_code == 302
    assert client.get("/team/offboard/", {"member": pk}).status_code == 200


def test_htmx_is_led_to_the_preview(client, founder):
    response = client.post(
        "/team/bulk/",
        {"action": "offboard", "member": make_member().pk},
        headers={"HX-Request": "true"},
    )

    assert response.headers["HX-Redirect"].startswith("/team/offboard/?member=")


@pytest.mark.parametrize("path", ["/team/bulk/", "/team/offboard/"])
def test_members_find_nothing_here(client, path):
    client.force_login(make_user())

    assert client.post(path).status_code == 404


@pytest.fixture
def other_founder(monkeypatch):
    """Another founder takes the member out after this request has read who is on the team."""
    read = bulk._chosen

    def taking_out(member):
        def read_and_lose(asked):
            found = read(asked)
            offboarding.offboard(member, actor=make_founder())
            return found

        monkeypatch.setattr(bulk, "_chosen", read_and_lose)

    return taking_out


@pytest.mark.parametrize(
    ("action", "more", "told"),
    [
        ("resend", {}, "1 member invited again; 1 was leaving already."),
        ("plan", {"plan": "power"}, "1 member moved to Power; 1 was leaving already."),
    ],
)
def test_the_rest_goes_on_when_one_leaves_meanwhile(
    client, founder, other_founder, action, more, told
):
    leaver, stays = make_member(), make_member()
    other_founder(leaver)

    page = act(client, action, leaver, stays, **more).content.decode()

    assert told in page


def test_offboarding_goes_on_when_one_is_leaving_already(client, founder, other_founder):
    leaver, other = make_member(), make_member()
    other_founder(leaver)

    path, chosen = "/team/offboard/", {"member": [leaver.pk, other.pk]}
    page = client.post(path, chosen, follow=True).content.decode()

    assert "1 member is leaving the team; 1 was leaving already." in page


def test_a_second_click_says_that_they_leave_already(client, founder):
    path, chosen = "/team/offboard/", {"member": [make_member().pk, make_member().pk]}
    client.post(path, chosen)

    page = client.post(path, chosen, follow=True).content.decode()

    assert "2 were leaving already." in page
