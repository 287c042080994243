"""Activity reports out of S3: every export counts once, whatever order and whatever crash."""

import contextlib
import csv
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from io import StringIO
from itertools import count

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing import tasks
from billing.gateways import activity_reports
from billing.models import ReportFile, UsageDay, UsageMonth
from billing.usage import files, ingestion, report_sync, retention
from portal.models import AuditEvent, JobRun
from tests.billing.factories import make_usage
from tests.factories import make_member, make_workspace

pytestmark = pytest.mark.django_db

LOGS = "kiro/AWSLogs/123456789012/KiroLogs"
TODAY = timezone.now().date()
DAY = TODAY - timedelta(days=3)
_numbers = count(1)


class Bucket:
    """A bucket of the test's own in the embedded AWS, and a company that has chosen it."""

    def __init__(self, cloud):
        self.cloud = cloud
        self.s3, self.name = (
            cloud.client("s3"),
            f"reports-{next(_numbers)}-{timezone.now():%H%M%S%f}",
        )
        self.s3.create_bucket(Bucket=self.name)
        make_workspace(report_bucket=self.name, report_prefix="kiro")

    def has(self, rows, *, day=DAY, client="KIRO_IDE", hour=2, region="us-east-1"):
        """An export of (user, credits, messages) rows, written at that hour; its key."""
        body = rows if isinstance(rows, bytes) else export(rows, day=day, client=client)
        written = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1, hours=hour)
        name = f"{client}_123456789012_user_report_{written:%Y%m%d%H%M%S}.csv"
        key = f"{LOGS}/user_report/{region}/{day:%Y/%m/%d}/00/{name}"
        self.s3.put_object(Bucket=self.name, Key=key, Body=body)
        return key


def export(rows, *, day=DAY, client="KIRO_IDE"):
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        ["Date", "UserId", "Client_Type", "Credits_Used", "Total_Messages", "User_Email"]
    )
    for user, credits_used, messages in rows:
        writer.writerow([day, user, client, credits_used, messages, f"{user}@example.com"])
    return text.getvalue().encode()


@pytest.fixture
def bucket(aws):
    return Bucket(aws)


def ingest():
    """A whole round, as the command does it."""
    found = report_sync.look(now=timezone.now(), is_whole=True)
    read = [report_sync.read(pk) for pk in found.due]
    report_sync.conclude()
    return read


def stored():
    rows = UsageDay.objects.order_by("day", "client", "directory_user_id")
    return [(row.directory_user_id, row.credits_used, row.messages) for row in rows]


def test_a_report_is_read_and_summed(bucket):
    bucket.has([("u1", "1.5", 3), ("u2", "2", 4)])

    ingest()

    file = ReportFile.objects.get()
    assert stored() == [("u1", Decimal("1.5"), 3), ("u2", Decimal(2), 4)]
    assert (file.status, file.rows, file.bad_rows, file.report_date) == ("read", 2, 0, DAY)
    assert (file.client, file.account_id, file.region) == ("KIRO_IDE", "123456789012", "us-east-1")
    assert {row.messages for row in UsageMonth.objects.all()} == {3, 4}


def test_a_file_is_opened_once(bucket, aws):
    bucket.has([("u1", "1", 1)])
    ingest()
    aws.forget()

    ingest()

    assert [call["operation"] for call in aws.ledger() if "Get" in call["operation"]] == []


def test_nothing_but_reports_is_ever_opened(bucket, aws):
    bucket.has([("u1", "1", 1)])
    beside = [
        f"{LOGS}/GenerateAssistantResponse/us-east-1/2026/11/20/prompts.json.gz",
        f"{LOGS}/user_report/us-east-1/{DAY:%Y/%m/%d}/00/prompts.csv",
        f"{LOGS}/user_report/us-east-1/{DAY:%Y/%m/%d}/00/KIRO_IDE_999999999999_user_report_20261120020000.csv",
        f"{LOGS}/by_user_analytic/us-east-1/KIRO_IDE_123456789012_user_report_20261120020000.csv",
    ]
    for key in beside:
        bucket.s3.put_object(Bucket=bucket.name, Key=key, Body=export([("u9", "9", 9)]))
    aws.forget()

    ingest()

    opened = [call for call in aws.ledger() if call["operation"] == "GetObject"]
    assert len(opened) == 1
    assert stored() == [("u1", Decimal(1), 1)]
    with pytest.raises(ValueError, match="not a report"):
        next(activity_reports.chunks(bucket.name, beside[0], etag="e"))


@pytest.mark.parametrize("order", [(2, 9), (9, 2)])
def test_the_newest_export_of_a_day_counts_whichever_comes_first(bucket, order):
    exports = {2: [("u1", "1", 1), ("u2", "2", 2)], 9: [("u1", "5", 5), ("u3", "3", 3)]}

    for hour in order:
        bucket.has(exports[hour], hour=hour)
        ingest()

    assert stored() == [("u1", Decimal(5), 5), ("u3", Decimal(3), 3)]
    assert UsageMonth.objects.filter(directory_user_id="u2").count() == 0
    assert set(ReportFile.objects.values_list("status", flat=True)) == {"read", "replaced"}


def test_both_kiro_profiles_of_a_member_count(bucket):
    for region in ("us-east-1", "eu-central-1"):
        bucket.has([("u1", "2", 3)], region=region)

    ingest()

    month = UsageMonth.objects.get(directory_user_id="u1")
    assert (month.credits_used, month.messages) == (4, 6)


def test_a_day_with_both_kiro_profiles_is_one_day():
    make_usage("u1", date(2026, 11, 2), region="us-east-1")
    make_usage("u1", date(2026, 11, 2), date(2026, 11, 3), region="eu-central-1")

    assert UsageMonth.objects.get(directory_user_id="u1").active_days == 2


def test_rows_from_before_there_were_regions_learn_theirs(bucket):
    bucket.has([("u1", "2", 3)], region="eu-central-1")
    ingest()
    UsageDay.objects.update(region="")

    import_module("billing.migrations.0008_usage_region").fill(apps, None)

    assert UsageDay.objects.get().region == "eu-central-1"


def test_a_file_written_anew_under_its_name_is_read_anew(bucket):
    bucket.has([("u1", "1", 1), ("u2", "2", 2)])
    ingest()

    bucket.has([("u1", "7", 7)])
    ingest()

    assert stored() == [("u1", Decimal(7), 7)]
    assert ReportFile.objects.count() == 1


def test_a_file_written_anew_with_nothing_in_it_leaves_no_sum(bucket):
    bucket.has([("u1", "1", 7)])
    ingest()

    bucket.has([])
    ingest()

    assert not UsageMonth.objects.exists()


def test_a_refused_export_leaves_the_one_before(bucket):
    bucket.has([("u1", "1", 1)], hour=2)
    ingest()
    bucket.has(b"<html>Service unavailable</html>", hour=9)
    ingest()

    refused = ReportFile.objects.get(status="refused")
    assert stored() == [("u1", Decimal(1), 1)]
    assert "no activity report" in refused.reason
    assert AuditEvent.objects.filter(action="report.refused").count() == 1


def test_a_newer_export_that_is_rewritten_as_nonsense_gives_way_to_the_older(bucket):
    bucket.has([("u1", "1", 1)], hour=2)
    bucket.has([("u1", "5", 5)], hour=9)
    ingest()

    bucket.has(b"", hour=9)
    ingest()
    ingest()

    assert stored() == [("u1", Decimal(1), 1)]


def test_clients_and_regions_of_one_day_add_up(bucket):
    bucket.has([("u1", "1", 1)], client="KIRO_IDE")
    bucket.has([("u1", "2", 2)], client="KIRO_CLI")
    bucket.has([("u2", "4", 4)], region="eu-central-1")

    ingest()

    assert sum(row[1] for row in stored()) == 7
    assert UsageMonth.objects.get(directory_user_id="u1").credits_used == 3


def test_two_lines_of_one_person_add_up_however_far_apart(bucket, monkeypatch):
    monkeypatch.setattr(ingestion, "BATCH", 2)
    lines = [("u1", "1", 1), ("u1", "2", 2), ("u2", "1", 1), ("u3", "1", 1), ("u1", "4", 4)]
    bucket.has(lines)

    ingest()

    assert stored() == [("u1", Decimal(7), 7), ("u2", Decimal(1), 1), ("u3", Decimal(1), 1)]


def test_a_list_longer_than_a_page_is_read_whole(bucket, monkeypatch):
    monkeypatch.setattr(activity_reports, "PAGE", 2)
    for days in range(5):
        bucket.has([("u1", "1", 1)], day=DAY - timedelta(days=days))

    ingest()

    assert len(stored()) == 5


def test_an_hourly_look_lists_the_last_days_alone(bucket):
    bucket.has([("u1", "1", 1)])
    ingest()
    bucket.has([("u1", "1", 1)], day=DAY - timedelta(days=30))

    found = report_sync.look(now=timezone.now())
    later = report_sync.look(now=timezone.now() + files.WHOLE_EVERY)

    assert (found.new, later.new) == (0, 1)


# Crashes -----------------------------------------------------------------------------------------


class Killed(BaseException):
    """As the end of the process: nothing of ours catches it."""


def killed_at(number, monkeypatch, module, name):
    """The seam's n-th use ends the process."""
    uses, true = count(1), getattr(module, name)

    def seam(*args, **kwargs):
        if next(uses) == number:
            raise Killed
        return true(*args, **kwargs)

    monkeypatch.setattr(module, name, seam)


@pytest.mark.parametrize("name", ["_hold", "_take_out", "_has_newer"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_kill_half_way_counts_nothing_twice(bucket, monkeypatch, name, number):
    monkeypatch.setattr(ingestion, "BATCH", 2)
    bucket.has([("u1", "9", 9), ("u9", "9", 9)], hour=2)
    ingest()
    bucket.has([(f"u{n}", "1", 1) for n in (1, 2, 3, 4, 5, 1)], hour=9)
    with monkeypatch.context() as dying:
        killed_at(number, dying, ingestion, name)
        with contextlib.suppress(Killed):
            ingest()

    lapse()
    ingest()

    expected = {"u1": 2, "u2": 1, "u3": 1, "u4": 1, "u5": 1}
    assert {user: messages for user, _, messages in stored()} == expected
    assert {m.directory_user_id: m.messages for m in UsageMonth.objects.all()} == expected


def lapse():
    """The dead worker's lease runs out."""
    past = timezone.now() - timedelta(minutes=5)
    ReportFile.objects.exclude(leased_until=None).update(leased_until=past)


def test_a_reader_that_was_taken_over_writes_nothing_more(bucket, monkeypatch):
    monkeypatch.setattr(ingestion, "BATCH", 1)
    bucket.has([("u1", "1", 1), ("u2", "2", 2)])
    true_steps = ingestion._steps

    def taken_over_in_between(report):
        for number, step in enumerate(true_steps(report)):
            if number == 1:
                ReportFile.objects.update(lease="another worker's")
            yield step

    monkeypatch.setattr(ingestion, "_steps", taken_over_in_between)
    ingest()

    assert stored() == [("u1", Decimal(1), 1)]
    assert ReportFile.objects.get().status == "waiting"


def test_a_newer_export_that_appears_meanwhile_stops_the_older(bucket, monkeypatch):
    monkeypatch.setattr(ingestion, "BATCH", 1)
    bucket.has([("u1", "1", 1), ("u2", "2", 2)], hour=2)
    true_steps = ingestion._steps

    def newer_in_between(report):
        for number, step in enumerate(true_steps(report)):
            if number == 1:
                bucket.has([("u1", "5", 5)], hour=9)
                report_sync.look(now=timezone.now(), is_whole=True)
            yield step

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(ingestion, "_steps", newer_in_between)
        ingest()
    ingest()

    assert stored() == [("u1", Decimal(5), 5)]


USERS = st.sampled_from(["u1", "u2", "u3"])
LINES = st.lists(st.tuples(USERS, st.integers(0, 9), st.integers(0, 9)), max_size=5)
EXPORTS = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.sampled_from(["KIRO_IDE", "KIRO_CLI"]),
        st.integers(2, 5),
        LINES,
        st.integers(0, 8),
    ),
    max_size=4,
)


@settings(
    deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(EXPORTS)
def test_totals_equal_an_independent_sum(bucket, monkeypatch, exports):
    """Any order of exports, repeated, with a kill anywhere in each."""
    for model in (UsageMonth, UsageDay, ReportFile):
        model.objects.all().delete()
    bucket = Bucket(bucket.cloud)
    newest = {}

    for ago, client, hour, lines, kill in exports:
        day = DAY - timedelta(days=ago)
        bucket.has(lines, day=day, client=client, hour=hour)
        if hour >= newest.get((day, client), (0, []))[0]:
            newest[day, client] = hour, lines
        with monkeypatch.context() as dying:
            dying.setattr(ingestion, "BATCH", 2)
            killed_at(kill, dying, ingestion, "_hold")
            try:
                ingest()
            except Killed:
                lapse()
    ingest()

    expected = sum(messages for _, lines in newest.values() for _, _, messages in lines)
    assert sum(messages for _, _, messages in stored()) == expected
    assert sum(month.messages for month in UsageMonth.objects.all()) == expected


# What AWS does not allow, and the command --------------------------------------------------------


def test_a_missing_permission_is_said_in_plain_words(bucket, aws):
    bucket.has([("u1", "1", 1)])
    aws.fault(kind="deny", operation="GetObject")

    with pytest.raises(CommandError, match=f"s3:GetObject on {bucket.name}"):
        call_command("ingest_usage", stdout=StringIO())

    assert "s3:GetObject" in JobRun.objects.get(name="ingest_usage").last_error
    aws.settle()
    ReportFile.objects.update(next_try_at=timezone.now())
    ingest()
    assert JobRun.objects.get(name="ingest_usage").last_error == ""
    assert AuditEvent.objects.filter(action="usage.denied").count() == 1


def test_the_command_says_what_it_read_and_what_it_refused(bucket):
    bucket.has([("u1", "1", 1), ("u2", "x", 2)])
    bucket.has(b"nothing", client="KIRO_CLI")
    out, said = StringIO(), StringIO()

    with pytest.raises(CommandError):
        call_command("ingest_usage", stdout=out, stderr=said)

    assert "2 new files; read 1 with 2 rows" in out.getvalue()
    assert "row 3: Credits_Used “x” is no number" in said.getvalue()
    assert "Refused: KIRO_CLI_123456789012_user_report_" in said.getvalue()


def test_without_a_bucket_nothing_is_asked(aws):
    make_workspace(report_bucket="")

    tasks.ingest_usage()

    assert aws.ledger() == []
    with pytest.raises(CommandError, match="No report bucket"):
        call_command("ingest_usage")


def test_a_round_is_due_once_an_hour(bucket):
    now = timezone.now()
    assert report_sync.is_due(now)
    bucket.has([("u1", "1", 1)])
    ingest()

    assert not report_sync.is_due(now + timedelta(minutes=50))
    assert report_sync.is_due(now + timedelta(minutes=70))


def test_the_task_enqueues_each_file_and_the_last_one_concludes(bucket, monkeypatch):
    bucket.has([("u1", "1", 1)])
    enqueued = []
    monkeypatch.setattr("portal.jobs.enqueue", lambda model, pks: enqueued.extend(pks))

    tasks.ingest_usage()
    for pk in enqueued:
        tasks.read_report_file(pk)

    assert UsageMonth.objects.get().messages == 1
    assert JobRun.objects.get(name="ingest_usage").last_error == ""


# Privacy -----------------------------------------------------------------------------------------


def test_an_address_is_kept_of_strangers_alone(bucket):
    make_member(directory_user_id="u1")
    bucket.has([("u1", "1", 1), ("u2", "1", 1)])

    ingest()

    assert UsageDay.objects.get(directory_user_id="u1").report_email == ""
    assert UsageDay.objects.get(directory_user_id="u2").report_email == "u2@example.com"
    make_member(directory_user_id="u2")
    report_sync.conclude()
    assert not UsageDay.objects.exclude(report_email="").exists()


def test_so_many_whole_months_are_kept(settings):
    settings.USAGE_RETENTION_MONTHS = 15

    assert files.oldest_day(date(2026, 11, 22)) == date(2025, 8, 1)


def test_what_is_too_old_is_deleted_and_not_read_again(bucket, settings):
    settings.USAGE_RETENTION_MONTHS = 2
    old = files.oldest_day(TODAY) - timedelta(days=1)
    bucket.has([("u1", "1", 1)])
    bucket.has([("u1", "2", 2)], day=old)
    settings.USAGE_RETENTION_MONTHS = 4
    ingest()
    settings.USAGE_RETENTION_MONTHS = 2

    retention.purge(now=timezone.now())
    ingest()

    assert stored() == [("u1", Decimal(1), 1)]
    assert not UsageMonth.objects.filter(month__lt=date(old.year, old.month, 1)).exists()
    assert not ReportFile.objects.filter(report_date=old).exists()
    assert AuditEvent.objects.get(action="usage.purged").detail["rows"] == 1
