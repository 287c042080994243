"""Lists of every kind: bytes in, one verdict for each row out, or one sentence why not."""

import csv
import io
import zipfile

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from onboarding.importing import csv_columns, csv_reading, import_rows
from onboarding.importing.csv_reading import Unreadable
from onboarding.models import Plan

PLANS = [Plan(code="pro", name="Pro"), Plan(code="pro-plus", name="Pro+", is_default=True)]
PEOPLE = [
    ("zoe@example.com", "Zoé", "Müller-Peña", "pro"),
    ("ada@example.com", "Ada", "Lovelace", "pro-plus"),
    ("jose@example.com", "José", "García Márquez", "pro-plus"),
]
EXPECTED = [(*person, "new") for person in PEOPLE]


def judged(data, *, default=PLANS[1]):
    plans = import_rows.Plans(PLANS, default)
    people = csv_columns.people(csv_reading.read(data).records, is_plan=plans.knows)
    return list(import_rows.judge(people, plans))


def told(data):
    return [
        (row.email, row.given_name, row.family_name, row.plan and row.plan.code, str(row.verdict))
        for row in judged(data)
    ]


def verdicts(data):
    return [str(row.verdict) for row in judged(data)]


def written(rows, *, separator=",", end="\r\n", quoting=csv.QUOTE_MINIMAL):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator=end, quoting=quoting).writerows(rows)
    return out.getvalue()


MANY = ["zoe@example.com", "ada@example.com", "jose@example.com"]


@pytest.mark.parametrize(
    "text",
    [
        "Zoé <zoe@example.com>, Ada L <ada@example.com>, jose@example.com",
        "zoe@example.com; Ada L <ada@example.com>; jose@example.com",
        "zoe@example.com, ada@example.com, jose@example.com",
        'zoe@example.com\nada@example.com, "García, José" <jose@example.com>',
        "zoe@example.com\nada@example.com\njose@example.com\n",
    ],
)
def test_nobody_is_lost_from_a_list_of_addresses(text):
    assert [row.email for row in judged(text)] == MANY


PLAIN = [("email", "given name", "family name", "plan"), *PEOPLE]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"], ids=["comma", "semi", "tab", "bar"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_and_separator(encoding, separator):
    assert told(written(PLAIN, separator=separator).encode(encoding)) == EXPECTED


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"], ids=["crlf", "lf", "cr"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_every_line_end(encoding, end):
    assert told(written(PLAIN, end=end).encode(encoding)) == EXPECTED


def test_what_excel_wrote_on_old_macs():
    assert told(written(PLAIN, end="\r").encode("mac_roman")) == EXPECTED


@pytest.mark.parametrize("separator", [",", ";", "\t", "#"])
def test_a_sep_line_is_obeyed(separator):
    text = f"sep={separator}\r\n" + written(PLAIN, separator=separator)

    assert told(text.encode("utf-8-sig")) == EXPECTED


def test_lines_are_counted_as_an_editor_does():
    text = 'sep=,\nemail,name\n\na@example.com,"A\nB"\nc@example.com,C\n'

    assert [row.line for row in judged(text)] == [4, 6]


@pytest.mark.parametrize(
    "header",
    [
        ("E-Mail", "Given Name", "Family Name", "Plan"),
        ("EMAIL ADDRESS", "FIRST NAME", "LAST NAME", "TIER"),
        ("mail", "Forename", "surname", "subscription"),
        ("E-Mail-Adresse", "Vorname", "Nachname", "Tarif"),
        ("E-Mail", "Vorname", "Name", "Abo"),
        ("Adresse e-mail", "Prénom", "Nom", "Abonnement"),
        ("Courriel", "PRÉNOM", "Nom de famille", "plan"),
        ("Correo electrónico", "Nombre", "Apellidos", "Plan"),
        ("Indirizzo e-mail", "Nome", "Cognome", "Piano"),
        ("E-mail", "Nome", "Sobrenome", "Plano"),
        ("E-mailadres", "Voornaam", "Achternaam", "plan"),
        ("E-post", "Förnamn", "Efternamn", "plan"),
        ("Adres e-mail", "Imię", "Nazwisko", "Plan"),
        ("メールアドレス", "名", "姓", "プラン"),
        ("Почта", "Имя", "Фамилия", "plan"),
        ("Work e-mail (required)", "First name *", "Last name *", "Kiro plan"),
        ("\u00a0email ", "first_name", "last_name", "seat"),
    ],
    ids=lambda header: header[1],
)
def test_headers_in_the_words_people_use(header):
    assert told(written([header, *PEOPLE])) == EXPECTED


def test_columns_in_any_order_and_strange_ones_between():
    header = ("id", "plan", "surname", "department", "E-Mail", "first name")
    rows = [(n, p, f, "R&D", e, g) for n, (e, g, f, p) in enumerate(PEOPLE)]

    assert told(written([header, *rows])) == EXPECTED


@pytest.mark.parametrize("header", ["Full name", "Name", "Display Name", "nombre completo"])
def test_one_name_column(header):
    rows = [(f"{g} {f}", e, p) for e, g, f, p in PEOPLE]

    assert told(written([(header, "email", "plan"), *rows])) == EXPECTED


def test_one_name_column_with_the_family_first():
    rows = [(f"{f}, {g}", e, p) for e, g, f, p in PEOPLE]

    assert told(written([("Name", "E-Mail", "Plan"), *rows])) == EXPECTED


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (1, 2, 0, 3), (3, 1, 2, 0)])
def test_no_header(order):
    assert told(written([[person[n] for n in order] for person in PEOPLE])) == EXPECTED


def test_no_header_and_one_name():
    rows = [(f"{g} {f}", e) for e, g, f, _ in PEOPLE]

    assert [row[1:3] for row in told(written(rows))] == [person[1:3] for person in PEOPLE]


def test_a_title_above_the_header():
    assert told("Team list 2026\n\n" + written(PLAIN)) == EXPECTED


def test_a_header_that_calls_the_addresses_something_else():
    rows = [("Vorname", "Nachname", "Kontaktdaten", "Tarif")]
    rows += [(g, f, e, p) for e, g, f, p in PEOPLE]

    assert told(written(rows)) == EXPECTED


@pytest.mark.parametrize(
    "text",
    [
        "Zoé Müller <zoe@example.com>\nAda Lovelace <ada@example.com>",
        "Zoé Müller <zoe@example.com>, Ada Lovelace <ada@example.com>",
        'Müller, Zoé <zoe@example.com>; "Lovelace, Ada" <ada@example.com>;',
    ],
)
def test_addresses_copied_from_a_mail(text):
    found = [row[:3] for row in told(text)]

    assert found == [("zoe@example.com", "Zoé", "Müller"), ("ada@example.com", "Ada", "Lovelace")]


def test_line_ends_inside_quotes():
    text = 'email,given name,family name\n"ada@example.com","Ada\r\nKing","Love\nlace"\n'

    assert told(text) == [("ada@example.com", "Ada King", "Love lace", "pro-plus", "new")]


def test_a_quotation_mark_that_is_never_closed_costs_one_row():
    text = 'email,name\na@example.com,A\nb@example.com,"B\nc@example.com,C\nd@example.com,D\n'

    assert [row[0][0] for row in told(text)] == ["a", "b", "c", "d"]


def test_empty_lines_and_empty_cells_are_no_rows():
    assert verdicts("email,name\n\n,,\n ; \na@example.com,A\n,,,\n")[-1] == "new"
    assert len(judged("email,name\n\n,,\n\t\na@example.com,A\n,,,\n")) == 1


# Rows ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("twin", ["ADA@Example.com", "ａｄａ@example.com", " ada@example.com "])
def test_the_same_person_twice(twin):
    found = judged(f"email,name\nada@example.com,Ada\n{twin},Ada\n")

    assert [str(row.verdict) for row in found] == ["new", "twice"]
    assert found[1].reason == "The same person as in line 2."


def test_the_first_good_row_of_a_person_is_taken():
    assert verdicts("email,name\nada@example.com,\nada@example.com,Ada\n") == ["invalid", "new"]


@pytest.mark.parametrize(
    ("email", "name", "reason"),
    [
        ("", "Ada", "There is no e-mail address."),
        ("ada", "Ada", "“ada” is no e-mail address."),
        ("a@b", "Ada", "“a@b” is no e-mail address."),
        (f"{'x' * 250}@example.com", "Ada", "The e-mail address is longer than 254 letters."),
        ("ada@example.com", "", "There is no name, and Identity Center needs one."),
        ("ada@example.com", "x" * 101, "A name is longer than 100 letters."),
        ("ada@example.com", "A\0da", "The name contains a character that no name has."),
        ("ada@example.com", "\ud7ff\ufffd", "A letter could not be read. Save the list as UTF-8"),
    ],
)
def test_each_refusal_says_why(email, name, reason):
    row = judged(f"email,name\nzoe@example.com,Zoe\n{email},{name}\n")[1]

    assert row.verdict == "invalid"
    assert row.reason.startswith(reason)


def test_a_given_name_is_needed():
    row = judged("email,given name,family name\nada@example.com,,Lovelace\n")[0]

    assert (row.verdict, row.reason) == (
        "invalid",
        "There is no given name, and Identity Center needs one.",
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("pro-plus", "pro-plus"),
        ("Pro+", "pro-plus"),
        ("KIRO PRO PLUS", "pro-plus"),
        ("kiro pro", "pro"),
        ("KiroPro+", "pro-plus"),
        ("", "pro-plus"),
    ],
)
def test_plans_in_the_words_people_use(words, code):
    assert told(f"email,name,plan\nada@example.com,Ada,{words}\n")[0][3:] == (code, "new")


def test_an_unknown_plan():
    row = judged("email,name,plan\nada@example.com,Ada,gold\n")[0]

    assert (row.verdict, row.reason) == ("unknown-plan", "“gold” is no plan. Plans: Pro, Pro+.")


def test_a_formula_is_text():
    row = judged('email,name\nada@example.com,"=HYPERLINK(""http://x"")"\n')[0]

    assert (row.verdict, row.given_name) == ("new", '=HYPERLINK("http://x")')


def test_a_mailto_link_is_an_address():
    assert told("email,name\nmailto:ada@example.com,Ada\n")[0][0] == "ada@example.com"


# What nothing can be taken from ----------------------------------------------------------------


def zipped(name):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, "<x/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "nothing in it"),
        (b"\xef\xbb\xbf", "nothing in it"),
        (b"\xff\xfe", "nothing in it"),
        (b" \r\n\t\r\n", "nothing in it"),
        (b"\0\0\0\0", "nothing in it"),
        (b",,,\n;;\n", "nothing in it"),
        (b"email,name\n", "only a header"),
        (b"hello world\nhow are you\n", "no e-mail address"),
        (b"first name,last name\nAda,Lovelace\n", "name one of them “E-mail”"),
        (zipped("xl/workbook.xml"), "an Excel workbook"),
        (zipped("a.txt"), "zipped file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old Excel"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"\x1f\x8b\x08\0", "gzip"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"<!DOCTYPE html><table>", "a web page"),
        (b"{\\rtf1 Ada}", "RTF"),
        (b"email,name\n" + b"a@example.com,A\n" * 20_001, "more than 20,000 rows"),
        (b"email,name\n" + b"a@example.com,A\n" * 200_000, "more than 20,000 rows"),
    ],
)
def test_what_is_no_list_is_refused_with_a_sentence(data, words):
    with pytest.raises(Unreadable, match=words):
        judged(data)


def test_twenty_thousand_rows_are_taken():
    assert len(judged(b"email,name\n" + b"a@example.com,A\n" * 20_000)) == 20_000


def test_one_cell_as_large_as_the_file():
    assert verdicts(b"email,name\na@example.com,A\n" + b"x" * 5_000_000) == ["new", "invalid"]


CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", "ada@example.com", "Ada", "é@example.com", "pro", '"', '""', "=1+1"]),
)
ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=5), max_size=8)


def accounted(data):
    """Every row has a verdict, every refusal a reason, nothing that a database cannot keep."""
    try:
        rows = judged(data)
    except Unreadable as reason:
        return bool(str(reason))
    kept = "".join(f"{r.email}{r.given_name}{r.family_name}{r.plan_text}{r.reason}" for r in rows)
    assert "\0" not in kept
    assert all(len(row.email) <= 300 and len(row.reason) <= 300 for row in rows)
    return all(row.verdict == "new" or row.reason for row in rows)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200)))
@example(b"\xff\xfe\x00")
@example(b'"\0@\r"')
@example("email\n\ud800@example.com")
def test_no_bytes_are_too_strange(data):
    assert accounted(data)


@settings(max_examples=200, deadline=None)
@example([["ada@example.com", "Ada", "\0"]], ",", "\n")
@given(ROWS, st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["\n", "\r\n", "\r"]))
def test_no_cells_are_too_strange(rows, separator, end):
    rows = [["email", "name", "plan"], ["zoe@example.com", "Zoe"], *rows]

    assert accounted(written(rows, separator=separator, end=end, quoting=csv.QUOTE_ALL))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.text("abé,;\"'|\t xyz", max_size=8), min_size=1, max_size=8),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
)
def test_rows_in_are_rows_out(names, separator, encoding):
    people = [(f"p{n}@example.com", name) for n, name in enumerate(names)]
    text = written([("email", "name"), *people], separator=separator)

    assert len(judged(text.encode(encoding))) == len(people)


def test_a_japanese_spreadsheet_is_read_as_shift_jis():
    sheet = csv_reading.read("メール,名,姓\r\nsato@x.example,花子,佐藤\r\n".encode("cp932"))

    assert sheet.records[1].cells == ["sato@x.example", "花子", "佐藤"]
    assert sheet.read_as.startswith("Shift JIS")


def test_an_old_western_file_with_one_odd_byte_does_not_turn_japanese():
    sheet = csv_reading.read(b"email,name\nx@x.example,H\x8flne M\xfcller\n")

    assert sheet.read_as.startswith("Windows-1252")
