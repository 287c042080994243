"""Alerts of money reach webhooks as they reach founders: each cause once."""

import pytest

from billing.alerts import raising
from billing.models import Alert, Budget
from portal.models import Delivery
from portal.webhooks import hooks
from portal.webhooks.events import Event
from tests.billing.factories import make_line
from tests.billing.test_alerts import NOV, NOW
from tests.factories import make_founder, make_member, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def founder():
    make_workspace()
    make_member()
    return make_founder()


def make_webhook(founder, *events):
    url = "https://hooks.example.com/x"
    return hooks.add(name="Ops", kind="json", url=url, events=events, by=founder)


@pytest.mark.parametrize("kind", Alert.Kind.values)
def test_every_alert_can_be_chosen(kind):
    assert f"money.{kind}" in Event.values


def test_a_month_above_budget_is_told_once(founder):
    make_webhook(founder, Event.BUDGET)
    Budget.objects.create(pk=1, amount=100)
    make_line(day=NOV, amount="80")

    raising.raise_due(NOW)
    raising.raise_due(NOW)

    (delivery,) = Delivery.objects.all()
    assert delivery.event == "money.budget"
    assert "80% of the budget of $100.00 a month" in delivery.payload["text"]
    assert delivery.payload["link"].endswith("/spend/")


def test_what_nobody_chose_is_not_told(founder):
    make_webhook(founder, Event.NO_SEATS)
    Budget.objects.create(pk=1, amount=100)
    make_line(day=NOV, amount="80")

    raising.raise_due(NOW)

    assert Alert.objects.filter(kind="budget").exists()
    assert not Delivery.objects.exists()
