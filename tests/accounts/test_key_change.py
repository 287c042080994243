"""After a change of `SECRET_KEY`, with the former one among the fallbacks, all of it goes on."""

import pytest
from django.utils import timezone

from onboarding.team import invitations
from portal.models import Webhook
from portal.sign_in import accounts, codes, factors
from portal.webhooks import bodies
from tests.factories import make_founder, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def change_key(settings):
    def change():
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another key " * 8

    return change


def test_sessions(client, change_key):
    client.force_login(make_founder())

    change_key()

    assert client.get("/status/").status_code == 200


def test_links_from_the_shell(change_key):
    founder = make_founder()
    *_, pk, token, _ = accounts.one_time_path(founder).split("/")

    change_key()

    assert accounts.user_of_link(pk, token) == founder


def test_invitations(change_key):
    member = make_member()
    token = invitations.token_of(member)

    change_key()

    assert invitations.look_up(token).member == member


def test_mailed_codes(change_key):
    now = timezone.now()
    codes.remember(whom="ada@example.com", code="ABCD-EFGH", now=now)

    change_key()

    assert codes.take(whom="ada@example.com", code="ABCD-EFGH", now=now)


def test_a_newer_code_voids_one_from_before(change_key):
    now = timezone.now()
    codes.remember(whom="ada@example.com", code="ABCD-EFGH", now=now)

    change_key()
    codes.remember(whom="ada@example.com", code="WXYZ-WXYZ", now=now)

    assert not codes.take(whom="ada@example.com", code="ABCD-EFGH", now=now)


def test_seeds_of_authenticator_apps(change_key):
    kept = factors.Adapter().encrypt("the seed")

    change_key()

    assert factors.Adapter().decrypt(kept) == "the seed"


def test_secrets_of_webhooks(change_key):
    webhook = Webhook(salt="salt")
    before = bodies.secret_of(webhook)

    change_key()

    assert bodies.secret_of(webhook) == before
