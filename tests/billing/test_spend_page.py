"""The spend page: its three numbers, chart and table, for whom, and what bad input does."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from billing.models import CostLine, Refresh
from billing.spending import refreshes
from portal import jobs
from tests.billing.factories import make_bill, make_line
from tests.factories import make_user

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
FRAGMENT = {"HX-Request": "true", "HX-Target": "spend"}
POLL = {"HX-Request": "true", "HX-Target": "refresh"}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW) as traveller:
        yield traveller


@pytest.fixture
def enqueued(monkeypatch):
    heard = []
    monkeypatch.setattr(jobs, "enqueue", lambda model, pks: heard.append((model, pks)) or len(pks))
    return heard


def words(response):
    """What stands on the page, without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.text))


# What it shows ---------------------------------------------------------------------------------


def test_the_three_numbers_are_a_sum(founders_browser):
    make_bill()

    text = words(founders_browser.get("/spend/"))

    assert "Used $46.30 − Covered by credits $45.00 = Paid $1.30" in text


def test_gross_stands_beside_used(founders_browser):
    make_bill()

    assert "gross $50.00, tax $1.30, refunds −$5.00" in words(founders_browser.get("/spend/"))


def test_overage_is_told_in_credits_too(founders_browser):
    for day in (date(2026, 11, 1), date(2026, 11, 2)):
        make_line("26", day=day, record="Usage", usage="USE1-KiroEnterprise-Credits", quantity=650)

    assert "gross $52.00 with 1,300 credits of overage" in words(founders_browser.get("/spend/"))


def test_a_sum_that_is_a_cent_off_by_rounding_says_so(founders_browser):
    make_line("10.005")
    make_line("-5.004", record="Credit")

    text = words(founders_browser.get("/spend/"))

    assert "$10.01 − Covered by credits $5.00 = Paid $5.00" in text
    assert "exactly 10.005 − 5.004 = 5.001" in text


def test_the_table_has_the_figures_of_the_chart(founders_browser):
    make_bill()

    text = words(founders_browser.get("/spend/"))

    assert "November 40.00 10.00 1.30 −5.00 46.30 −45.00 1.30" in text


def test_only_parts_that_cost_something_have_a_column(founders_browser):
    make_line("40")

    text = words(founders_browser.get("/spend/"))

    assert "Pro+ seats" in text
    assert "Power seats" not in text


def test_an_estimated_month_says_so_in_words(founders_browser):
    make_line("40", estimated=True)

    text = words(founders_browser.get("/spend/"))

    assert "November estimated" in text
    assert "November is estimated" in text


def test_each_bar_says_its_figures(founders_browser):
    make_bill()

    answer = founders_browser.get("/spend/").text

    assert 'aria-label="November: used $46.30, covered by credits $45.00, paid $1.30"' in answer


def test_the_chart_has_a_title_and_a_description(founders_browser):
    make_bill()

    answer = founders_browser.get("/spend/").text

    assert re.search(r"<title id=[^>]*>Kiro by month, in USD</title>", answer)
    assert re.search(
        r"<desc id=[^>]*>Used \$46.30, covered by credits \$45.00, paid \$1.30", answer
    )


def test_two_currencies_are_two_sums(founders_browser):
    make_line("40")
    make_line("35", currency="EUR")

    text = words(founders_browser.get("/spend/"))

    assert "Used €35.00" in text
    assert "Used $40.00" in text


def test_the_currency_that_most_is_paid_in_comes_first_with_where_the_month_is_going(
    founders_browser,
):
    make_line("40")
    make_line("35", currency="EUR")

    text = words(founders_browser.get("/spend/"))

    assert text.index("in USD") < text.index("in EUR")
    assert text.index("Used $40.00") < text.index("November comes to") < text.index("Used €35.00")


def test_a_month_is_shown_by_day(founders_browser):
    make_line("40", day=date(2026, 11, 3))

    text = words(founders_browser.get("/spend/?period=this-month"))

    assert "By day, in USD" in text
    assert "3 Nov 40.00" in text


def test_days_that_aws_has_not_told_of_are_not_shown_as_free(founders_browser):
    make_line("40", day=date(2026, 11, 20))

    assert "21 Nov" not in words(founders_browser.get("/spend/?period=this-month"))


def test_own_dates_include_both_days(founders_browser):
    for day in (1, 2, 3, 4):
        make_line("10", day=date(2026, 11, day))

    assert "Used $20.00" in words(founders_browser.get("/spend/?from=2026-11-02&to=2026-11-03"))


def test_a_period_without_cost_has_three_noughts(founders_browser):
    make_line("40", day=date(2026, 11, 3))

    text = words(founders_browser.get("/spend/?from=2026-01-01&to=2026-01-31"))

    assert "Used $0.00 − Covered by credits $0.00 = Paid $0.00" in text
    assert "No cost in this period." in text


def test_the_stamp_says_how_fresh_it_is_and_what_that_cost(founders_browser):
    make_line(day=date(2026, 11, 21))
    Refresh.objects.create(
        outcome=Refresh.Outcome.DONE,
        finished_at=NOW.replace(hour=6, minute=10),
        requests=12,
        paid_at=NOW,
    )

    text = words(founders_browser.get("/spend/"))

    assert (
        "Data to 21 Nov · refreshed 06:10 UTC, next 12:10&nbsp;· "
        "this portal has spent $0.12 on Cost Explorer this month"
    ) in text


def test_an_empty_page_says_what_to_do(founders_browser):
    assert "Press Refresh" in words(founders_browser.get("/spend/"))


def test_a_failed_refresh_is_told_above_the_old_figures(founders_browser):
    make_bill()
    Refresh.objects.create(outcome=Refresh.Outcome.FAILED, finished_at=NOW, reason="It rained.")

    text = words(founders_browser.get("/spend/"))

    assert "brought nothing. It rained." in text
    assert "Used $46.30" in text


def test_the_log_shows_price_and_reason(founders_browser):
    Refresh.objects.create(
        outcome=Refresh.Outcome.FAILED, finished_at=NOW, requests=3, reason="It rained."
    )

    assert re.search(r"Failed It rained\. .* 3 \$0\.03", words(founders_browser.get("/spend/")))


def test_thirty_lines_cost_the_queries_of_one(founders_browser, founder):
    def queries_with(lines):
        for number in range(lines):
            make_line(day=date(2026, 11, 1) - timedelta(days=lines + 9 * number))
            Refresh.objects.create(outcome=Refresh.Outcome.DONE, finished_at=NOW, asked_by=founder)
        with CaptureQueriesContext(connection) as queries:
            founders_browser.get("/spend/")
        return len(queries)

    assert queries_with(1) == queries_with(30)


def test_no_page_asks_aws(founders_browser, source):
    founders_browser.get("/spend/")

    assert source.asked == []


def test_there_is_nothing_inline(founders_browser):
    make_bill()

    assert not re.search(r"<style|<script>|\sstyle=|\son\w+=", founders_browser.get("/spend/").text)


# Bad input -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "period=never",
        "period=%00",
        "period=" + "x" * 10_000,
        "from=0000-00-00",
        "from=2026-11-02&to=2026-11-01",
        "from[]=1",
        "from=-1&to=99999999999999999999",
        "from=%00&to=%00",
        "from=0001-01-01&to=9999-12-31",
        "from=9999-12-31",
        "to=0001-01-01",
        "from=0001-01-01&to=0001-01-02",
        "period=all&period=3m",
    ],
)
@pytest.mark.parametrize("has_data", [True, False])
def test_any_dates_get_a_page(founders_browser, query, has_data):
    if has_data:
        make_bill()

    assert founders_browser.get(f"/spend/?{query}").status_code == 200


def test_reversed_dates_get_a_sentence(founders_browser):
    text = words(founders_browser.get("/spend/?from=2026-11-02&to=2026-11-01"))

    assert "The first day lies after the last" in text


# Who may ---------------------------------------------------------------------------------------

PLACES = ["/spend/", "/spend/export.csv", "/spend/refresh/"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_strangers_are_asked_to_sign_in(client, place, method):
    answer = getattr(client, method)(place)

    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/login/")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_members_find_nothing(client, place, method):
    client.force_login(make_user())

    assert getattr(client, method)(place).status_code == 404


def test_a_get_asks_for_no_refresh(founders_browser):
    assert founders_browser.get("/spend/refresh/").status_code == 405
    assert not Refresh.objects.exists()


def test_the_button_needs_a_csrf_token(founders_browser):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = founders_browser.cookies

    assert strict.post("/spend/refresh/").status_code == 403
    assert SESSION_KEY in strict.session


# The fragment ----------------------------------------------------------------------------------


def test_a_change_of_period_is_a_fragment(founders_browser):
    make_bill()

    text = founders_browser.get("/spend/?period=3m", headers=FRAGMENT).text

    assert text.lstrip().startswith('<div id="spend"')
    assert "<html" not in text


def test_periods_are_links_without_scripts(founders_browser):
    assert 'href="/spend/?period=3m"' in founders_browser.get("/spend/").text


def test_while_a_refresh_runs_the_button_asks_again(founders_browser):
    Refresh.objects.create()

    text = founders_browser.get("/spend/?period=3m", headers=POLL).text

    assert text.lstrip().startswith('<div id="refresh"')
    assert 'hx-get="/spend/?period=3m"' in text


def test_when_it_has_ended_the_whole_page_is_shown(founders_browser):
    make_bill()

    answer = founders_browser.get("/spend/", headers=POLL)

    assert answer.headers["HX-Retarget"] == "#spend"
    assert "Used" in answer.text


# The button ------------------------------------------------------------------------------------


def test_the_button_says_what_it_costs(founders_browser):
    assert "Refresh, $0.01" in words(founders_browser.get("/spend/"))


def test_the_button_rings_a_worker_and_comes_back_to_the_period(
    founders_browser, enqueued, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        answer = founders_browser.post("/spend/refresh/?period=3m")

    assert answer.url == "/spend/?period=3m"
    assert enqueued == [(Refresh, [Refresh.objects.get().pk])]


def test_the_button_remembers_who_pressed_it(founders_browser, founder, enqueued):
    founders_browser.post("/spend/refresh/")

    assert Refresh.objects.get().asked_by == founder


def test_a_second_press_too_soon_gets_a_sentence(founders_browser, founder, enqueued, source):
    make_line()
    source.has("2026-11-01", "40")
    refreshes.carry_out(refreshes.ask(now=NOW, by=founder).pk)

    answer = founders_browser.post("/spend/refresh/", follow=True)

    assert "The next refresh is possible at 09:10" in words(answer)
    assert Refresh.objects.count() == 1


def test_from_the_button_to_the_figures(founders_browser, source, enqueued):
    source.has("2026-11-01", "40")
    founders_browser.post("/spend/refresh/")

    refreshes.carry_out(Refresh.objects.get().pk)

    assert CostLine.objects.count() == 1
    assert "Used $40.00" in words(founders_browser.get("/spend/"))


def test_a_table_by_day_leaves_out_days_without_cost(founders_browser):
    make_line("40", day=date(2026, 11, 1))
    make_line("1", day=date(2026, 11, 3))

    text = words(founders_browser.get("/spend/?period=this-month"))

    assert "days without cost are left out" in text
    assert "3 Nov 1.00 1.00 0.00 1.00 1 Nov 40.00" in text


def test_names_from_aws_cannot_break_the_drawing(founders_browser):
    make_line("40", currency="<q>")

    assert "<q>" not in founders_browser.get("/spend/").text
