"""Parts of pages that are kept until something happens."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from billing.models import UsageDay
from billing.usage import months
from onboarding.team import members
from portal import audit, fragment_cache
from portal.watch import vital_signs
from tests.billing.factories import make_line, make_usage
from tests.factories import make_member

pytestmark = pytest.mark.django_db

TEMPLATE = "components/badge.html"
SEATS, SPEND = "/spend/seats/", "/spend/"
LAST_REPORT = date(2026, 11, 21)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(datetime(2026, 11, 22, 9, 0, tzinfo=UTC)):
        yield


def edition():
    return vital_signs.company(fragment_cache.columns).edition


@pytest.fixture
def ada(founder):
    make_usage("id-ada", LAST_REPORT)
    return make_member(given_name="Ada", directory_user_id="id-ada")


def made(text, *edition):
    """The badge as it is kept, and whether it was made."""
    asked = []

    def context():
        asked.append(text)
        return {"tone": "good", "text": text}

    return fragment_cache.html(TEMPLATE, edition, context), bool(asked)


def test_the_same_edition_is_made_once():
    first, _ = made("first", 1, "a")

    again, was_made = made("second", 1, "a")

    assert (again, was_made) == (first, False)


def test_another_edition_is_made_anew():
    made("first", 1, "a")

    html, was_made = made("second", 2, "a")

    assert was_made
    assert "second" in html


def test_what_is_kept_was_escaped():
    made("<script>", 1)

    html, _ = made("<script>", 1)

    assert "<script>" not in html


def test_every_event_is_a_new_edition():
    before = edition()

    audit.record("member.renamed")

    assert edition() != before


def test_a_new_name_is_on_the_seats_page_at_once(founders_browser, founder, ada):
    founders_browser.get(SEATS)

    members.rename(ada, given_name="Grace", family_name="Hopper", actor=founder)

    assert "Grace Hopper" in founders_browser.get(SEATS).text


def test_use_that_was_summed_up_is_on_the_seats_page_at_once(founders_browser, ada):
    founders_browser.get(SEATS)

    UsageDay.objects.update(credits_used=787)
    months.rebuild({LAST_REPORT})

    assert "787" in founders_browser.get(SEATS).text


def test_another_search_is_another_page(founders_browser, ada):
    founders_browser.get(SEATS)

    assert "Nobody matches" in founders_browser.get(SEATS, {"q": "grace"}).text


def test_a_new_line_of_the_bill_is_on_the_spend_page_at_once(founders_browser):
    make_line(amount="1.00")
    founders_browser.get(SPEND)

    make_line(amount="41.00", record="Tax")

    assert "$42.00" in founders_browser.get(SPEND).text


@pytest.mark.parametrize(("page", "count"), [(SEATS, 3), (SPEND, 4)])
def test_a_page_whose_figures_are_kept_asks_little(founders_browser, ada, queries_of, page, count):
    make_line(amount="1.00")

    assert queries_of(lambda: founders_browser.get(page)) == count


def test_nobody_gets_the_token_of_another(founders_browser, ada):
    make_line(amount="1.00")

    founders_browser.get(SPEND)

    assert "csrf" not in str([shelf.content for shelf in fragment_cache.Shelf.every])
