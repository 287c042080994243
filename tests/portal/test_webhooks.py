"""Messages to webhooks: who is told what, once each, signed, tried again, given up in plain words."""

import hashlib
import hmac
import json
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from billing import tasks as billing_tasks
from portal import jobs, tasks
from portal.celery import note_failure
from portal.models import AuditEvent, Delivery, JobRun, Webhook
from portal.watch import aws_contact
from portal.webhooks import bodies, deliveries, hooks, publishing
from portal.webhooks.events import Event
from tests.factories import make_founder, make_workspace
from tests.support.sink import Sink

pytestmark = pytest.mark.django_db


@pytest.fixture
def sink(tmp_path, monkeypatch, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    make_workspace()
    made = Sink(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.certificate))
    yield made
    made.stop()


def make_webhook(
    url="https://hooks.example.com/x", *, kind="json", events=(Event.HELP_WANTED,), **fields
):
    made = hooks.add(name="Ops", kind=kind, url=url, events=events, by=make_founder())
    Webhook.objects.filter(pk=made.pk).update(**fields)
    made.refresh_from_db()
    return made


def publish(event=Event.HELP_WANTED, *, key="one", text="Ada is stuck.", **data):
    publishing.publish(event, key=key, text=text, path="/team/help/", data=data)


def deliver():
    """The one delivery, tried once."""
    delivery = Delivery.objects.get()
    Delivery.objects.update(next_try_at=timezone.now())
    tasks.deliver(delivery.pk)
    delivery.refresh_from_db()
    return delivery


# Who is told ----------------------------------------------------------------------------------


def test_only_those_who_chose_it_and_are_on_are_told():
    told = make_webhook()
    make_webhook(events=[Event.BUDGET])
    make_webhook(is_on=False)

    publish()

    assert [each.webhook for each in Delivery.objects.all()] == [told]


def test_the_same_cause_is_told_once_to_each():
    make_webhook()
    make_webhook()

    publish()
    publish()

    assert Delivery.objects.count() == 2


def test_nobody_to_tell_costs_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        publish()


@pytest.mark.both_databases
def test_what_is_rolled_back_is_not_told():
    from django.db import transaction

    make_webhook()
    with transaction.atomic():
        publish()
        transaction.set_rollback(True)

    assert not Delivery.objects.exists()


# What arrives -----------------------------------------------------------------------------------


def test_a_program_gets_json_that_it_can_check(sink):
    webhook = make_webhook(sink.url())
    publish(member=7)

    delivery = deliver()

    ((_, headers, body),) = sink.got
    said = json.loads(body)
    assert said["event"] == headers["X-Portal-Event"] == "help.wanted"
    assert said["id"] == headers["X-Portal-Delivery"] == str(delivery.uuid)
    assert (said["text"], said["data"]) == ("Ada is stuck.", {"member": 7})
    assert said["link"].endswith("/team/help/")
    signed = f"{headers['X-Portal-Timestamp']}.".encode() + body
    expected = hmac.new(bodies.secret_of(webhook).encode(), signed, hashlib.sha256).hexdigest()
    assert headers["X-Portal-Signature"] == f"sha256={expected}"


def test_slack_gets_its_own_form_and_calls_nobody(sink):
    make_webhook(sink.url(), kind="slack")
    publish(text="<!channel> & <@U1> is stuck.")

    deliver()

    ((_, headers, body),) = sink.got
    text = json.loads(body)["text"]
    assert "&lt;!channel&gt; &amp; &lt;@U1&gt; is stuck." in text
    assert text.endswith("/team/help/|Open the portal>")
    assert "X-Portal-Signature" not in headers


def test_what_was_taken_is_not_sent_again(sink):
    make_webhook(sink.url())
    publish()

    delivery = deliver()
    tasks.deliver(delivery.pk)

    assert len(sink.got) == 1
    assert (delivery.status_code, delivery.attempts, delivery.last_error) == (200, 1, "")
    assert delivery.sent_at


def test_a_second_try_is_signed_anew_with_the_same_id(sink):
    make_webhook(sink.url("/503"))
    publish()
    start = timezone.now()

    for hours in range(2):
        with time_machine.travel(start + timedelta(hours=hours), tick=False):
            deliver()

    first, second = (headers for _, headers, _ in sink.got)
    assert first["X-Portal-Delivery"] == second["X-Portal-Delivery"]
    assert int(second["X-Portal-Timestamp"]) - int(first["X-Portal-Timestamp"]) == 3600
    assert first["X-Portal-Signature"] != second["X-Portal-Signature"]


# When it is not taken ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/500", "It failed by itself: it answered 500, “no_such_channel”."),
        ("/429", "It is told too much at once: it answered 429, “no_such_channel”."),
        ("/nothing", "The connection broke off before the answer."),
    ],
)
def test_what_may_pass_is_tried_again_later(sink, path, words):
    make_webhook(sink.url(path))
    publish()

    delivery = deliver()

    assert delivery.last_error == words
    assert delivery.next_try_at > timezone.now()
    assert not delivery.sent_at


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/redirect", "It answered 302, a redirect. The portal follows none."),
        ("/404", "There is no such webhook any more: it answered 404, “no_such_channel”."),
        ("/403", "It does not let the portal in: it answered 403, “no_such_channel”."),
        ("/400", "It refused the message: it answered 400, “no_such_channel”."),
    ],
)
def test_what_will_not_pass_is_given_up_at_once(sink, path, words):
    make_webhook(sink.url(path))
    publish()

    delivery = deliver()

    assert delivery.last_error == words
    assert delivery.next_try_at is None


def test_the_pauses_grow_and_come_to_an_end(sink):
    make_webhook(sink.url("/500"))
    publish()
    now, waits = timezone.now(), []

    while Delivery.objects.get().next_try_at:
        with time_machine.travel(now, tick=False):
            delivery = deliver()
        if delivery.next_try_at:
            waits.append((delivery.next_try_at - now).total_seconds())
            now = delivery.next_try_at

    assert waits == list(deliveries.PAUSES) == sorted(waits)
    assert delivery.attempts == len(sink.got) == 8
    assert not delivery.is_quarantined


def test_a_receiver_that_names_a_time_is_given_it(sink):
    make_webhook(sink.url("/busy"))
    publish()
    now = timezone.now()

    with time_machine.travel(now, tick=False):
        delivery = deliver()

    assert delivery.next_try_at == now + timedelta(seconds=600)


def test_nothing_waits_for_a_webhook_that_was_switched_off(sink):
    webhook = make_webhook(sink.url())
    publish()
    hooks.switch(webhook, on=False, by=make_founder())

    delivery = deliver()

    assert sink.got == []
    assert delivery.last_error == "The webhook was switched off."


def test_a_webhook_deleted_in_the_middle_is_no_error(sink, monkeypatch):
    webhook = make_webhook(sink.url())
    publish()
    pk = Delivery.objects.get().pk
    real = deliveries.sending.post

    def post(*args, **more):
        answer = real(*args, **more)
        Webhook.objects.filter(pk=webhook.pk).delete()
        return answer

    monkeypatch.setattr(deliveries.sending, "post", post)
    tasks.deliver(pk)

    assert len(sink.got) == 1


@pytest.mark.both_databases
def test_a_worker_that_died_is_made_up_for(sink):
    make_webhook(sink.url())
    publish()
    taken = jobs.claim(Delivery, Delivery.objects.get().pk)
    assert jobs.claim(Delivery, taken.pk) is None

    with time_machine.travel(timezone.now() + 2 * jobs.LEASE):
        tasks.deliver(taken.pk)

    assert len(sink.got) == 1


def test_refused_credentials_at_aws_hold_up_no_message(monkeypatch):
    make_webhook()
    publish()
    jobs.pause_all("expired")
    enqueued = []
    monkeypatch.setattr(jobs, "enqueue", lambda model, pks, **_: enqueued.append(model) or len(pks))

    jobs.sweep()

    assert enqueued == [Delivery]


# The secret -----------------------------------------------------------------------------------


def test_the_secret_is_shown_once_and_lies_nowhere():
    webhook = make_webhook()

    secret = hooks.show_secret(webhook, by=make_founder())

    assert secret.startswith("whsec_")
    assert hooks.show_secret(webhook, by=make_founder()) is None
    stored = [*Webhook.objects.values(), *AuditEvent.objects.values()]
    assert secret.removeprefix("whsec_") not in str(stored)


def test_a_new_secret_takes_the_place_of_the_old():
    webhook = make_webhook()
    old = hooks.show_secret(webhook, by=make_founder())

    hooks.renew_secret(webhook, by=make_founder())

    webhook.refresh_from_db()
    assert hooks.show_secret(webhook, by=make_founder()) != old


def test_two_webhooks_have_two_secrets():
    assert bodies.secret_of(make_webhook()) != bodies.secret_of(make_webhook())


# The rest ---------------------------------------------------------------------------------------


def test_the_log_of_changes_names_the_host_and_no_more():
    make_webhook("https://hooks.slack.com/services/T000/B000/XXXXsecret", kind="slack")

    (event,) = AuditEvent.objects.filter(action="webhook.added")
    assert event.detail["host"] == "hooks.slack.com"
    assert "XXXXsecret" not in str(event.detail)


def test_a_test_is_sent_whatever_is_chosen_and_tried_once(sink):
    webhook = make_webhook(sink.url("/500"), is_on=False)
    hooks.test(webhook, by=make_founder())

    delivery = deliver()

    assert len(sink.got) == 1
    assert delivery.next_try_at is None


def test_tests_are_limited():
    webhook, founder = make_webhook(), make_founder()
    for _ in range(hooks.MOST_TESTS):
        hooks.test(webhook, by=founder)

    with pytest.raises(hooks.TooMany):
        hooks.test(webhook, by=founder)


def test_what_was_given_up_can_be_sent_again(sink):
    webhook = make_webhook(sink.url("/404"))
    publish()
    delivery = deliver()
    Webhook.objects.update(url=sink.url("/ok"))

    assert hooks.send_again(webhook, delivery.pk, by=make_founder())
    assert deliver().sent_at
    assert not hooks.send_again(webhook, delivery.pk, by=make_founder())


def test_a_failing_job_is_told_once_a_day():
    make_webhook(events=[Event.JOB_FAILING])
    JobRun.note("preflight_daily", error="arn:aws:iam::123456789012:user/x is not allowed")

    with time_machine.travel(timezone.now(), tick=False):
        tasks.watch_jobs()
        tasks.watch_jobs()

    (delivery,) = Delivery.objects.all()
    assert delivery.payload["text"] == "A job failed: Check the set-up. The status page says why."


def test_a_call_that_aws_refused_once_is_no_failing_job():
    make_webhook(events=[Event.JOB_FAILING])
    JobRun.note(aws_contact.REFUSED, error="GetCredits: AccessDenied")

    tasks.watch_jobs()

    assert not Delivery.objects.exists()


def test_a_job_that_works_again_is_not_told_of():
    make_webhook(events=[Event.JOB_FAILING])
    note_failure(billing_tasks.raise_alerts, exception=KeyError("x"))
    billing_tasks.raise_alerts()

    tasks.watch_jobs()

    assert not Delivery.objects.exists()


def test_old_messages_are_forgotten_but_not_those_that_wait():
    webhook = make_webhook()
    long_ago = timezone.now() - timedelta(days=40)
    for key, waits_until in (("settled", None), ("waiting", timezone.now())):
        publish(key=key)
        Delivery.objects.filter(webhook=webhook, key=key).update(
            created_at=long_ago, next_try_at=waits_until
        )

    tasks.watch_jobs()

    assert [each.key for each in Delivery.objects.all()] == ["waiting"]
