"""Is it still you? Asked ten minutes after sign-in, before what does harm; nothing typed is lost."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from portal.models import User
from portal.sign_in import confirmation
from tests.accounts.test_second_factor import give_totp, totp_now
from tests.factories import make_founder
from tests.test_access_matrix import patterns

pytestmark = pytest.mark.django_db
GUARDED = {
    "activity-export",
    "billing:seats-export",
    "billing:spend-export",
    "onboarding:access",
    "onboarding:access-assignment",
    "onboarding:access-set",
    "onboarding:bulk-offboard",
    "onboarding:drift-adopt",
    "onboarding:drift-repair",
    "onboarding:import-confirm",
    "onboarding:import-result",
    "onboarding:member-remove",
    "onboarding:setup-aws",
    "onboarding:team-export",
    "member-data",
    "own-data",
    "people",
    "people-remove",
    "people-sign-out",
    "webhook",
    "webhook-remove",
    "webhook-secret",
    "webhook-switch",
    "notices",
}


@pytest.fixture
def late():
    """Eleven minutes from now."""
    with time_machine.travel(timezone.now() + timedelta(minutes=11)) as travelled:
        yield travelled


@pytest.fixture
def founder(client):
    founder = make_founder(email="helen@example.com")
    client.force_login(founder)
    return founder


def is_guarded(view):
    while view is not None:
        if getattr(view, "needs_confirmation", False):
            return True
        view = getattr(view, "__wrapped__", None)
    return False


def test_these_addresses_and_no_others_ask():
    assert {name for name, entry in patterns() if is_guarded(entry.callback)} == GUARDED


def test_a_fresh_sign_in_is_proof_enough(client, founder):
    assert client.get("/team/export.csv").status_code == 200


def test_an_export_asks_later(client, founder, late):
    answer = client.get("/team/export.csv?q=ada")

    assert answer.url == "/accounts/confirm/?next=%2Fteam%2Fexport.csv%3Fq%3Dada"


def test_looking_never_asks(client, founder, late):
    assert client.get("/settings/people/").status_code == 200


def test_in_the_sandbox_nothing_asks(client, founder, late, settings):
    settings.AWS_SANDBOX = True

    assert client.get("/team/export.csv").status_code == 200


def test_what_is_posted_late_is_not_done(client, founder, late):
    client.post("/settings/people/", {"email": "new@example.com"})

    assert User.objects.count() == 1


def test_a_mailed_code_confirms_and_leads_back(client, founder, late, newest_code):
    asked = client.get("/team/export.csv").url
    client.post(asked, {"mail": "1", "next": "/team/export.csv"})

    answer = client.post(asked, {"mail": "1", "next": "/team/export.csv", "code": newest_code()})

    assert answer.url == "/team/export.csv"
    assert client.get(answer.url).status_code == 200


def test_a_wrong_code_confirms_nothing(client, founder, late, newest_code):
    client.post("/accounts/confirm/", {"mail": "1"})

    client.post("/accounts/confirm/", {"mail": "1", "code": "WWWW-WWWW"})

    assert client.get("/team/export.csv").status_code == 302


def test_a_code_of_another_browser_confirms_nothing(client, founder, newest_code):
    other = Client()
    other.force_login(founder)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        client.post("/accounts/confirm/", {"mail": "1"})
        other.post("/accounts/confirm/", {"mail": "1", "code": newest_code()})

        assert other.get("/team/export.csv").status_code == 302


def test_what_was_posted_waits_for_one_press(client, founder, late, newest_code):
    client.post("/settings/people/", {"email": "new@example.com", "name": "Ann O'Neil <b>"})
    client.post("/accounts/confirm/", {"mail": "1"})
    following = "/accounts/confirm/go-on/"
    client.post("/accounts/confirm/", {"mail": "1", "next": following, "code": newest_code()})

    page = client.get(following)
    client.post(page.context["path"], dict(page.context["fields"]))

    assert User.objects.filter(email="new@example.com", name="Ann O'Neil <b>").exists()


def test_what_was_posted_is_not_done_by_the_look(client, founder, late, newest_code):
    client.post("/settings/people/", {"email": "new@example.com"})
    client.post("/accounts/confirm/", {"mail": "1"})
    client.post("/accounts/confirm/", {"mail": "1", "code": newest_code()})

    client.get("/accounts/confirm/go-on/")

    assert User.objects.count() == 1


def test_what_was_posted_survives_another_look(client, founder, late, newest_code):
    client.post("/settings/people/", {"email": "new@example.com"})
    client.post("/accounts/confirm/", {"mail": "1"})
    client.post("/accounts/confirm/", {"mail": "1", "code": newest_code()})

    client.get("/accounts/confirm/go-on/")

    fields = client.get("/accounts/confirm/go-on/").context["fields"]
    assert fields == [("email", "new@example.com")]


def test_what_went_on_is_forgotten(client, founder, late, newest_code):
    client.post("/settings/people/", {"email": "new@example.com"})
    client.post("/accounts/confirm/", {"mail": "1"})
    client.post("/accounts/confirm/", {"mail": "1", "code": newest_code()})

    client.post("/settings/people/", {"email": "new@example.com"})

    assert client.get("/accounts/confirm/go-on/").status_code == 302


def test_who_has_a_second_factor_is_asked_for_that(client, founder, late):
    give_totp(founder)

    answer = client.get("/accounts/confirm/?next=/team/export.csv&mail=1")

    assert answer.url == "/accounts/2fa/reauthenticate/?next=%2Fteam%2Fexport.csv"


def test_the_second_factor_confirms(client, founder, late):
    give_totp(founder)
    client.get("/team/export.csv")

    client.post("/accounts/2fa/reauthenticate/?next=/team/export.csv", {"code": totp_now()})

    assert client.get("/team/export.csv").status_code == 200


def test_the_password_confirms(client, founder, late):
    founder.set_password("correct horse battery")
    founder.save()
    client.force_login(founder)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        asked = client.get("/accounts/confirm/?next=/team/export.csv").url
        client.post(asked, {"password": "correct horse battery"})

        assert asked.startswith("/accounts/reauthenticate/")
        assert client.get("/team/export.csv").status_code == 200


def test_changing_factors_asks_too(client, founder, late):
    answer = client.get("/accounts/2fa/totp/activate/")

    assert re.match(r"/accounts/confirm/\?mail=1", answer.url)


def test_a_scripted_fragment_is_led_there_whole(client, founder, late):
    answer = client.post("/settings/people/", {"email": "x@example.com"}, HTTP_HX_REQUEST="true")

    assert answer["HX-Redirect"].startswith("/accounts/confirm/")


def test_too_much_is_not_kept_and_says_so(client, founder, late, newest_code):
    client.post("/settings/people/", {"email": "x" * (confirmation._MOST_KEPT + 1)})
    client.post("/accounts/confirm/", {"mail": "1"})
    client.post("/accounts/confirm/", {"mail": "1", "code": newest_code()})

    page = client.get("/accounts/confirm/go-on/").content.decode()

    assert "too large to keep" in page


@pytest.mark.parametrize(
    ("came_from", "leads_to"),
    [
        ("http://testserver/settings/people/?a=1", "/settings/people/?a=1"),
        ("https://evil.example/settings/people/", "/"),
        ("http://testserver//evil.example/", "/"),
        ("", "/"),
    ],
)
def test_from_there_it_goes_back_to_the_page_it_came_from(
    client, founder, late, newest_code, came_from, leads_to
):
    much = {"email": "x" * (confirmation._MOST_KEPT + 1)}
    client.post("/settings/people/", much, headers={"Referer": came_from})
    client.post("/accounts/confirm/", {"mail": "1"})
    client.post("/accounts/confirm/", {"mail": "1", "code": newest_code()})

    page = client.get("/accounts/confirm/go-on/")

    assert page.context["page"] == leads_to
    assert f'href="{leads_to}">Back to the page' in page.text
