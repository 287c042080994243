"""Reading Cost Explorer: what it changes, what it leaves alone, what it costs."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from billing.models import CostLine, Refresh, Restatement
from billing.spending import refreshes
from billing.tasks import refresh_spend, refresh_spend_when_due
from portal import jobs
from portal.models import AuditEvent, Workspace

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
Outcome = Refresh.Outcome


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    # The source's own clock must go on, so only the moment is moved, not the pace.
    monkeypatch.setattr("portal.pacing.slow_down", lambda: None)
    with time_machine.travel(NOW) as traveller:
        yield traveller


def refresh_now():
    refresh = refreshes.ask(now=timezone.now(), has_cool_down=False)
    refreshes.carry_out(refresh.pk)
    refresh.refresh_from_db()
    return refresh


def amounts():
    return list(CostLine.objects.values_list("amount", flat=True))


# The window ------------------------------------------------------------------------------------


def test_the_first_refresh_reads_fourteen_months(source):
    source.has("2026-11-01", "40")

    refresh_now()

    assert source.asked[0]["TimePeriod"] == {"Start": "2025-10-01", "End": "2026-12-01"}


def test_the_next_refresh_reads_last_month_and_this(source):
    source.has("2026-11-01", "40")
    refresh_now()

    refresh_now()

    assert source.asked[1]["TimePeriod"] == {"Start": "2026-10-01", "End": "2026-12-01"}


def test_a_month_is_read_again_while_it_is_estimated(source):
    source.has("2026-08-01", "40", estimated=True)
    refresh_now()

    assert refreshes.window(date(2026, 11, 22)) == (date(2026, 8, 1), date(2026, 12, 1))


def test_months_missed_while_the_portal_was_off_are_read(source, clock):
    source.has("2026-11-01", "40")
    refresh_now()

    assert refreshes.window(date(2027, 3, 1)) == (date(2026, 11, 1), date(2027, 4, 1))


@pytest.mark.parametrize("changed", [{"cost_service": "Kiro 2"}, {"account_id": "210987654321"}])
def test_another_service_or_account_is_read_from_the_beginning(source, changed):
    Workspace.objects.update(account_id="123456789012")
    source.has("2026-11-01", "40")
    refresh_now()

    Workspace.objects.update(**changed)

    assert refreshes.window(NOW.date())[0] == date(2025, 10, 1)


def test_figures_of_another_service_are_replaced_and_nothing_is_restated(source):
    CostLine.objects.create(date=date(2024, 5, 1), amount=7)
    source.has("2026-11-01", "38.20")
    refresh_now()
    Workspace.objects.update(cost_service="Kiro 2")
    source.lines.clear()
    source.has("2026-11-02", "40")

    refresh_now()

    assert amounts() == [Decimal(40)]
    assert not Restatement.objects.exists()


def test_a_refresh_that_failed_leaves_the_first_one_to_do(source):
    source.fails("AccessDeniedException")
    refresh_now()

    assert refreshes.window(NOW.date())[0] == date(2025, 10, 1)


@pytest.mark.parametrize(
    ("today", "start", "end"),
    [
        (date(2028, 2, 29), date(2028, 1, 1), date(2028, 3, 1)),
        (date(2027, 1, 1), date(2026, 12, 1), date(2027, 2, 1)),
        (date(2026, 12, 31), date(2026, 11, 1), date(2027, 1, 1)),
    ],
)
def test_the_window_is_whole_months(today, start, end):
    Refresh.objects.create(
        outcome=Outcome.DONE, started_at=datetime(today.year, today.month, 1, tzinfo=UTC)
    )

    assert refreshes.window(today) == (start, end)


# What it changes -------------------------------------------------------------------------------


def test_lines_are_stored_as_given(source):
    source.has(
        "2026-11-03", "-3.1234567891", record="Credit", usage="X", unit="EUR", estimated=True
    )

    refresh_now()

    line = CostLine.objects.get()
    assert (line.date, line.record_type, line.usage_type) == (date(2026, 11, 3), "Credit", "X")
    assert (line.amount, line.currency, line.estimated) == (Decimal("-3.1234567891"), "EUR", True)


def test_restated_days_replace_and_vanished_days_go(source):
    source.has("2026-11-01", "38.20")
    source.has("2026-11-02", "1")
    refresh_now()
    source.lines.clear()
    source.has("2026-11-01", "40")

    refresh_now()

    assert amounts() == [Decimal(40)]


def test_days_before_the_window_stay(source):
    source.has("2026-02-01", "7")
    source.has("2026-11-01", "40")
    refresh_now()
    source.lines.pop(0)

    refresh_now()

    assert amounts() == [Decimal(7), Decimal(40)]


def test_pages_become_one_answer(source):
    for day in range(1, 8):
        source.has(f"2026-11-0{day}", str(day))
    source.page_size = 3

    refresh = refresh_now()

    assert (len(amounts()), refresh.rows, refresh.requests) == (7, 7, 3)


def test_two_currencies_on_one_day_are_two_lines(source):
    source.has("2026-11-01", "40")
    source.has("2026-11-01", "35", unit="EUR")

    refresh_now()

    assert set(CostLine.objects.values_list("currency", flat=True)) == {"USD", "EUR"}


# What it leaves alone --------------------------------------------------------------------------


def test_an_empty_answer_changes_nothing(source):
    source.has("2026-11-01", "40")
    refresh_now()
    source.lines.clear()

    refresh = refresh_now()

    assert (amounts(), refresh.outcome) == ([Decimal(40)], Outcome.EMPTY)
    assert "no cost for the service “Kiro”" in refresh.reason


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        ("AccessDeniedException", 400, "does not let the portal read costs"),
        ("LimitExceededException", 400, "too many requests"),
        ("InternalServerException", 500, "out of order"),
        ("DataUnavailableException", 400, "has no data yet"),
        ("ValidationException", 400, "refused the request"),
        ("InvalidNextTokenException", 400, "lost its place"),
    ],
)
def test_a_refusal_changes_nothing_and_says_why(source, code, status, words):
    source.has("2026-11-01", "40")
    refresh_now()
    source.fails(code, status=status, times=2)

    refresh = refresh_now()

    assert (amounts(), refresh.outcome) == ([Decimal(40)], Outcome.FAILED)
    assert words in refresh.reason


def test_no_answer_changes_nothing_and_says_why(source, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")

    assert "gave no answer" in refresh_now().reason


def test_a_page_that_fails_undoes_those_before(source):
    source.has("2026-11-01", "40")
    refresh_now()
    source.has("2026-11-02", "2")
    source.page_size = 1

    def second_page_fails():
        if "NextPageToken" in source.asked[-1]:
            source.fails("InvalidNextTokenException")

    source.before_answer = second_page_fails
    refresh_now()

    assert amounts() == [Decimal(40)]


def test_the_same_line_on_two_pages_is_a_mixed_read(source):
    source.has("2026-11-01", "40")
    source.has("2026-11-01", "41")
    source.page_size = 1

    refresh = refresh_now()

    assert (amounts(), refresh.outcome) == ([], Outcome.FAILED)
    assert "changed its figures while they were read" in refresh.reason


# One at a time ---------------------------------------------------------------------------------


def test_asking_while_one_is_under_way_gives_the_same(source):
    first = refreshes.ask(now=timezone.now())

    assert refreshes.ask(now=timezone.now()) == first


def test_the_database_itself_refuses_a_second_under_way():
    Refresh.objects.create()

    with pytest.raises(Exception, match=r"(?i)unique"):
        Refresh.objects.create()


def test_the_message_delivered_three_times_pays_once(source):
    source.has("2026-11-01", "40")
    refresh = refreshes.ask(now=timezone.now())

    for _ in range(3):
        refresh_spend(refresh.pk)

    assert len(source.asked) == 1


def test_two_beats_pay_once(source):
    source.has("2026-11-01", "40")

    refresh_spend()
    refresh_spend()

    assert len(source.asked) == 1


def test_the_button_has_to_cool_down(source, founder):
    source.has("2026-11-01", "40")
    refreshes.carry_out(refreshes.ask(now=timezone.now(), by=founder).pk)

    with pytest.raises(refreshes.NotNow, match="possible at 09:10"):
        refreshes.ask(now=timezone.now(), by=founder)


def test_ten_minutes_later_it_has_cooled_down(source, founder):
    source.has("2026-11-01", "40")
    refreshes.carry_out(refreshes.ask(now=timezone.now(), by=founder).pk)

    assert refreshes.ask(now=timezone.now() + timedelta(minutes=11), by=founder).is_under_way


def test_after_a_failure_the_button_cools_down_sooner(source, founder):
    source.fails("AccessDeniedException")
    refreshes.carry_out(refreshes.ask(now=timezone.now(), by=founder).pk)

    assert refreshes.ask(now=timezone.now() + timedelta(minutes=2), by=founder).is_under_way


def test_who_pressed_the_button_is_in_the_audit_log(founder):
    refreshes.ask(now=timezone.now(), by=founder)

    assert AuditEvent.objects.get(action="spend.refresh").actor == founder.email


# The ledger ------------------------------------------------------------------------------------


def test_a_request_is_counted_before_it_is_made(source, monkeypatch):
    source.has("2026-11-01", "40")
    refresh = refreshes.ask(now=timezone.now())
    write, counted = jobs.write, []

    def watch(row, **changes):
        write(row, **changes)
        if "requests" in changes:
            counted.append(len(source.asked))

    monkeypatch.setattr(jobs, "write", watch)
    refreshes.carry_out(refresh.pk)

    assert counted == [0]


def test_the_sdks_second_attempt_is_in_the_ledger(source):
    source.fails("InternalServerException", status=500)
    source.has("2026-11-01", "40")

    assert refresh_now().requests == len(source.asked) == 2


def test_credentials_that_are_missing_cost_nothing(source, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)

    refresh = refresh_now()

    assert (refresh.outcome, refresh.requests) == (Outcome.FAILED, 0)
    assert "no AWS credentials" in refresh.reason


def test_the_daily_limit_is_hard(source, settings):
    settings.COST_EXPLORER_DAILY_LIMIT = 2
    for day in range(1, 4):
        source.has(f"2026-11-0{day}", "1")
    source.page_size = 1

    refresh = refresh_now()

    assert (len(source.asked), refresh.outcome, amounts()) == (2, Outcome.FAILED, [])
    assert "daily limit of 2" in refresh.reason


def test_at_the_daily_limit_nobody_may_ask(source, settings):
    settings.COST_EXPLORER_DAILY_LIMIT = 1
    source.has("2026-11-01", "1")
    refresh_now()

    with pytest.raises(refreshes.NotNow, match="daily limit of 1"):
        refreshes.ask(now=timezone.now(), has_cool_down=False)


def test_the_next_day_the_limit_starts_anew(source, settings):
    settings.COST_EXPLORER_DAILY_LIMIT = 1
    source.has("2026-11-01", "1")
    refresh_now()

    assert refreshes.requests_left(NOW + timedelta(days=1)) == 1


# Workers that die ------------------------------------------------------------------------------


class Killed(BaseException):
    pass


def kill_between_answer_and_commit(refresh, monkeypatch):
    def die(*_):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(refreshes, "_store", die)
        with pytest.raises(Killed):
            refreshes.carry_out(refresh.pk)


def test_a_dead_workers_refresh_is_taken_over_with_its_bill(source, monkeypatch, clock):
    source.has("2026-11-01", "40")
    refresh = refreshes.ask(now=timezone.now())
    kill_between_answer_and_commit(refresh, monkeypatch)
    clock.shift(jobs.LEASE + timedelta(seconds=1))

    refreshes.carry_out(refresh.pk)

    refresh.refresh_from_db()
    assert (refresh.outcome, refresh.requests, len(source.asked)) == (Outcome.DONE, 2, 2)


def test_while_the_lease_holds_nobody_takes_over(source, monkeypatch):
    source.has("2026-11-01", "40")
    refresh = refreshes.ask(now=timezone.now())
    kill_between_answer_and_commit(refresh, monkeypatch)

    refreshes.carry_out(refresh.pk)

    assert len(source.asked) == 1


def test_a_refresh_that_kills_its_workers_is_closed(source, monkeypatch, clock):
    source.has("2026-11-01", "40")
    refresh = refreshes.ask(now=timezone.now())
    for _ in range(refreshes.MOST_STARTS):
        kill_between_answer_and_commit(refresh, monkeypatch)
        clock.shift(jobs.LEASE + timedelta(seconds=1))

    refreshes.carry_out(refresh.pk)

    refresh.refresh_from_db()
    assert (refresh.outcome, refresh.requests) == (Outcome.INTERRUPTED, refreshes.MOST_STARTS)


def test_a_worker_that_lost_its_lease_changes_no_figure(source, monkeypatch):
    source.has("2026-11-01", "40")
    refresh = refreshes.ask(now=timezone.now())
    read = refreshes._read

    def read_too_slowly(*args):
        costs = read(*args)
        Refresh.objects.update(lease="somebody else's")
        return costs

    monkeypatch.setattr(refreshes, "_read", read_too_slowly)
    refreshes.carry_out(refresh.pk)

    assert amounts() == []


def test_the_sweep_rings_again_for_a_lost_message(monkeypatch):
    enqueued = []
    monkeypatch.setattr(
        jobs, "enqueue", lambda model, pks: enqueued.append((model, pks)) or len(pks)
    )
    refresh = refreshes.ask(now=timezone.now())

    jobs.sweep()

    assert enqueued == [(Refresh, [refresh.pk])]


# The schedule and the command ------------------------------------------------------------------


def test_the_first_start_reads_spend_by_itself(source):
    source.has("2026-11-01", "40")

    refresh_spend_when_due()

    assert amounts() == [Decimal(40)]


def test_nothing_is_due_until_the_next_scheduled_moment(source, clock):
    source.has("2026-11-01", "40")
    refresh_spend_when_due()
    clock.move_to(datetime(2026, 11, 22, 12, 9, tzinfo=UTC))

    refresh_spend_when_due()

    assert len(source.asked) == 1


def test_a_scheduled_moment_that_passed_is_caught_up(source, clock):
    source.has("2026-11-01", "40")
    refresh_spend_when_due()
    clock.move_to(datetime(2026, 11, 22, 12, 10, tzinfo=UTC))

    refresh_spend_when_due()

    assert len(source.asked) == 2


def test_the_command_tells_what_it_did(source, capsys):
    source.has("2026-11-01", "40")

    call_command("refresh_spend")

    assert capsys.readouterr().out == "1 line, 1 request, $0.01\n"


def test_the_command_fails_with_the_reason(source):
    source.fails("AccessDeniedException")

    with pytest.raises(CommandError, match="does not let the portal read costs"):
        call_command("refresh_spend")


def test_the_service_is_the_workspaces(source):
    Workspace.objects.update_or_create(pk=1, defaults={"cost_service": "Kiro Beta"})

    refresh_now()

    assert source.asked[0]["Filter"]["Dimensions"]["Values"] == ["Kiro Beta"]
