"""Sessions that ended do not stay in the database."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from portal import tasks
from portal.sign_in.accounts import one_time_path
from tests.factories import make_founder

pytestmark = pytest.mark.django_db

LONG_AGO = timezone.now() - timedelta(days=20)


@pytest.fixture
def signed_in(client):
    client.post(one_time_path(make_founder()))
    UserSession.objects.update(last_seen_at=LONG_AGO)
    return client


def test_one_that_is_over_goes(signed_in):
    Session.objects.update(expire_date=LONG_AGO)

    tasks.purge_sessions()

    assert not Session.objects.exists()


def test_so_does_what_was_noted_of_it(signed_in):
    Session.objects.update(expire_date=LONG_AGO)

    tasks.purge_sessions()

    assert not UserSession.objects.exists()


def test_one_that_is_good_stays(signed_in):
    tasks.purge_sessions()

    assert (Session.objects.count(), UserSession.objects.count()) == (1, 1)


def test_who_is_just_signing_in_is_left_alone(signed_in):
    UserSession.objects.update(last_seen_at=timezone.now())
    Session.objects.all().delete()

    tasks.purge_sessions()

    assert UserSession.objects.exists()
