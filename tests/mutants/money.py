"""What keeps the bill small and the figures true."""

from tests.mutants.mutant import Mutant

REFRESH = "tests/billing/test_refresh.py"
REPORTS = "tests/billing/test_usage_ingest.py"

MONEY = [
    Mutant(
        guard="one refresh: askers queue up at the workspace's row",
        file="billing/spending/refreshes.py",
        old="Workspace.objects.select_for_update().get(pk=1)",
        new="Workspace.objects.get(pk=1)",
        tests=(
            "tests/billing/test_refresh_at_once.py::test_whoever_asks_waits_until_the_one_before_is_settled",
        ),
    ),
    Mutant(
        guard="one refresh: the database refuses a second",
        file="billing/migrations/0001_initial.py",
        old='fields=("outcome",),\n                        name="refresh_one_at_a_time"',
        new='fields=("id",),\n                        name="refresh_one_at_a_time"',
        tests=(f"{REFRESH}::test_the_database_itself_refuses_a_second_under_way",),
        is_in_schema=True,
    ),
    Mutant(
        guard="one refresh: twenty clicks are one",
        file="billing/spending/refreshes.py",
        old="        if under_way is not None:\n            return under_way\n",
        new="",
        tests=(f"{REFRESH}::test_asking_while_one_is_under_way_gives_the_same",),
    ),
    Mutant(
        guard="ledger: counted before the call",
        file="billing/gateways/cost_explorer.py",
        old='register("before-send.cost-explorer", _before_send, unique_id="ledger")',
        new='register("after-call.cost-explorer", _before_send, unique_id="ledger")',
        tests=(
            f"{REFRESH}::test_a_request_is_counted_before_it_is_made",
            f"{REFRESH}::test_the_sdks_second_attempt_is_in_the_ledger",
        ),
    ),
    Mutant(
        guard="ledger: the daily limit is hard",
        file="billing/spending/refreshes.py",
        old="    if requests_left(now) <= 0:\n        raise DailyLimitReached",
        new="    if False:\n        raise DailyLimitReached",
        tests=(f"{REFRESH}::test_the_daily_limit_is_hard",),
    ),
    Mutant(
        guard="ledger: the button cools down",
        file="billing/spending/refreshes.py",
        old="if possible_at is not None and possible_at > now:",
        new="if False:",
        tests=(f"{REFRESH}::test_the_button_has_to_cool_down",),
    ),
    Mutant(
        guard="figures: replaced all or nothing",
        file="billing/spending/refreshes.py",
        old="    with transaction.atomic():\n        old = CostLine",
        new="    if True:\n        old = CostLine",
        tests=(f"{REFRESH}::test_a_worker_that_lost_its_lease_changes_no_figure",),
    ),
    Mutant(
        guard="figures: an empty answer replaces nothing",
        file="billing/spending/refreshes.py",
        old="    if costs:\n",
        new="    if True:\n",
        tests=(f"{REFRESH}::test_an_empty_answer_changes_nothing",),
    ),
    Mutant(
        guard="figures: two pages that contradict each other are refused",
        file="billing/spending/refreshes.py",
        old="        if key in found:\n",
        new="        if False:\n",
        tests=(f"{REFRESH}::test_the_same_line_on_two_pages_is_a_mixed_read",),
    ),
    Mutant(
        guard="reports: the newest export of a day counts",
        file="billing/usage/ingestion.py",
        old="    return ReportFile.objects.beside(file).that_count().filter(is_later).exists()",
        new="    return False and is_later",
        tests=(f"{REPORTS}::test_the_newest_export_of_a_day_counts_whichever_comes_first",),
    ),
    Mutant(
        guard="reports: a file taken over is read from its beginning",
        file="billing/usage/ingestion.py",
        old="        if not self._taken:\n            _take_out(self._file)\n",
        new="",
        tests=(REPORTS,),
    ),
    Mutant(
        guard="reports: a refused export leaves the one before",
        file="billing/usage/ingestion.py",
        old="        if before is not None:\n            jobs.retry_now(",
        new="        if False:\n            jobs.retry_now(",
        tests=(REPORTS,),
    ),
    Mutant(
        guard="reports: kept no longer than said",
        file="billing/usage/files.py",
        old="-settings.USAGE_RETENTION_MONTHS)",
        new="-settings.USAGE_RETENTION_MONTHS - 1)",
        tests=(f"{REPORTS}::test_so_many_whole_months_are_kept",),
    ),
    Mutant(
        guard="reports: logs of prompts are not listed",
        file="billing/gateways/activity_reports.py",
        old='r"/(?P<day>\\d{4}/\\d\\d/\\d\\d)/\\d\\d/(?P<client>[A-Za-z][A-Za-z0-9_]{0,39}?)_(?P=account)_user_report_"',
        new='r"/(?P<day>\\d{4}/\\d\\d/\\d\\d)/\\d\\d/(?P<client>[A-Za-z]+)"',
        tests=(f"{REPORTS}::test_nothing_but_reports_is_ever_opened",),
    ),
    Mutant(
        guard="reports: logs of prompts are not opened",
        file="billing/gateways/activity_reports.py",
        old="    if _KEY.fullmatch(key) is None:\n",
        new="    if False:\n",
        tests=(f"{REPORTS}::test_nothing_but_reports_is_ever_opened",),
    ),
]
