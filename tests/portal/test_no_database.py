"""Without the database: a page that says so and when to come back; with a bug: the other page."""

import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError

from portal.watch import health


@pytest.fixture
def page(client, monkeypatch):
    """The sign-in page, while its view meets this error."""

    def look(error):
        def fail(*_args, **_more):
            raise error

        monkeypatch.setattr("portal.watch.vital_signs.company", fail)
        client.raise_request_exception = False
        return client.get("/accounts/login/")

    return look


@pytest.mark.django_db
@pytest.mark.parametrize("error", [OperationalError("gone"), InterfaceError("closed")])
def test_a_lost_database_is_503_with_a_time_to_come_back(page, error):
    response = page(error)

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "10"
    assert "cannot reach its database" in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("error", [ProgrammingError("bug"), ValueError("bug")])
def test_a_bug_stays_500(page, error):
    response = page(error)

    assert response.status_code == 500
    assert "Something broke here" in response.content.decode()


@pytest.mark.django_db
def test_the_check_for_machines_says_so_too(client, monkeypatch):
    monkeypatch.setattr(health, "_database", lambda: "down")

    response = client.get("/healthz")

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "10"
