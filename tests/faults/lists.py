"""Lists from every program, broken in every way: rows in = taken + refused, and no page fails."""

import csv
import gzip
import io
import zipfile
from dataclasses import replace

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from onboarding.importing import csv_columns, csv_reading, import_rows
from onboarding.models import ImportBatch, Plan
from onboarding.models.imports import TAKEN_IN
from tests.faults.lab import Lab
from tests.faults.outcome import Outcome, fault

HEAD = ("email", "given name", "family name", "plan")
PEOPLE = [
    ("zoe@lab.example", "Zoé", "Müller-Peña", "pro"),
    ("ada@lab.example", "Ada", "Lovelace", "pro-plus"),
    ("jose@lab.example", "José", "García Márquez", "pro-plus"),
]
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252")
UNREADABLE = -1
"""In place of the number of rows: there are none, and the page says why in a sentence."""


def written(rows, *, separator=",", end="\r\n", quoting=csv.QUOTE_MINIMAL):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator=end, quoting=quoting).writerows(rows)
    return out.getvalue()


def corpus():
    """{name: (bytes, how many rows it has)}."""
    return {**_by_program(), **_with_odd_rows(), **_no_lists()}


def _by_program():
    plain = [HEAD, *PEOPLE]
    return {
        f"{encoding} with {name}": (written(plain, separator=separator).encode(encoding), 3)
        for encoding in ENCODINGS
        for name, separator in {"commas": ",", "semicolons": ";", "tabs": "\t", "bars": "|"}.items()
    }


def _with_odd_rows():
    plain = [HEAD, *PEOPLE]
    text = written(plain)
    return {
        "Unix lines": (written(plain, end="\n").encode(), 3),
        "old Mac lines": (written(plain, end="\r").encode(), 3),
        "all quoted": (written(plain, quoting=csv.QUOTE_ALL).encode(), 3),
        "no header": (written(PEOPLE).encode(), 3),
        "sep= line": (("sep=;\r\n" + written(plain, separator=";")).encode(), 3),
        "blank lines": (text.replace("\r\n", "\r\n\r\n").encode(), 3),
        "twice by case": (text.encode() + b"ZOE@LAB.EXAMPLE,Zoe,M,pro\r\n", 4),
        "twice by width": (text.encode() + "ｚｏｅ@lab.example,Zoe,M,pro\r\n".encode(), 4),
        "formulas": (text.encode() + b"=cmd|'/c calc'!A1,=1+1,@SUM(A1),pro\r\n", 4),
        "formula as address": (text.encode() + b"=cmd|calc@e.com,Eve,Il,pro\r\n", 4),
        "NUL bytes": (text.encode() + b"n\0ul@lab.example,N\0ul,By\0te,pro\r\n", 4),
        "broken UTF-8": (text.encode() + b"x@lab.example,\xff\xfe\xc3,Y,pro\r\n", 4),
        "unknown plan": (text.encode() + b"p@lab.example,P,Lan,gold\r\n", 4),
        "no name": (text.encode() + b"q@lab.example,,,pro\r\n", 4),
        "no address": (text.encode() + b",No,Body,pro\r\n", 4),
        "too few cells": (text.encode() + b"r@lab.example\r\n", 4),
        "too many cells": (text.encode() + b"s@lab.example,S,T,pro,u,v,w\r\n", 4),
        "a name of 5,000 letters": (
            text.encode() + b"t@lab.example," + b"T" * 5000 + b",U,pro\r\n",
            4,
        ),
        "an address of 5,000": (text.encode() + b"u" * 5000 + b"@lab.example,U,V,pro\r\n", 4),
        "20,000 rows": (_many(20_000), 20_000),
    }


def _no_lists():
    text = written([HEAD, *PEOPLE])
    return {
        "200,000 rows": (_many(200_000), UNREADABLE),
        "nothing": (b"", UNREADABLE),
        "a BOM alone": (b"\xef\xbb\xbf", UNREADABLE),
        "blanks alone": (b" \r\n\t\r\n", UNREADABLE),
        "separators alone": (b",,,\r\n;;;\r\n", UNREADABLE),
        "NULs alone": (b"\0" * 1000, UNREADABLE),
        "a workbook": (_zipped("xl/workbook.xml"), UNREADABLE),
        "a zip": (_zipped("people.csv", text), UNREADABLE),
        "a gzip": (gzip.compress(text.encode()), UNREADABLE),
        "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, UNREADABLE),
        "a PDF": (b"%PDF-1.7\n%\xe2\xe3", UNREADABLE),
        "a picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 60, UNREADABLE),
        "a page": (b"<!DOCTYPE html><table><tr><td>x@y.z</td></tr></table>", UNREADABLE),
    }


def _many(count):
    rows = (f"m{number}@lab.example,Many,People\n" for number in range(count))
    return ("email,given name,family name\n" + "".join(rows)).encode()


def _zipped(name, content="x"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, content)
    return out.getvalue()


@fault("lists: every program, every encoding, broken")
def every_list(lab: Lab):
    """The corpus by the page, and generated lists by what the page calls."""
    lab.fresh()
    client = Client(raise_request_exception=False)
    client.force_login(lab.founder)
    files = corpus()
    if lab.is_short:
        files = {name: files[name] for name in list(files)[::2] if "00,000" not in name}
    wrong = [name for name, file in files.items() if not _is_taken_well(client, *file)]
    count = lab.some(2000)
    outcome = _generated(lab, count)
    note = f"{len(files)} files, {count} generated"
    note += f", wrong: {', '.join(wrong)}" if wrong else ""
    return replace(
        outcome, injected=len(files) + count, wrong=outcome.wrong + len(wrong), note=note
    )


def _is_taken_well(client, data, rows):
    ImportBatch.objects.all().delete()
    _forget_limits()
    answer = client.post("/team/import/", {"file": SimpleUploadedFile("people.csv", data)})
    if rows == UNREADABLE:
        return answer.status_code == 200 and not ImportBatch.objects.exists()
    if answer.status_code != 302:
        return False
    batch = ImportBatch.objects.get()
    return batch.size == rows == batch.rows.count() and _are_judged(list(batch.rows.all()))


def _forget_limits():
    """Nobody uploads so many files in ten minutes."""
    from portal import limits

    limits._shared().storage.reset()


def _are_judged(rows):
    """Each is taken, or refused with its reason; the numbers lack none."""
    are_told = all(row.verdict in TAKEN_IN or row.reason or row.email for row in rows)
    return are_told and [row.number for row in rows] == list(range(1, len(rows) + 1))


# Generated -------------------------------------------------------------------------------------

LETTERS = "abcdefghijklmnopqrstuvwxyzäöüßéèñçøåłžčşğıАБВГдежз漢字かな한글 '-.=+@\"\t;|,"


def _generated(lab, count):
    """Half of them sound, so that the number of rows is known; half with bytes cut and turned."""
    plans = list(Plan.objects.all())
    lost = failed = 0
    for number in range(count):
        rows = [_row(lab.dice, at) for at in range(lab.dice.randrange(1, 30))]
        separator, end = lab.dice.choice(",;\t|"), lab.dice.choice(["\r\n", "\n", "\r"])
        text = written([HEAD, *rows], separator=separator, end=end)
        encoding = lab.dice.choice(["utf-8", "utf-8-sig", "utf-16"])
        data = text.encode(encoding)
        is_sound = number % 2 == 0
        try:
            found = _judged(data if is_sound else _damaged(lab.dice, data), plans)
        except csv_reading.Unreadable as reason:
            failed += is_sound or not str(reason)
            continue
        except Exception:  # noqa: BLE001  # each is a page that fails
            failed += 1
            continue
        lost += is_sound and len(found) != len(rows)
        failed += not _are_judged(found)
    return Outcome(injected=count, lost=lost, wrong=failed)


def _judged(data, plans):
    known = import_rows.Plans(plans, plans[0])
    people = csv_columns.people(csv_reading.read(data).records, is_plan=known.knows)
    return list(import_rows.judge(people, known))


def _row(dice, number):
    name = "".join(dice.choices(LETTERS, k=dice.randrange(0, 12)))
    family = "".join(dice.choices(LETTERS, k=dice.randrange(0, 12)))
    address = dice.choice([f"p{number}@lab.example", f"P{number}@LAB.example", "no address", ""])
    return (
        address or f"x{number}@lab.example",
        name,
        family,
        dice.choice(["pro", "power", "", "gold"]),
    )


def _damaged(dice, data):
    found = bytearray(data)
    for _ in range(dice.randrange(1, 20)):
        found[dice.randrange(len(found))] = dice.randrange(256)
    return bytes(found[: dice.randrange(1, len(found) + 1)])
