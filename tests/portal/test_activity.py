"""The activity page and its export."""

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from portal import audit
from tests.factories import make_founder, make_member, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def founder(client):
    founder = make_founder(email="helen@example.com")
    client.force_login(founder)
    audit.record("member.added", subject="member:1", actor=founder, detail={"plan": "pro"})
    audit.record("seat.requested", subject="member:2", aws_request_id="req-7")
    return founder


def actions(client, query=""):
    return [event.action for event in client.get(f"/activity/?{query}").context["page"]]


def test_the_newest_comes_first(client, founder):
    assert actions(client) == ["seat.requested", "member.added"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("actor=HELEN", ["member.added"]),
        ("action=seat.", ["seat.requested"]),
        ("action=SEAT+for", ["seat.requested"]),
        ("action=plan", []),
        ("actor=The+portal", ["seat.requested"]),
        ("subject=member:2", ["seat.requested"]),
        ("actor=nobody", []),
        ("actor=%00&page=x", ["seat.requested", "member.added"]),
    ],
)
def test_it_can_be_searched(client, founder, query, expected):
    assert actions(client, query) == expected


@pytest.mark.parametrize("typed", ["lovelace", "Ada LOVE", "ada@lab.example"])
def test_a_member_is_found_by_name_or_address(client, typed):
    client.force_login(make_founder())
    ada = make_member(given_name="Ada", family_name="Lovelace", email="ada@lab.example")
    make_member(given_name="Ada", family_name="Byron")
    audit.record("member.left", subject=f"member:{ada.pk}")

    assert actions(client, urlencode({"subject": typed})) == ["member.left"]


def test_so_is_a_founder(client, founder):
    audit.record("founder.invited", subject=f"user:{founder.pk}")

    assert actions(client, "subject=helen") == ["founder.invited"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("since=2026-11-02", ["day.3", "day.2"]),
        ("until=2026-11-02", ["day.2", "day.1"]),
        ("since=2026-11-02&until=2026-11-02", ["day.2"]),
        ("since=0001-01-01&until=9999-12-31", ["day.3", "day.2", "day.1"]),
        ("since=yesterday", ["day.3", "day.2", "day.1"]),
    ],
)
def test_it_can_be_searched_by_days(client, query, expected):
    client.force_login(make_founder())
    for day in (1, 2, 3):
        audit.record(f"day.{day}", at=datetime(2026, 11, day, 23, 59, tzinfo=UTC))

    assert actions(client, query) == expected


def test_a_date_that_is_none_is_said_to_be(client, founder):
    assert b"A day is written like" in client.get("/activity/?since=yesterday").content


def test_it_speaks_of_people_by_name_and_in_sentences(client, founder):
    member = make_member(given_name="Ada", family_name="Lovelace")
    audit.record("member.set_up", subject=f"member:{member.pk}")
    audit.record("founder.invited", subject=f"user:{founder.pk}", actor=founder)

    lines = client.get("/activity/").context["lines"]

    assert [line[1:4] for line in lines[:2]] == [
        ("Founder invited", "helen@example.com", "Helen Moss"),
        ("Set up", "the portal", "Ada Lovelace"),
    ]


def test_what_has_no_sentence_is_shown_by_its_name(client, founder):
    audit.record("moon.full_again", subject="moon:1")

    (line, *_) = client.get("/activity/").context["lines"]

    assert line[1:4] == ("moon: full again", "the portal", "moon 1")


def test_the_export(client, founder):
    response = client.get("/activity/export.csv?subject=member:2")
    lines = b"".join(response.streaming_content).decode().splitlines()

    assert lines[0] == "at,actor,action,subject,detail,aws_request_id"
    assert lines[1].endswith(",portal,seat.requested,member:2,,req-7")


@pytest.mark.parametrize("path", ["/activity/", "/activity/export.csv"])
def test_members_find_nothing_here(client, path):
    client.force_login(make_user())

    assert client.get(path).status_code == 404


@pytest.mark.parametrize("events", [1, 30])
def test_it_costs_the_same_queries_whatever_its_length(
    client, founder, events, django_assert_num_queries
):
    for _ in range(events):
        audit.record("member.added")
    client.get("/activity/")

    with django_assert_num_queries(7):
        client.get("/activity/")
