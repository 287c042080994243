"""The seats page: what each member used, filters and order, strangers, the file, the reports."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import ReportFile, ReportNote, UsageMonth
from billing.usage import months, report_sync
from onboarding.models import Member
from portal.models import JobRun, Workspace
from tests.billing.factories import make_report_file, make_reports, make_usage
from tests.factories import make_member

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LAST_REPORT = date(2026, 11, 21)
LONG_AGO = datetime(2026, 6, 1, tzinfo=UTC)
PAGE = "/spend/seats/"
STRANGER = "9067c1a2b3-stranger"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW):
        yield


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.text))


def names(response):
    return re.findall(r'class="seat__name"[^>]*>([^<]*)<', response.text)


def named(name, **fields):
    return make_member(given_name=name, family_name="", **{"invited_at": LONG_AGO, **fields})


# Months ------------------------------------------------------------------------------------------


def test_a_month_sums_days_and_clients():
    make_usage("u", date(2026, 11, 2), date(2026, 11, 3), credits="1.25")
    make_usage(
        "u", date(2026, 11, 3), credits="0.5", overage="0.25", client="KIRO_CLI", tier="power"
    )

    month = UsageMonth.objects.get()

    assert (month.credits_used, month.overage_credits_used) == (Decimal(3), Decimal("0.25"))
    assert (month.messages, month.active_days, month.clients) == (12, 2, "KIRO_CLI KIRO_IDE")
    assert (month.first_day, month.last_day, month.tier) == (
        date(2026, 11, 2),
        date(2026, 11, 3),
        "proplus",
    )


def test_the_last_days_tier_counts():
    make_usage("u", date(2026, 11, 2), tier="pro")
    make_usage("u", date(2026, 11, 3), tier="power")

    assert UsageMonth.objects.get().tier == "power"


def test_summing_up_again_counts_nothing_twice():
    make_usage("u", date(2026, 11, 2), date(2026, 12, 31), credits="2")

    months.rebuild({date(2026, 11, 30), date(2026, 12, 1)})

    assert list(UsageMonth.objects.order_by("month").values_list("credits_used", flat=True)) == [
        2,
        2,
    ]


def test_only_the_months_named_are_touched():
    make_usage("u", date(2026, 10, 2), date(2026, 11, 2))
    UsageMonth.objects.update(messages=99)

    months.rebuild({date(2026, 11, 1)})

    assert list(UsageMonth.objects.order_by("month").values_list("messages", flat=True)) == [99, 4]


def test_a_month_without_days_is_gone():
    make_usage("u", date(2026, 11, 2))
    UsageMonth.objects.get()
    from billing.models import UsageDay

    UsageDay.objects.all().delete()
    months.rebuild({date(2026, 11, 1)})

    assert not UsageMonth.objects.exists()


@pytest.mark.both_databases
def test_many_people_are_summed_one_by_one():
    make_usage([f"u{number}" for number in range(1010)], LAST_REPORT, credits="3")

    assert UsageMonth.objects.count() == 1010
    assert set(UsageMonth.objects.values_list("credits_used", "active_days")) == {(Decimal(3), 1)}


def test_a_month_is_read_at_one_moment():
    make_usage("u", date(2026, 11, 2), date(2026, 11, 3))

    with CaptureQueriesContext(connection) as queries:
        months.rebuild({date(2026, 11, 1)})

    assert sum('FROM "billing_usageday"' in query["sql"] for query in queries) == 1


# What it says ------------------------------------------------------------------------------------


def test_a_member_used_so_much_of_the_plan(founders_browser):
    make_usage(named("Ada"), date(2026, 11, 20), LAST_REPORT, credits="320")

    text = words(founders_browser.get(PAGE))

    assert "Ada" in text
    assert "640 of 2,000 32%" in text
    assert "IDE 8" in text
    assert "21 Nov Working" in text


def test_overage_is_beyond_the_bar_and_in_money(founders_browser):
    make_usage(named("Zoe"), LAST_REPORT, credits="2300", overage="300")

    answer = founders_browser.get(PAGE)

    assert "2,300 of 2,000 115%" in words(answer)
    assert "300 $12.00" in words(answer)
    assert 'class="share__over"' in answer.text
    assert "Overage $12.00 300 credits by 1 member" in words(answer)


def test_the_totals_are_of_everybody_on_the_team(founders_browser):
    make_usage(named("Ada"), LAST_REPORT, credits="500")
    make_usage(named("Bob", plan="pro"), LAST_REPORT, credits="250")
    make_usage(STRANGER, LAST_REPORT, credits="9")

    text = words(founders_browser.get(PAGE))

    assert "November, credits used 750 25% of the 3,000 in 2 seats" in text
    assert "Not on the team 1 9 credits" in text


def test_the_trend_has_three_months(founders_browser):
    member = named("Ada")
    make_usage(member, date(2026, 9, 9), credits="100")
    make_usage(member, LAST_REPORT, credits="300")

    assert 'aria-label="Sep 100, Oct 0, Nov 300"' in founders_browser.get(PAGE).text


def test_another_month_is_in_the_address(founders_browser):
    member = named("Ada")
    make_usage(member, date(2026, 10, 9), credits="100")
    make_usage(member, LAST_REPORT, credits="300")

    text = words(founders_browser.get(f"{PAGE}?month=2026-10"))

    assert "October, credits used 100" in text
    assert "100 of 2,000" in text


def test_a_wrong_tier_says_what_is_paid_and_what_is_worked_on(founders_browser):
    make_usage(named("Ada", seat_requested_at=LONG_AGO), LAST_REPORT, tier="pro")

    assert "Pays Pro+, works on Pro" in words(founders_browser.get(PAGE))


def test_a_smaller_plan_given_this_month_waits_for_the_next(founders_browser):
    make_usage(named("Ada", plan="pro", seat_requested_at=NOW), LAST_REPORT, tier="proplus")

    assert "works on" not in words(founders_browser.get(PAGE))


def test_of_an_unknown_tier_nothing_is_said(founders_browser):
    make_usage(named("Ada", seat_requested_at=LONG_AGO), LAST_REPORT, tier="ultra")

    assert "works on" not in words(founders_browser.get(PAGE))
    assert names(founders_browser.get(f"{PAGE}?show=wrong-tier")) == []


def test_an_idle_member_says_since_when_and_for_how_much(founders_browser):
    make_reports(start=LAST_REPORT - timedelta(days=30), end=LAST_REPORT)
    make_usage(named("Ines"), LAST_REPORT - timedelta(days=19))

    text = words(founders_browser.get(PAGE))

    assert "Idle 19 days, $40" in text
    assert "Idle now 1 $40.00 a month" in text


def test_names_are_escaped(founders_browser):
    make_usage(named("<script>x</script>"), LAST_REPORT, tier="<s>")
    make_usage("<q>", LAST_REPORT, report_email="a@example.com", tier="<u>")

    pages = founders_browser.get(PAGE).text + founders_browser.get(f"{PAGE}?show=strangers").text

    assert not re.findall(r"<script>x|<[squSQU]>", pages)


def test_how_fresh_it_is(founders_browser):
    make_usage(named("Ada"), LAST_REPORT)
    JobRun.objects.create(
        name=report_sync.JOB, last_run_at=datetime(2026, 11, 22, 6, 10, tzinfo=UTC)
    )

    assert "Activity to 21 Nov, read 06:10 UTC, next 07:10" in words(founders_browser.get(PAGE))


def test_a_failed_reading_says_why(founders_browser):
    JobRun.objects.create(name=report_sync.JOB, last_run_at=NOW, last_error="Allow s3:ListBucket.")

    assert "Allow s3:ListBucket." in words(founders_browser.get(PAGE))


# Strangers -----------------------------------------------------------------------------------------


def test_strangers_are_named_by_their_id(founders_browser):
    make_usage(STRANGER, LAST_REPORT, credits="42", report_email="ghost@example.com")
    named("Ada")

    text = words(founders_browser.get(f"{PAGE}?show=strangers"))

    assert f"ghost@example.com {STRANGER}" in text
    assert "Not on the team" in text
    assert "Ada" not in text


def test_who_has_left_is_a_stranger_with_a_name(founders_browser):
    member = named("Left", status=Member.Status.REMOVED)
    make_usage(member, LAST_REPORT)

    assert "Left, left" in words(founders_browser.get(f"{PAGE}?show=strangers"))


def test_a_stranger_who_joins_is_one_no_more(founders_browser):
    make_usage(STRANGER, LAST_REPORT)
    named("Ada", directory_user_id=STRANGER)

    assert names(founders_browser.get(f"{PAGE}?show=strangers")) == []
    assert names(founders_browser.get(PAGE)) == ["Ada"]


# Filters, order, pages -------------------------------------------------------------------------------


def a_team():
    make_reports(start=LAST_REPORT - timedelta(days=30), end=LAST_REPORT)
    make_usage(named("Ada"), LAST_REPORT, credits="1000", messages=1)
    make_usage(named("Bob", plan="pro"), LAST_REPORT, credits="900", tier="pro", messages=50)
    make_usage(named("Cy"), LAST_REPORT - timedelta(days=3), credits="2100", overage="100")
    make_usage(named("Di"), LAST_REPORT - timedelta(days=20), credits="5")
    named("Ed")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Cy", "Bob", "Ada", "Di", "Ed"]),
        ("sort=least", ["Ed", "Di", "Ada", "Bob", "Cy"]),
        ("sort=overage", ["Cy", "Ada", "Bob", "Di", "Ed"]),
        ("sort=messages", ["Bob", "Cy", "Di", "Ada", "Ed"]),
        ("sort=quiet", ["Ed", "Di", "Cy", "Ada", "Bob"]),
        ("sort=name", ["Ada", "Bob", "Cy", "Di", "Ed"]),
        ("plan=pro", ["Bob"]),
        ("show=idle&sort=name", ["Di", "Ed"]),
        ("show=overage", ["Cy"]),
        ("show=wrong-tier", []),
        ("q=bo", ["Bob"]),
        ("q=nobody", []),
        ("show=nonsense&sort=x&plan=a%00b&month=9999-99&q=%00", ["Cy", "Bob", "Ada", "Di", "Ed"]),
        ("month=0001-01", ["Cy", "Bob", "Ada", "Di", "Ed"]),
    ],
)
def test_filters_and_orders(founders_browser, query, expected):
    a_team()

    found = names(founders_browser.get(f"{PAGE}?{query}"))

    assert sorted(found) == sorted(expected)
    if (
        len(set(expected)) == len(expected)
        and "sort=messages" not in query
        and "sort=overage" not in query
    ):
        assert found == expected


def test_fifty_a_page(founders_browser):
    make_report_file(day=LAST_REPORT)
    for _ in range(51):
        named("Ada")

    assert len(names(founders_browser.get(PAGE))) == 50
    assert len(names(founders_browser.get(f"{PAGE}?page=2"))) == 1
    assert len(names(founders_browser.get(f"{PAGE}?page=nonsense"))) == 50


def test_htmx_gets_the_list_alone(founders_browser):
    named("Ada")

    answer = founders_browser.get(PAGE, headers={"HX-Request": "true"}).text

    assert answer.lstrip().startswith('<div class="seats"')
    assert "Ada" in answer


@pytest.mark.parametrize("show", ["", "idle", "wrong-tier", "strangers"])
@pytest.mark.parametrize("page", ["", "export.csv"])
def test_queries_do_not_grow(founders_browser, show, page):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            answer = founders_browser.get(f"{PAGE}{page}?show={show}")
            assert answer.getvalue()
        return len(captured)

    make_reports(start=LAST_REPORT - timedelta(days=20), end=LAST_REPORT)
    make_usage(named("Ada"), LAST_REPORT - timedelta(days=16), tier="power")
    make_usage("s", LAST_REPORT)
    founders_browser.get(PAGE)
    with_one = queries()
    more = [named("Ada") for _ in range(30)]
    make_usage(more, LAST_REPORT - timedelta(days=16), tier="power")
    make_usage([f"s{number}" for number in range(30)], LAST_REPORT)

    assert queries() == with_one


# The file ------------------------------------------------------------------------------------------


def export(browser, query=""):
    text = b"".join(browser.get(f"{PAGE}export.csv?{query}").streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_the_file_has_the_list_as_filtered(founders_browser):
    a_team()

    rows = export(founders_browser, "plan=pro")

    assert [(row["name"], row["credits_used"], row["allowance"]) for row in rows] == [
        ("Bob", "900.00", "1000")
    ]
    assert (rows[0]["last_active_day"], rows[0]["month"], rows[0]["on_team"]) == (
        "2026-11-21",
        "2026-11",
        "true",
    )


def test_the_file_has_strangers_by_id(founders_browser):
    make_usage(STRANGER, LAST_REPORT)

    (row,) = export(founders_browser, "show=strangers")

    assert (row["directory_user_id"], row["on_team"]) == (STRANGER, "false")


def test_cells_that_could_start_a_formula_are_defused(founders_browser):
    make_usage(named("=cmd"), LAST_REPORT, tier="=1+1")

    (row,) = export(founders_browser)

    assert (row["name"], row["tier"]) == ("'=cmd", "'=1+1")


def test_a_long_list_is_written_in_parts(founders_browser, monkeypatch):
    monkeypatch.setattr("billing.usage.seat_export.CHUNK", 2)
    a_team()

    assert [row["name"] for row in export(founders_browser, "sort=name")] == [
        "Ada",
        "Bob",
        "Cy",
        "Di",
        "Ed",
    ]


# Nothing there -------------------------------------------------------------------------------------


def test_while_the_first_reports_are_read_it_says_so(founders_browser):
    Workspace.objects.update(report_bucket="reports")
    make_report_file(day=date(2026, 11, 20), status=ReportFile.Status.WAITING)

    text = founders_browser.get(PAGE).text

    assert "The first reports are being read" in text
    assert "switch on" not in text


def test_without_a_bucket_it_leads_to_the_set_up(founders_browser):
    answer = founders_browser.get(PAGE)

    assert "No report bucket yet" in answer.text
    assert 'href="/setup/aws/"' in answer.text


def test_without_a_report_it_says_how_to_switch_it_on(founders_browser):
    Workspace.objects.update(report_bucket="reports")

    assert "In the Kiro console, under Settings, switch on" in words(founders_browser.get(PAGE))


# Reports -------------------------------------------------------------------------------------------


def test_refused_files_are_listed_with_their_reason(founders_browser):
    make_report_file(day=LAST_REPORT)
    make_report_file(day=LAST_REPORT, status="refused", reason="No column UserId.")

    text = words(founders_browser.get(f"{PAGE}reports/?status=refused"))

    assert "1 file refused" in text
    assert "Refused" in text
    assert "No column UserId." in text


def test_bad_cells_are_listed_with_file_and_row(founders_browser):
    file = make_report_file(day=LAST_REPORT, bad_rows=1)
    ReportNote.objects.create(
        file=file, row=3, column="Credits_Used", text="<inf>", reason="is no number"
    )

    text = words(founders_browser.get(f"{PAGE}reports/?status=bad-cells"))

    assert "1 file with bad cells" in text
    assert "Row 3, Credits_Used: &lt;inf&gt; – is no number" in text


@pytest.mark.parametrize("status", ["nonsense", "%00", "x" * 500])
def test_a_nonsense_status_shows_all(founders_browser, status):
    make_report_file(day=LAST_REPORT)

    assert "0.csv" in founders_browser.get(f"{PAGE}reports/?status={status}").text


@pytest.mark.parametrize("count", [1, 30])
def test_reports_queries_do_not_grow(founders_browser, count):
    for _ in range(count):
        file = make_report_file(day=LAST_REPORT)
        ReportNote.objects.create(file=file, row=3, reason="no number")

    with CaptureQueriesContext(connection) as queries:
        founders_browser.get(f"{PAGE}reports/")

    assert len(queries) <= 8
