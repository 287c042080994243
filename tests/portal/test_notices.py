"""The outbox: sent once, kept while the mail server is away, shown when it refuses."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from portal import jobs
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


def test_a_mail_server_may_take_its_time(notice, monkeypatch):
    Notice.objects.update(next_try_at=timezone.now() - timedelta(minutes=1))
    others = []

    def be_slow(self, *args, **kwargs):
        with time_machine.travel(timezone.now() + timedelta(seconds=55)):
            others.append(jobs.claim(Notice, notice.pk))

    monkeypatch.setattr(EmailMultiAlternatives, "send", be_slow)

    notices.send(notice.pk)

    assert others == [None]


def test_who_lost_the_mail_to_another_worker_leaves_it_there(notice, monkeypatch):
    def be_slow(self, *args, **kwargs):
        Notice.objects.update(lease="another's")

    monkeypatch.setattr(EmailMultiAlternatives, "send", be_slow)

    notices.send(notice.pk)

    assert Notice.objects.get().lease == "another's"


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_after_sending_costs_no_second_copy(notice, monkeypatch):
    finish, away = jobs.finish, [OperationalError("gone"), InterfaceError("closed")]

    def note(row, **changes):
        if away:
            raise away.pop()
        finish(row, **changes)

    monkeypatch.setattr(jobs, "finish", note)
    monkeypatch.setattr(notices, "NOTING_PAUSE", 0)

    notices.send(notice.pk)

    assert len(mail.outbox) == 1
    assert Notice.objects.get().sent_at


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
