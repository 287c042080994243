"""`/settings/notices/`: webhooks are added, tried, changed, switched and deleted in the browser."""

import pytest
from django.utils import timezone

from portal.models import AuditEvent, Delivery, Webhook
from portal.webhooks import hooks
from portal.webhooks.events import Event
from tests.factories import make_founder, make_workspace

pytestmark = pytest.mark.django_db

URL = "https://hooks.slack.com/services/T000/B000/Xsecret1234"
FORM = {"name": "#kiro", "kind": "slack", "url": URL, "events": ["help.wanted", "money.budget"]}


@pytest.fixture
def founder(client):
    make_workspace()
    made = make_founder()
    client.force_login(made)
    return made


def make_webhook(*, kind="json", events=("help.wanted",)):
    return hooks.add(name="Ops", kind=kind, url=URL, events=events, by=make_founder())


def read(response):
    assert response.status_code == 200
    return response.content.decode()


def actions():
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


def test_a_webhook_is_added(client, founder):
    response = client.post("/settings/notices/", FORM)

    webhook = Webhook.objects.get()
    assert response.url == f"/settings/notices/{webhook.pk}/"
    assert (webhook.url, webhook.events) == (URL, ["help.wanted", "money.budget"])
    assert actions() == ["webhook.added"]


def test_the_address_is_not_shown_again(client, founder):
    client.post("/settings/notices/", FORM)

    pages = read(client.get("/settings/notices/")) + read(
        client.get(f"/settings/notices/{Webhook.objects.get().pk}/")
    )

    assert "hooks.slack.com/…1234" in pages
    assert "Xsecret1234" not in pages


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"url": "http://hooks.slack.com/x"}, "has to begin with https://"),
        ({"url": "https://127.0.0.1/x"}, "no address of the public Internet"),
        ({"url": "https://u:p@hooks.slack.com/x"}, "Take the user name and password out"),
        ({"url": ""}, "required"),
        ({"name": ""}, "required"),
        ({"kind": "fax"}, "not one of"),
        ({"events": []}, "Choose at least one"),
        ({"events": ["made.up"]}, "not one of"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(client, founder, change, words):
    page = read(client.post("/settings/notices/", {**FORM, **change}))

    assert words in page
    assert not Webhook.objects.exists()


def test_there_is_an_end_to_webhooks(client, founder):
    for _ in range(hooks.MOST_WEBHOOKS):
        make_webhook()

    assert "are enough" in read(client.post("/settings/notices/", FORM))


def test_a_change_without_an_address_leaves_it_as_it_is(client, founder):
    webhook = make_webhook()

    client.post(f"/settings/notices/{webhook.pk}/", {**FORM, "url": "", "kind": "json"})

    webhook.refresh_from_db()
    assert (webhook.name, webhook.url) == ("#kiro", URL)
    assert actions()[-1] == "webhook.changed"


def test_saving_what_is_so_already_is_no_change(client, founder):
    webhook = make_webhook()

    client.post(
        f"/settings/notices/{webhook.pk}/",
        {"name": "Ops", "kind": "json", "url": "", "events": ["help.wanted"]},
    )

    assert actions() == ["webhook.added"]


def test_the_secret_is_shown_to_whoever_asks_first(client, founder):
    webhook = make_webhook()
    path = f"/settings/notices/{webhook.pk}/"
    assert "whsec_" not in read(client.get(path))

    response = client.post(f"{path}secret/")

    assert "whsec_" in read(response)
    assert "no-store" in response["Cache-Control"]
    assert "whsec_" not in read(client.get(path))
    assert "was shown before" in read(client.post(f"{path}secret/", follow=True))


def test_a_new_secret_can_be_shown_again(client, founder):
    webhook = make_webhook()
    path = f"/settings/notices/{webhook.pk}/"
    client.post(f"{path}secret/")

    client.post(f"{path}secret/", {"renew": "1"})

    assert "whsec_" in read(client.post(f"{path}secret/"))


def test_slack_has_no_secret(client, founder):
    webhook = make_webhook(kind="slack")

    assert client.post(f"/settings/notices/{webhook.pk}/secret/").status_code == 404


def test_the_test_button_has_a_limit(client, founder):
    webhook = make_webhook()

    pages = [
        read(client.post(f"/settings/notices/{webhook.pk}/test/", follow=True))
        for _ in range(hooks.MOST_TESTS + 1)
    ]

    assert "on its way" in pages[0]
    assert "Wait a moment" in pages[-1]
    assert Delivery.objects.count() == hooks.MOST_TESTS


def test_off_and_on_again(client, founder):
    webhook = make_webhook()

    for wanted in ("0", "0", "1"):
        client.post(f"/settings/notices/{webhook.pk}/switch/", {"on": wanted})

    assert actions()[1:] == ["webhook.switched_off", "webhook.switched_on"]


def test_a_deleted_webhook_is_gone_with_its_log(client, founder):
    webhook = make_webhook()
    hooks.test(webhook, by=founder)

    client.post(f"/settings/notices/{webhook.pk}/remove/")

    assert not Webhook.objects.exists()
    assert not Delivery.objects.exists()
    assert actions()[-1] == "webhook.removed"


def test_the_log_says_what_became_of_each_message(client, founder):
    webhook = make_webhook()
    hooks.test(webhook, by=founder)
    given_up = {
        "next_try_at": None,
        "failure_code": "status-404",
        "status_code": 404,
        "attempts": 1,
    }
    Delivery.objects.update(
        last_error="There is no such webhook any more: it answered 404.", **given_up
    )

    page = read(client.get(f"/settings/notices/{webhook.pk}/"))

    for words in (
        "Not delivered",
        "attempt 1",
        "status 404",
        "no such webhook any more",
        "Send again",
    ):
        assert words in page


def test_sent_again_from_the_log(client, founder):
    webhook = make_webhook()
    delivery = hooks.test(webhook, by=founder)
    Delivery.objects.update(next_try_at=None, failure_code="status-404")

    client.post(f"/settings/notices/{webhook.pk}/again/", {"delivery": delivery.pk})

    assert Delivery.objects.get().next_try_at is not None


@pytest.mark.parametrize("number", ["", "x", "-1", "9" * 30, "²"])
def test_a_made_up_message_is_not_sent_again(client, founder, number):
    webhook = make_webhook()

    response = client.post(f"/settings/notices/{webhook.pk}/again/", {"delivery": number})

    assert response.status_code == 404
    assert "webhook.sent_again" not in actions()


def test_the_log_asks_for_itself_while_a_message_is_on_its_way(client, founder):
    webhook = make_webhook()
    hooks.test(webhook, by=founder)
    path = f"/settings/notices/{webhook.pk}/"
    assert 'hx-trigger="every 2s"' in read(client.get(path))

    Delivery.objects.update(next_try_at=None, sent_at=timezone.now())
    fragment = read(client.get(path, headers={"HX-Request": "true"}))

    assert "hx-trigger" not in fragment
    assert fragment.lstrip().startswith("<section")


def test_the_number_of_queries_does_not_grow(client, founder, django_assert_max_num_queries):
    def queries():
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(
            connection,
        ) as counted:
            read(client.get("/settings/notices/"))
        return len(counted)

    hooks.test(make_webhook(), by=founder)
    read(client.get("/settings/notices/"))
    one = queries()
    for _ in range(9):
        hooks.test(make_webhook(), by=founder)

    assert queries() == one


def test_every_event_has_its_tick_box(client, founder):
    page = read(client.get("/settings/notices/"))

    assert all(f'value="{event}"' in page for event in Event)
