"""Whoever uploads and confirms at the same moment, one batch of members is made."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from onboarding.importing import import_work
from onboarding.models import ImportBatch, Member
from portal import jobs
from portal.models import AuditEvent
from tests.factories import make_founder

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

LIST = "email,name\n" + "".join(f"p{n}@example.com,P {n}\n" for n in range(20))


@pytest.fixture(autouse=True)
def quiet_bell(monkeypatch):
    monkeypatch.setattr(jobs, "enqueue", lambda model, pks, **_: len(pks))


def signed_in(founder):
    client = Client()
    client.force_login(founder)
    return client


def at_once(clicks):
    """Each from the same moment on, with a connection of its own; what they answered."""
    start = threading.Barrier(len(clicks))

    def run(click):
        try:
            start.wait(60)
            return click()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(clicks)) as pool:
        return {future.result() for future in [pool.submit(run, click) for click in clicks]}


def uploads(client, times):
    return [lambda: client.post("/team/import/", {"text": LIST}).url] * times


def confirmations(client, batch, times):
    return [lambda: client.post(f"/team/import/{batch.pk}/confirm/").url] * times


def test_twenty_uploads_at_once_are_one_draft():
    client = signed_in(make_founder())

    assert len(at_once(uploads(client, 20))) == 1
    assert ImportBatch.objects.get().rows.count() == 20


def test_twenty_confirmations_at_once_are_one():
    client = signed_in(make_founder())
    client.post("/team/import/", {"text": LIST})
    batch = ImportBatch.objects.get()

    assert len(at_once(confirmations(client, batch, 20))) == 1
    assert AuditEvent.objects.filter(action="import.confirmed").count() == 1


def test_two_founders_with_the_same_list_make_one_batch_of_members():
    clients = [signed_in(make_founder()) for _ in range(2)]
    for client in clients:
        client.post("/team/import/", {"text": LIST})
    drafts = ImportBatch.objects.order_by("pk")
    clicks = [
        click
        for client, draft in zip(clients, drafts, strict=True)
        for click in confirmations(client, draft, 10)
    ]

    assert len(at_once(clicks)) == 1
    assert ImportBatch.objects.exclude(state="draft").count() == 1


def test_two_workers_make_each_member_once():
    client = signed_in(make_founder())
    client.post("/team/import/", {"text": LIST})
    batch = ImportBatch.objects.get()
    client.post(f"/team/import/{batch.pk}/confirm/")

    at_once([lambda: import_work.work(batch.pk)] * 4)

    assert Member.objects.count() == 20
    assert AuditEvent.objects.filter(action="member.added").count() == 20
