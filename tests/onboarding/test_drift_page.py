"""The drift page, from our own tables alone: who may, what it says, what its buttons do."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from onboarding.models import DirectoryCheck, Drift, Member, Plan
from tests.factories import make_founder, make_member, make_user, make_workspace

pytestmark = pytest.mark.django_db

ACTIONS = ["check/", "1/adopt/", "1/ignore/", "1/repair/"]


@pytest.fixture
def founder(client):
    make_workspace()
    for plan in Plan.objects.all():
        plan.seat_group_id = f"group-{plan.code}"
        plan.save()
    founder = make_founder()
    client.force_login(founder)
    return founder


def make_check(**fields):
    values = {"outcome": "done", "finished_at": timezone.now() - timedelta(minutes=4), **fields}
    return DirectoryCheck.objects.create(**values)


def make_stranger(name="dana", plan="power", **fields):
    return Drift.objects.create(
        kind="stranger",
        directory_user_id=f"user-{name}",
        user_name=name,
        email=f"{name}@example.com",
        given_name=name.title(),
        family_name="Whitfield",
        group_ids=[f"group-{plan}"],
        **fields,
    )


def make_drift(kind="missing", **fields):
    member = make_member()
    values = {"member": member, "directory_user_id": member.directory_user_id, **fields}
    return Drift.objects.create(kind=kind, **values)


def page(client):
    return client.get("/team/drift/").content.decode()


# Who may ---------------------------------------------------------------------------------------


def test_without_signing_in_one_is_asked_to(client):
    assert "/accounts/login/" in client.get("/team/drift/").url


@pytest.mark.parametrize("action", ACTIONS)
def test_without_signing_in_nothing_can_be_asked_for(client, action):
    assert "/accounts/login/" in client.post(f"/team/drift/{action}").url


def test_a_member_finds_nothing(client):
    client.force_login(make_user())

    assert client.get("/team/drift/").status_code == 404


@pytest.mark.parametrize("action", ACTIONS)
def test_a_member_can_ask_for_nothing(client, action):
    client.force_login(make_user())

    assert client.post(f"/team/drift/{action}").status_code == 404
    assert not DirectoryCheck.objects.exists()


@pytest.mark.parametrize("action", ACTIONS)
def test_looking_changes_nothing(client, founder, action):
    assert client.get(f"/team/drift/{action}").status_code == 405


@pytest.mark.parametrize("pk", ["999", "9" * 30])
def test_a_difference_that_is_not_there_is_not_found(client, founder, pk):
    assert client.post(f"/team/drift/{pk}/adopt/").status_code == 404


# What it says ----------------------------------------------------------------------------------


def test_before_the_first_check_it_says_what_to_do(client, founder):
    assert "Not checked yet" in page(client)


def test_without_a_difference_it_says_so_and_as_of_when(client, founder):
    make_check()

    text = page(client)

    assert "are alike, checked" in text
    assert "4 min ago" in text


def test_a_strangers_money_is_shown(client, founder):
    make_check()
    make_stranger(plan="power")
    make_stranger("eve", plan="pro-plus")

    text = page(client)

    assert "$200.00" in text
    assert "<b>$240.00</b> a month for seats" in text


@pytest.mark.parametrize("kind", Drift.Kind.values)
def test_every_kind_has_its_row(client, founder, kind):
    row = make_stranger() if kind == "stranger" else make_drift(kind, email="new@example.com")

    assert f'id="drift-{row.pk}"' in page(client)


@pytest.mark.parametrize(
    ("kind", "button"),
    [
        ("missing", "Create the user again"),
        ("out-of-group", "Restore the seat"),
        ("wrong-group", "Move to Pro+"),
        ("two-groups", "Keep only Pro+"),
        ("email", "Take over the new e-mail"),
        ("name", "Send our name"),
        ("disabled", "Open the AWS console"),
    ],
)
def test_every_problem_has_its_one_button(client, founder, kind, button):
    make_drift(kind, email="new@example.com")

    text = page(client)

    assert text.count("button--primary") + text.count("Open the AWS console") == 1
    assert f">{button}<" in text


def test_a_script_as_a_name_is_text(client, founder):
    make_stranger("<script>alert(1)</script>")

    assert "<script>alert(1)" not in page(client).lower()


def test_a_failed_check_says_why(client, founder):
    make_check(outcome="failed", reason="AWS refused ListUsers.")

    assert "AWS refused ListUsers." in page(client)


def test_under_way_it_asks_for_itself_again(client, founder):
    make_check(outcome="under-way", finished_at=None)

    text = page(client)

    assert "Checking…" in text
    assert 'hx-trigger="every 2s"' in text


def test_at_rest_it_asks_for_nothing(client, founder):
    make_check()
    make_stranger()

    assert "every 2s" not in page(client)


def test_the_fragment_is_the_page_without_its_frame(client, founder):
    text = client.get("/team/drift/", headers={"HX-Request": "true"}).content.decode()

    assert text.lstrip().startswith('<div class="drift"')


@pytest.mark.parametrize("number", ["0", "-1", "x", "9" * 30, "2"])
def test_a_page_that_is_not_there_is_the_nearest(client, founder, number):
    assert client.get("/team/drift/", {"page": number}).status_code == 200


def test_the_queries_are_the_same_for_1_and_30(client, founder, django_assert_num_queries):
    def fill(count):
        for number in range(count):
            make_stranger(f"s{number}-{count}")
            make_drift()
            make_drift("name", ignored_at=timezone.now(), ignore_reason="Fine", ignored_by=founder)
            make_drift("name", closed_at=timezone.now(), ending="gone")

    make_check()
    fill(1)
    page(client)
    with CaptureQueriesContext(connection) as with_one:
        page(client)
    fill(29)
    with django_assert_num_queries(len(with_one)):
        page(client)


# What its buttons do ---------------------------------------------------------------------------


def test_check_now_asks_a_worker(client, founder):
    response = client.post("/team/drift/check/")

    assert response.url == "/team/drift/"
    check = DirectoryCheck.objects.get()
    assert (check.outcome, check.asked_by) == ("under-way", founder)


def test_check_now_twice_is_one_check(client, founder):
    client.post("/team/drift/check/")
    client.post("/team/drift/check/")

    assert DirectoryCheck.objects.count() == 1


def test_ignored_it_is_kept_with_reason_and_name(client, founder):
    row = make_stranger()

    client.post(f"/team/drift/{row.pk}/ignore/", {"reason": " A contractor\0 of ours "})

    row.refresh_from_db()
    assert (row.ignore_reason, row.ignored_by) == ("A contractor of ours", founder)
    assert "“A contractor of ours”" in page(client)


@pytest.mark.parametrize("reason", ["", "  ", "\0"])
def test_without_a_reason_nothing_is_ignored(client, founder, reason):
    row = make_stranger()

    client.post(f"/team/drift/{row.pk}/ignore/", {"reason": reason})

    row.refresh_from_db()
    assert row.ignored_at is None


def test_an_ignored_one_can_be_watched_again(client, founder):
    row = make_stranger(ignored_at=timezone.now(), ignore_reason="Fine")

    client.post(f"/team/drift/{row.pk}/ignore/", {"undo": "1"})

    row.refresh_from_db()
    assert row.ignored_at is None


def test_a_stranger_is_added(client, founder):
    row = make_stranger()

    client.post(f"/team/drift/{row.pk}/adopt/")

    assert Member.objects.get().email == "dana@example.com"


def test_a_double_click_adds_a_stranger_once(client, founder):
    row = make_stranger()

    client.post(f"/team/drift/{row.pk}/adopt/")
    response = client.post(f"/team/drift/{row.pk}/adopt/", follow=True)

    assert Member.objects.count() == 1
    assert "gone already" in response.content.decode()


@pytest.mark.parametrize("email", ["", "no address", "x" * 300 + "@example.com"])
def test_a_stranger_without_an_email_is_not_added(client, founder, email):
    row = make_stranger()
    Drift.objects.update(email=email)

    client.post(f"/team/drift/{row.pk}/adopt/")

    assert not Member.objects.exists()


def test_a_stranger_whose_email_is_on_the_team_is_not_added(client, founder):
    make_member(email="dana@example.com")
    row = make_stranger()

    response = client.post(f"/team/drift/{row.pk}/adopt/", follow=True)

    assert "on the team already" in response.content.decode()
    assert row.is_open


def test_a_strangers_seat_wants_a_tick(client, founder):
    row = make_stranger()

    client.post(f"/team/drift/{row.pk}/repair/")

    row.refresh_from_db()
    assert row.next_try_at is None


def test_a_ticked_repair_waits_for_a_worker(client, founder):
    row = make_stranger()

    client.post(f"/team/drift/{row.pk}/repair/", {"confirm": "1"})

    row.refresh_from_db()
    assert (row.is_waiting, row.repair_asked_by) == (True, founder)
    assert "In work" in page(client)


def test_what_is_in_work_cannot_be_settled_another_way(client, founder):
    row = make_stranger(next_try_at=timezone.now())

    client.post(f"/team/drift/{row.pk}/adopt/")

    assert not Member.objects.exists()


def test_a_member_who_is_leaving_is_not_set_up_again(client, founder):
    row = make_drift("missing")
    Member.objects.update(status="leaving")

    client.post(f"/team/drift/{row.pk}/repair/")

    assert Member.objects.get().status == "leaving"
