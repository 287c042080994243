"""The monthly budget: set, changed, taken away."""

import pytest

from billing.models import Budget
from portal.models import AuditEvent

pytestmark = pytest.mark.django_db

PATH = "/spend/budget/"


def test_a_founder_sets_it(founders_browser, founder):
    answer = founders_browser.post(PATH, {"amount": "500", "currency": "USD"})

    assert answer.url == "/spend/"
    assert (Budget.current().amount, Budget.current().set_by) == (500, founder)
    assert AuditEvent.objects.get().detail == {"a_month": "500.00 USD"}


def test_it_is_one(founders_browser):
    for amount in ("500", "600.50"):
        founders_browser.post(PATH, {"amount": amount})

    assert [budget.amount for budget in Budget.objects.all()] == [600.5]


def test_nothing_takes_it_away(founders_browser):
    Budget.objects.create(pk=1, amount=500)

    founders_browser.post(PATH, {"amount": ""})

    assert Budget.current() is None


@pytest.mark.parametrize("amount", ["0", "-5", "much", "NaN", "1e400", "9" * 40, "0.001"])
def test_nonsense_changes_nothing(founders_browser, amount):
    answer = founders_browser.post(PATH, {"amount": amount}, follow=True)

    assert "A budget is an amount like 500" in answer.text
    assert Budget.current() is None
