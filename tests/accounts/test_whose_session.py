"""A session is read together with whose it is: one query, and not one right more."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone

from portal.models import User
from tests.factories import make_founder, make_user

pytestmark = pytest.mark.django_db


def sign_in(client, user):
    """As allauth does: the session, and the note of whose it is."""
    client.force_login(user)
    key = client.session.session_key
    return UserSession.objects.create(user=user, session_key=key, ip="127.0.0.1", user_agent="")


def change_session(client, key, value):
    session = client.session
    session[key] = value
    session.save()


@pytest.fixture
def helen(client):
    founder = make_founder()
    sign_in(client, founder)
    return founder


def test_session_and_user_are_one_query(client, helen, django_assert_num_queries):
    client.get("/status/banner/")

    with django_assert_num_queries(2):  # and the company's row
        assert client.get("/status/banner/").status_code == 200


def test_the_user_is_read_whole(client, helen):
    answer = client.get("/")

    assert answer.wsgi_request.user.get_deferred_fields() == set()


def test_the_second_factor_comes_with_them(client, helen, in_production, django_assert_num_queries):
    Authenticator.objects.create(user=helen, type=Authenticator.Type.TOTP, data={})
    client.get("/status/banner/")

    with django_assert_num_queries(2):
        assert client.get("/status/banner/").status_code == 200


@pytest.mark.parametrize("kept", [None, Authenticator.Type.RECOVERY_CODES])
def test_without_a_strong_one_the_way_leads_there(client, helen, in_production, kept):
    if kept:
        Authenticator.objects.create(user=helen, type=kept, data={})

    assert client.get("/").headers["Location"] == "/accounts/2fa/"


@pytest.mark.parametrize(
    "change",
    [
        {"is_active": False},
        {"role": User.Role.MEMBER},
        {"sign_ins_ended": 1},
        {"password": "another"},
    ],
    ids=str,
)
def test_what_voids_a_session_does_so_at_the_next_request(client, helen, is_signed_in, change):
    assert is_signed_in(client)

    User.objects.filter(pk=helen.pk).update(**change)

    assert not is_signed_in(client)


@pytest.mark.parametrize("key", [BACKEND_SESSION_KEY, HASH_SESSION_KEY])
@pytest.mark.parametrize("value", ["", "another"])
def test_a_session_made_otherwise_signs_nobody_in(client, helen, is_signed_in, key, value):
    change_session(client, key, value)

    assert not is_signed_in(client)


def test_a_session_runs_out(client, helen, is_signed_in):
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))

    assert not is_signed_in(client)


def test_a_session_that_is_gone_is_gone(client, helen, is_signed_in):
    Session.objects.all().delete()

    assert not is_signed_in(client)


def test_the_note_beside_a_session_signs_nobody_in(client):
    ada, eve = make_user(name="Ada Lovelace"), make_user(name="Eve Stone")
    User.objects.update(password="!")  # all that else tells their sessions apart
    ada.refresh_from_db()
    note = sign_in(client, ada)
    note.user = eve
    note.save()

    page = client.get("/accounts/2fa/").content.decode()

    assert "Ada Lovelace" in page
    assert "Eve Stone" not in page


def test_signing_out_and_in_as_another_is_the_other(client, helen):
    client.post("/accounts/logout/")
    sign_in(client, make_founder(name="Grace Lee"))

    assert "Grace Lee" in client.get("/").content.decode()
