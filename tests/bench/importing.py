"""A list of 5,000: upload to preview, confirm to rows, against parsing and one bulk insert."""

import csv
import io
import statistics
import time
from unittest import mock

from django.db import connection
from django.test.utils import CaptureQueriesContext

from onboarding.importing import import_work, imports
from onboarding.models import ImportBatch, ImportRow, Member, Plan
from portal import jobs
from tests.bench import figures, ground
from tests.bench.figures import Figure, spread

ROWS, ROUNDS = 5_000, 5


def measure():
    with ground.database():
        ground.team(100)
        ground.settle()
        turns = [_turn(ROWS, number) for number in range(ROUNDS)]
        few, many = _statements(50, 101), _statements(2_000, 102)
    preview = [turn["preview"] / turn["plain preview"] for turn in turns]
    rows = [turn["rows"] / turn["plain rows"] for turn in turns]
    both = [
        (turn["preview"] + turn["rows"]) / (turn["plain preview"] + turn["plain rows"])
        for turn in turns
    ]
    seconds = statistics.median(turn["plain rows"] for turn in turns)
    return [
        Figure("parse and one bulk insert of members", round(seconds, 2), " s"),
        Figure("upload to preview", unit=" ×", most=2.5, **spread(preview)),
        Figure("confirm to rows", unit=" ×", most=2.5, **spread(rows)),
        Figure("both", unit=" ×", **spread(both)),
        Figure("statements for 2,000 rows more than for 50", many - few, note=f"{few} and {many}"),
    ]


def seconds_of(rows):
    """For `growth`: the two halves of an import of that many."""
    ground.team(10)
    turn = _turn(rows, 0)
    return {"import: upload to preview": turn["preview"], "import: confirm to rows": turn["rows"]}


def _turn(rows, number):
    """Ours and the plain way, one after the other; {what: seconds}."""
    text = _lines(rows, f"list{number}.example")
    plain = _lines(rows, f"plain{number}.example")
    figures.say(f"{rows:,} rows, list {number + 1}")
    found = {}
    with mock.patch.object(jobs, "enqueue"):
        batch = _timed(found, "preview", lambda: _draft(text))
        _timed(found, "plain preview", lambda: _plain_preview(plain, batch))
        _timed(found, "rows", lambda: _confirm(batch))
        _timed(found, "plain rows", lambda: _plain_rows(plain))
    assert batch.rows.filter(member__isnull=False).count() == rows
    return found


def _statements(rows, number):
    text = _lines(rows, f"list{number}.example")
    with mock.patch.object(jobs, "enqueue"), CaptureQueriesContext(connection) as captured:
        _confirm(_draft(text))
    return len(captured)


def _timed(found, name, work):
    began = time.perf_counter()
    result = work()
    found[name] = time.perf_counter() - began
    return result


def _lines(rows, domain):
    body = "".join(f"p{n:05}@{domain},Given{n} Family\n" for n in range(rows))
    return f"email,name\n{body}".encode()


def _draft(text):
    plans = list(Plan.objects.all())
    return imports.draft(
        text, source="list.csv", plan=plans[0], plans=plans, actor=ground.founder()
    )


def _confirm(batch):
    imports.confirm(batch, actor=ground.founder())
    import_work.work(batch.pk)


def _plain_preview(text, batch):
    """The least that a preview needs: the rows parsed and stored."""
    other = ImportBatch.objects.create(
        uploaded_by=batch.uploaded_by, source="plain.csv", read_as=batch.read_as, size=batch.size,
        digest=f"plain-{batch.pk}",
    )  # fmt: skip
    lines = csv.DictReader(io.StringIO(text.decode()))
    ImportRow.objects.bulk_create(
        ImportRow(
            batch=other, number=number, line=number, email=line["email"],
            given_name=line["name"], verdict=ImportRow.Verdict.NEW,
        )
        for number, line in enumerate(lines, start=1)
    )  # fmt: skip


def _plain_rows(text):
    plan = Plan.objects.first()
    Member.objects.bulk_create(
        Member(email=line["email"], given_name=line["name"], plan=plan)
        for line in csv.DictReader(io.StringIO(text.decode()))
    )
