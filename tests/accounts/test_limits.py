"""Limits: counted in one step, per person and per address, and none when Redis is away."""

from concurrent.futures import ThreadPoolExecutor

import limits as counting
import pytest
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, reverse

from portal import limits
from portal.limits import Limit
from tests.factories import make_founder, make_user

pytestmark = pytest.mark.django_db
ASK = "/accounts/login/code/"


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    """A machine that stalls is no Redis that is away."""
    monkeypatch.setattr(limits, "_PATIENCE", 30)
    monkeypatch.setattr(limits, "_away_until", 0.0)
    limits._shared.cache_clear()
    yield
    limits._shared.cache_clear()


@pytest.fixture
def few(monkeypatch):
    """Three for a person, five for an address."""
    limit = Limit("test", person="3/10 minutes", address="5/10 minutes")
    monkeypatch.setattr(limits, "LIMITED", dict.fromkeys(limits.LIMITED, limit))


def ask(email, **extra):
    return Client().post(ASK, {"email": email}, **extra).status_code


def test_every_limited_address_is_there():
    for name in limits.LIMITED:
        if not name.startswith("saml_"):
            try:
                reverse(name)
            except NoReverseMatch as error:
                assert "with no arguments not found" in str(error)  # noqa: PT017


def test_a_person_is_asked_for_so_often_from_everywhere(few):
    answers = [ask("ada@example.com", REMOTE_ADDR=f"192.0.2.{n}") for n in range(4)]

    assert answers == [302, 302, 302, 429]


def test_known_and_unknown_people_alike(few):
    make_user(email="ada@example.com")

    answers = [
        [ask(email, REMOTE_ADDR=f"192.0.2.{n}") for n in range(4)]
        for email in ("ada@example.com", "no@example.com")
    ]

    assert answers[0] == answers[1]


def test_spelling_an_address_otherwise_does_not_help(few):
    spellings = ["ada@example.com", "ADA@example.com", " ada@example.com", "ada@EXAMPLE.com"]

    assert [ask(email, REMOTE_ADDR=f"192.0.2.{n}") for n, email in enumerate(spellings)][-1] == 429


def test_an_address_asks_so_often_for_whomever(few):
    answers = [ask(f"user{n}@example.com") for n in range(6)]

    assert answers == [302] * 5 + [429]


def test_a_forged_header_does_not_help(few):
    answers = [
        ask(f"user{n}@example.com", HTTP_X_FORWARDED_FOR=f"198.51.100.{n}") for n in range(6)
    ]

    assert answers[-1] == 429


def test_behind_one_proxy_only_what_it_adds_counts(few, settings):
    settings.TRUSTED_PROXY_HOPS = 1

    answers = [
        ask(f"user{n}@example.com", HTTP_X_FORWARDED_FOR=f"198.51.100.{n}, 203.0.113.9")
        for n in range(6)
    ]

    assert answers[-1] == 429


def test_behind_a_proxy_two_people_are_two(few, settings):
    settings.TRUSTED_PROXY_HOPS = 1

    answers = [ask(f"user{n}@example.com", HTTP_X_FORWARDED_FOR=f"203.0.113.{n}") for n in range(6)]

    assert answers[-1] == 302


def test_one_ipv6_network_is_one_address(few):
    answers = [ask(f"user{n}@example.com", REMOTE_ADDR=f"2001:db8::{n}") for n in range(6)]

    assert answers[-1] == 429


def test_the_answer_says_when_in_our_own_words(few):
    for n in range(5):
        ask(f"user{n}@example.com")

    answer = Client().post(ASK, {"email": "last@example.com"})

    assert 0 < int(answer["Retry-After"]) <= 600
    assert "Too many tries" in answer.content.decode()


def test_looking_counts_nothing(few, client):
    for _ in range(9):
        client.get("/accounts/login/")

    assert ask("ada@example.com") == 302


@pytest.mark.parametrize(
    "path", ["/spend/refresh/", "/team/import/", "/setup/troubleshoot/", "/accounts/login/"]
)
def test_what_costs_is_limited(few, client, path):
    client.force_login(make_founder())

    answers = [client.post(path).status_code for _ in range(4)]

    assert answers[-1] == 429
    assert 429 not in answers[:3]


def test_counts_at_once_are_exact():
    rate = counting.parse("7/10 minutes")

    with ThreadPoolExecutor(16) as pool:
        waits = list(pool.map(lambda _: limits._count(rate, "test", "at-once"), range(40)))

    assert waits.count(0) == 7


def test_without_redis_requests_are_answered(few, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    limits._shared.cache_clear()

    answers = [ask("alone@example.com", REMOTE_ADDR=f"192.0.2.{n}") for n in range(4)]

    assert answers == [302, 302, 302, 429]


def test_an_address_that_is_none_is_one_place_for_all():
    request = RequestFactory().get("/", REMOTE_ADDR="")

    assert limits.client_address(request) == "0.0.0.0"  # noqa: S104
