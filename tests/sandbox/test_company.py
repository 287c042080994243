"""The sample company: enough people in enough trouble, and a past that does not change."""

import datetime as dt
from decimal import Decimal

import pytest

from portal.sandbox import company, costs, history

ANCHORS = [
    dt.date(2026, 11, 22),
    dt.date(2026, 1, 1),
    dt.date(2027, 3, 31),
    dt.date(2028, 2, 29),
]


def test_twelve_people_with_known_plans_and_steps():
    assert len(company.PEOPLE) == 12
    for person in company.PEOPLE:
        assert person.plan in company.PLAN_BY_CODE
        assert set(person.told) | set(person.seen) <= set(company.STEPS)


def test_names_and_ids_are_unique():
    assert len({person.email for person in company.PEOPLE}) == 12
    assert len({person.directory_user_id for person in company.PEOPLE}) == 12


def test_every_state_of_trouble_is_there():
    stories = " ".join(person.trouble for person in company.PEOPLE)

    for words in (
        "seat not there",
        "wrong identity",
        "pays twice",
        "idle",
        "never signed in",
        "seat group",
        "disabled",
        "wrong plan",
    ):
        assert words in stories


@pytest.mark.parametrize("anchor", ANCHORS)
def test_tomorrow_does_not_change_yesterday(anchor):
    today = costs.ledger(anchor, anchor).lines
    later = costs.ledger(anchor, anchor + dt.timedelta(days=40)).lines

    before = [line for line in today if line.day < anchor]
    assert before == [line for line in later if line.day < anchor]


@pytest.mark.parametrize("anchor", ANCHORS)
def test_there_are_fourteen_months_of_kiro(anchor):
    lines = [line for line in costs.ledger(anchor, anchor).lines if line.service == "Kiro"]

    assert lines[0].day < history.month_start(anchor, -14)


@pytest.mark.parametrize("anchor", ANCHORS)
def test_no_grant_gives_more_than_it_has(anchor):
    given = {grant.credit_id: grant.amount for grant in costs.grants(anchor)}
    for (credit_id, _, day), amount in costs.ledger(
        anchor, anchor + dt.timedelta(days=500)
    ).applied.items():
        given[credit_id] -= amount
        grant = next(item for item in costs.grants(anchor) if item.credit_id == credit_id)
        assert grant.start <= day <= grant.end

    assert all(left >= 0 for left in given.values())


@pytest.mark.parametrize("anchor", ANCHORS)
def test_the_kiro_grant_is_neither_unused_nor_used_up_at_the_start(anchor):
    applied = costs.ledger(anchor, anchor).applied
    used = sum(amount for (credit_id, _, _), amount in applied.items() if credit_id == "8592034417")

    assert Decimal(2500) < used < Decimal(4600)


def test_a_seat_granted_mid_month_is_prorated():
    anchor = dt.date(2026, 11, 22)
    day = dt.date(2026, 9, 9)  # the Power seat: 22 of 30 days

    fees = [
        line
        for line in costs.ledger(anchor, anchor).lines
        if line.day == day and line.record_type == "FlatRateSubscription"
    ]

    assert [(line.amount, round(line.quantity, 4)) for line in fees] == [
        (Decimal("146.67"), Decimal("0.7333"))
    ]
