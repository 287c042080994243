"""Planted secrets turn up nowhere: not in the log, on pages, in the audit log, exports or subjects."""

import json
import logging
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import call_command

from onboarding.gateways import sign_ins
from onboarding.models import HelpRequest, UnknownError
from onboarding.team import invitations
from portal.logs import log_lines
from portal.mailing import notices
from portal.models import AuditEvent, Notice
from portal.sign_in import accounts
from portal.webhooks import hooks
from portal.webhooks.events import Event
from tests.factories import make_founder, make_member, make_workspace
from tests.test_access_matrix import MATRIX, path_of

pytestmark = pytest.mark.django_db

AWS_KEY, AWS_SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SESSION = "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVzLWVhc3QtMSJHMEUC"
PASTED = (
    f"AccessDenied: aws_access_key_id={AWS_KEY} aws_secret_access_key={AWS_SECRET}"
    f" aws_session_token={SESSION}"
)


@pytest.fixture
def log():
    """All that is logged, at the level of INFO, in both forms."""
    stream, root = StringIO(), logging.getLogger()
    handlers = [logging.StreamHandler(stream), logging.StreamHandler(stream)]
    for handler, form in zip(handlers, (log_lines.Json, log_lines.Words), strict=True):
        handler.setFormatter(form())
        root.addHandler(handler)
    level, root.level = root.level, logging.INFO
    yield stream.getvalue
    root.level = level
    for handler in handlers:
        root.removeHandler(handler)


@pytest.fixture
def founder(client):
    make_workspace()
    founder = make_founder(email="helen@example.com")
    client.force_login(founder)
    return founder


def pages(client, target):
    """Everything a founder can open, exports included, and where it leads."""
    for name in MATRIX:
        response = client.get(path_of(name, target))
        body = b"".join(response) if response.streaming else response.content
        yield body.decode() + response.get("Location", "")


def kept():
    """The audit log and the outbox, as they lie in the database."""
    return str(list(AuditEvent.objects.values())) + str(list(Notice.objects.values()))


def sent():
    """Subjects and headers; the text of a mail is where its link belongs."""
    return str([(message.subject, message.extra_headers) for message in mail.outbox])


def test_an_invitation_link_is_in_its_mail_alone(client, founder, log):
    member = make_member()
    notices.send(invitations.post(member).pk)
    token = invitations.token_of(member)

    client.get(f"/invitation/{token}/")
    client.get(f"/invitation/{token}x/nothing/")
    client.post(f"/invitation/{token}/")

    assert token in mail.outbox[0].body
    assert token not in log() + kept() + sent()


def test_a_one_time_link_is_printed_and_kept_nowhere(client, founder, log):
    said = StringIO()
    call_command("founder", "helen@example.com", stdout=said)
    path = re.search(r"/accounts/link/\S+", said.getvalue()).group()
    token = path.split("/")[4]

    client.get(path)
    client.post(path)

    assert token not in log() + kept() + "".join(pages(client, make_member()))


def test_a_code_is_in_the_body_of_its_mail_alone(client, log):
    make_founder(email="kim@example.com")

    client.post("/accounts/login/code/", {"email": "kim@example.com"})
    code = re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", mail.outbox[0].body).group()
    client.post("/accounts/login/code/confirm/", {"code": code})

    assert code not in log() + kept() + sent()


def test_a_session_is_in_its_cookie_alone(client, founder, log):
    target = make_member()

    shown = "".join(pages(client, target))

    assert client.session.session_key not in log() + kept() + shown


def test_the_portals_own_secrets_are_shown_nowhere(client, founder, log, settings, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", AWS_SECRET)
    monkeypatch.setenv("AWS_SESSION_TOKEN", SESSION)
    logging.getLogger("portal").warning("Signed with %s and %s", AWS_SECRET, SESSION)
    logging.getLogger("portal").warning("Settings: %s", {"SECRET_KEY": settings.SECRET_KEY})

    shown = "".join(pages(client, make_member()))

    for secret in (settings.SECRET_KEY, AWS_SECRET, SESSION):
        assert secret not in log() + kept() + shown


def test_a_webhooks_secret_is_kept_to_its_own_page(client, founder, log):
    webhook = hooks.add(
        name="Ops", kind="json", url="https://hooks.example.com/x", events=[Event.BUDGET],
        by=founder,
    )  # fmt: skip
    secret = hooks.show_secret(webhook, by=founder)

    shown = "".join(pages(client, make_member()))

    assert secret
    assert secret not in log() + kept() + shown


def test_keys_in_a_pasted_error_are_taken_out_at_once(client, log):
    member = make_member()
    client.force_login(member.user)

    said = {"step": "activate", "text": PASTED, "still": "1"}
    client.post("/checklist/help/", said)
    client.post("/setup/troubleshoot/", {"text": PASTED, "consent": "on"})

    written = str(list(HelpRequest.objects.values()) + list(UnknownError.objects.values()))
    for secret in (AWS_KEY, AWS_SECRET, SESSION):
        assert secret not in log() + kept() + written


def test_what_cloudtrail_calls_login_to_is_not_read_at_all(log):
    event = {
        "eventName": "UserAuthentication",
        "additionalEventData": {"LoginTo": "https://evil.example/?secret=1"},
    }
    logging.getLogger("portal").warning("Event: %s", json.dumps(event))

    assert "evil.example" not in log()
    assert '"LoginTo"' not in Path(sign_ins.__file__).read_text()


def test_a_password_is_kept_as_a_hash_alone(client, log):
    founder = make_founder(email="kim@example.com")
    founder.set_password("correct horse battery")
    founder.save()

    data = {"login": "kim@example.com", "password": "correct horse battery"}
    client.post("/accounts/login/", data)

    assert "correct horse" not in log() + kept() + founder.password


def test_the_one_time_link_is_no_part_of_what_the_audit_log_says(founder):
    call_command("founder", "new@example.com", stdout=StringIO())

    event = AuditEvent.objects.get(action="founder.made")
    assert accounts.one_time_path(founder).split("/")[4] not in str(event.detail)
