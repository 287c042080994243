"""Plans as data that founders edit."""

from decimal import Decimal

import pytest
from django.utils import timezone

from onboarding.models import Plan
from portal.models import AuditEvent
from tests.factories import get_plan, make_founder, make_member, make_queued

pytestmark = pytest.mark.django_db


@pytest.fixture
def founder(client):
    client.force_login(make_founder())


def save(client, code, **changes):
    values = {"name": "Pro+", "price": "40", "credits": "2000", "overage_price": "0.04", **changes}
    fields = {f"{code}-{name}": value for name, value in values.items()}
    return client.post("/setup/plans/", {"code": code, **fields})


def test_a_price_can_be_changed(client, founder):
    save(client, "pro-plus", price="44.50", credits="2500")

    plan = get_plan("pro-plus")
    assert (plan.price, plan.credits) == (Decimal("44.50"), 2500)


def test_the_change_is_on_record(client, founder):
    save(client, "pro-plus", price="44.50")

    assert AuditEvent.objects.get(action="plan.changed").detail["price"] == "44.50"


@pytest.mark.parametrize("bad", [{"price": "-1"}, {"price": "x"}, {"credits": "-5"}, {"name": ""}])
def test_nonsense_is_refused(client, founder, bad):
    response = save(client, "pro-plus", **bad)

    assert response.status_code == 200
    assert get_plan("pro-plus").price == Decimal("40.00")


def test_there_is_always_one_default(client, founder):
    save(client, "power", name="Power", is_default="on")
    save(client, "power", name="Power")

    assert list(Plan.objects.filter(is_default=True)) == [get_plan("power")]


def test_a_plan_that_is_not_there(client, founder):
    assert save(client, "gold").status_code == 404


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"seat_requested_at": timezone.now()}, "propagating"),
        ({"verdict": "right"}, "confirmed"),
        (
            {"seat_requested_at": timezone.now() - timezone.timedelta(hours=25)},
            "not confirmed after 24 hours",
        ),
    ],
)
def test_the_state_of_a_seat(fields, state):
    assert make_member(**fields).seat_state == state


def test_a_seat_not_asked_for_yet():
    assert make_queued().seat_state == "requested"
