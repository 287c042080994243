"""How reading activity reports compares with `csv.reader` and a bulk insert alone, in one run.

`python -m tests.bench_ingest [rows]`: ten files in both ways, one after the other, so that the
machine's load hits both alike. Prints the ratio, and how much memory the reading took above idle.
Only the bytes come from a file on disk instead of S3.
"""

import csv
import json
import os
import random
import sys
import tempfile
import threading
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from tests.support import surroundings

surroundings.prepare()

import django  # noqa: E402  # the settings have to stand

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.test.runner import DiscoverRunner  # noqa: E402
from django.utils import timezone  # noqa: E402

from billing.gateways import activity_reports  # noqa: E402
from billing.models import ReportFile, UsageDay  # noqa: E402
from billing.usage import ingestion, report_sync  # noqa: E402

FILES = 10
ROWS = 1_000_000
CHUNK = 256 * 1024
FIRST = date(2026, 10, 5)
ELSEWHEN = timedelta(days=1000)
"""The plain way's rows are days apart from those that are there."""
HEADER = (
    "Date", "UserId", "Client_Type", "Chat_Conversations", "Credits_Used", "Overage_Cap",
    "Overage_Credits_Used", "Overage_Enabled", "ProfileId", "Subscription_Tier", "Total_Messages",
    "New_User", "auto_messages", "claude_sonnet_4_5_messages",
)  # fmt: skip


def main(rows):
    runner = DiscoverRunner(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        with tempfile.TemporaryDirectory() as folder:
            result = _measure(
                [_write(Path(folder), number, rows // FILES) for number in range(FILES)]
            )
    finally:
        runner.teardown_databases(databases)
    print(
        f"{rows:,} rows: plain {result['plain_s']} s, read {result['read_s']} s, "
        f"with months summed {result['concluded_s']} s: {result['ratio']} × "
        f"({result['ratio_concluded']} ×), {result['memory_mib']} MiB above idle"
    )
    print(json.dumps(result))
    return 0


def _write(folder, number, rows):
    path, day, draw = (
        folder / f"{number}.csv",
        FIRST + timedelta(days=number),
        random.Random(number),  # noqa: S311  # figures, not secrets
    )
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for person in range(rows):
            messages = draw.randrange(400)
            writer.writerow((
                day, f"9067c1a2b3-{person:032d}", "KIRO_IDE", draw.randrange(40),
                f"{draw.random() * 90:.2f}", "", "0", "true", "arn:aws:codewhisperer:profile/P",
                "PRO_PLUS", messages, "false", messages // 2, messages - messages // 2,
            ))  # fmt: skip
    return path


def _measure(paths):
    """Each file in both ways in turn; the reading's rows stay, the plain ones are rolled back."""
    plain = read = 0.0
    memory = _Memory()
    files = [_report_file(path, number) for number, path in enumerate(paths)]
    for path, file in zip(paths, files, strict=True):
        print(f"  {path.name}: {read:.0f} s against {plain:.0f} s so far …", file=sys.stderr)
        with memory:  # before the plain way has left its own memory behind
            read += _timed(lambda path=path, file=file: _read(path, file))
        plain += _timed(lambda path=path, file=file: _plain(path, file))
    total = UsageDay.objects.count()
    with memory:
        summed = _timed(report_sync.conclude)
    return {
        "rows": total,
        "database": connection.vendor,
        "plain_s": round(plain, 1),
        "read_s": round(read, 1),
        "concluded_s": round(read + summed, 1),
        "ratio": round(read / plain, 2),
        "ratio_concluded": round((read + summed) / plain, 2),
        "memory_mib": round(memory.most / 2**20, 1),
    }


def _report_file(path, number):
    day = FIRST + timedelta(days=number)
    return ReportFile.objects.create(
        bucket="reports", key=str(path), etag="e", account_id="123456789012", region="us-east-1",
        report_date=day, client="KIRO_IDE", next_try_at=timezone.now(),
        written_at=datetime(day.year, day.month, day.day, 2, tzinfo=UTC),
    )  # fmt: skip


def _timed(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _plain(path, file):
    """`csv.reader` and `bulk_create`: nothing checked, nothing summed, nothing remembered."""
    with path.open(newline="") as lines, transaction.atomic():
        reader = csv.reader(lines)
        next(reader)
        batch = []
        for cells in reader:
            batch.append(_usage_day(cells, file))
            if len(batch) == ingestion.BATCH:
                UsageDay.objects.bulk_create(batch)
                batch = []
        UsageDay.objects.bulk_create(batch)
        transaction.set_rollback(True)


def _usage_day(cells, file):
    return UsageDay(
        day=date.fromisoformat(cells[0]) + ELSEWHEN,
        directory_user_id=cells[1],
        client=cells[2],
        region="",  # given, or the database's default would slow the plain way down
        conversations=int(cells[3]),
        credits_used=Decimal(cells[4]),
        overage_credits_used=Decimal(cells[6]),
        overage_enabled=cells[7] == "true",
        profile_id=cells[8],
        tier="proplus",
        tier_text=cells[9],
        messages=int(cells[10]),
        new_user=cells[11] == "true",
        model_messages={"auto": int(cells[12]), "claude_sonnet_4_5": int(cells[13])},
        file_id=file.pk,
    )


def _read(path, file):
    def chunks(bucket, key, *, etag):
        with path.open("rb") as data:
            while chunk := data.read(CHUNK):
                yield chunk

    true_chunks, activity_reports.chunks = activity_reports.chunks, chunks
    try:
        ingestion.carry_out(file.pk)
    finally:
        activity_reports.chunks = true_chunks


class _Memory:
    """The most that this process held while it was watched, above what it held before."""

    def __init__(self):
        self.most = 0

    def __enter__(self):
        self._idle, self._stop = _resident(), threading.Event()
        self._watcher = threading.Thread(target=self._watch)
        self._watcher.start()

    def __exit__(self, *_):
        self._stop.set()
        self._watcher.join()

    def _watch(self):
        while not self._stop.wait(0.02):
            self.most = max(self.most, _resident() - self._idle)


def _resident():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS))
