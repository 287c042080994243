"""What tests of the ways in share."""

import re

import pytest
from django.core import mail as outbox

from portal.mailing import mail


@pytest.fixture(autouse=True)
def _mail_at_once(monkeypatch):
    """Sent before the answer, so that no test has to wait for it."""
    monkeypatch.setattr(mail, "send_soon", mail._send)


@pytest.fixture(autouse=True)
def _half_minutes_may_turn(settings):
    """Between reading a code and sending it, on a machine that is busy."""
    settings.MFA_TOTP_TOLERANCE = 1


@pytest.fixture
def newest_code():
    def read():
        return re.search(r"\b[A-Z]{4}-[A-Z]{4}\b", outbox.outbox[-1].body).group()

    return read


@pytest.fixture
def is_signed_in():
    def look(client):
        return client.get("/accounts/2fa/").status_code == 200

    return look


@pytest.fixture
def in_production(settings):
    settings.FOUNDERS_NEED_SECOND_FACTOR = True
