"""The outbox: sent once, kept while the mail server is away, shown when it refuses."""

from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from portal.mailing import notices
from portal.mailing.notices import Letter
from portal.models import Notice

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def notice(monkeypatch):
    monkeypatch.setitem(notices._RENDERERS, "test", lambda notice: Letter("Subject", "Text"))
    return notices.post(kind="test", key="one", to="ada@example.com")


def break_mail(monkeypatch, error):
    def send(self, *args, **kwargs):
        raise error

    monkeypatch.setattr(EmailMultiAlternatives, "send", send)


def test_a_notice_is_sent(notice):
    notices.send(notice.pk)

    assert [message.to for message in mail.outbox] == [["ada@example.com"]]


def test_a_notice_is_sent_once(notice):
    notices.send(notice.pk)
    notices.send(notice.pk)

    assert len(mail.outbox) == 1


def test_the_same_key_is_the_same_notice(notice):
    notices.post(kind="test", key="one", to="ada@example.com")

    assert Notice.objects.count() == 1


def test_a_dead_mail_server_costs_time_only(notice, monkeypatch):
    break_mail(monkeypatch, SMTPServerDisconnected("gone"))

    notices.send(notice.pk)

    notice.refresh_from_db()
    assert notice.is_waiting
    assert notice.sent_at is None


def test_a_refused_recipient_is_not_tried_again(notice, monkeypatch):
    break_mail(monkeypatch, SMTPRecipientsRefused({"ada@example.com": (550, b"no")}))

    notices.send(notice.pk)

    notice.refresh_from_db()
    assert not notice.is_waiting
    assert notice.failure_code == "refused"


def test_a_subject_is_one_line(monkeypatch):
    letter = Letter("Ada\r\nBcc: x@evil.example", "text")
    monkeypatch.setitem(notices._RENDERERS, "two-lines", lambda notice: letter)
    notice = notices.post(kind="two-lines", key="two-lines", to="ada@example.com")

    notices.send(notice.pk)

    assert mail.outbox[0].subject == "Ada Bcc: x@evil.example"
    assert mail.outbox[0].recipients() == ["ada@example.com"]
