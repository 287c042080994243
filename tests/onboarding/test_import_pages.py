"""The import's pages: upload, preview, confirm, progress, result; who may, and what is too much."""

import csv

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from onboarding.importing import csv_reading, import_pages, import_work
from onboarding.models import ImportBatch, Member
from onboarding.views import imports as pages
from portal.models import AuditEvent
from tests.factories import make_founder, make_member, make_user, make_workspace

pytestmark = pytest.mark.django_db

LIST = "email,name,plan\nada@example.com,Ada Lovelace,pro\nbad,Bad,\nada@example.com,Ada,\n"


@pytest.fixture
def founder(client):
    founder = make_founder()
    client.force_login(founder)
    return founder


def upload(client, text=LIST, *, follow=True, **data):
    return client.post("/team/import/", {"text": text, **data}, follow=follow)


def uploaded(client, content, *, name="team.csv"):
    file = SimpleUploadedFile(name, content, content_type="text/csv")
    return client.post("/team/import/", {"file": file}, follow=True)


def confirm(client, batch=None):
    batch = batch or ImportBatch.objects.get()
    return client.post(f"/team/import/{batch.pk}/confirm/", follow=True)


def text_of(response):
    return response.content.decode()


# Upload ----------------------------------------------------------------------------------------


def test_the_page_offers_a_form(client, founder):
    page = text_of(client.get("/team/import/"))

    assert 'name="text"' in page
    assert 'name="file"' in page


def test_a_paste_leads_to_its_preview(client, founder):
    response = upload(client, follow=False)

    assert response.url == f"/team/import/{ImportBatch.objects.get().pk}/"


def test_a_file_is_shown_by_its_name(client, founder):
    assert "<h1>team.csv</h1>" in text_of(uploaded(client, LIST.encode("utf-16")))


def test_the_preview_has_a_verdict_and_a_reason_for_each_row(client, founder):
    page = text_of(upload(client))

    assert "1 of 3 rows will be added, 2 will not" in page
    assert "“bad” is no e-mail address." in page
    assert "The same person as in line 2." in page
    assert "1 × Pro, $20.00 a month" in page


def test_who_is_a_member_already_is_told(client, founder):
    make_member(email="ada@example.com")

    assert "Already a member" in text_of(upload(client, "email,name\nADA@example.com,Ada\n"))


def test_one_plan_for_all_who_name_none(client, founder):
    upload(client, "email,name,plan\na@example.com,A,pro\nb@example.com,B,\n", plan="power")

    assert list(ImportBatch.objects.get().rows.values_list("plan__code", flat=True)) == [
        "pro",
        "power",
    ]


def test_formulas_and_scripts_are_text(client, founder):
    bad = '"=HYPERLINK(""http://x"")"'
    page = text_of(upload(client, f"email,name\na@example.com,{bad}\nb@example.com,<script>x\n"))

    assert "=HYPERLINK(&quot;http://x&quot;)" in page
    assert "<script>x" not in page


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Paste the list, or choose a file."),
        ({"text": "   "}, "There is nothing in it."),
        ({"text": "email,name\n"}, "There is only a header in it"),
        ({"text": "a@example.com,A", "plan": "gold"}, "not one of the choices"),
        ({"file": SimpleUploadedFile("a.csv", b"")}, "There is nothing in it."),
        ({"file": SimpleUploadedFile("a.csv", b"PK\x03\x04")}, "This is an Excel workbook"),
        (
            {"text": "a@example.com,A", "file": SimpleUploadedFile("a.csv", b"x")},
            "Either paste the list or choose a file",
        ),
    ],
)
def test_what_cannot_be_taken_is_told_and_nothing_kept(client, founder, data, sentence):
    response = client.post("/team/import/", data)

    assert (response.status_code, ImportBatch.objects.count()) == (200, 0)
    assert sentence in text_of(response)


def test_a_nul_costs_one_row(client, founder):
    page = text_of(upload(client, "email,name\na\0@example.com,A\nb@example.com,B\n"))

    assert "1 of 2 rows will be added" in page


def test_too_many_bytes_are_refused_unread(client, founder, monkeypatch):
    monkeypatch.setattr(pages, "MOST_BODY", 100)
    monkeypatch.setattr(pages, "_take", None)

    response = upload(client, "x" * 200)

    assert response.status_code == 413
    assert "more than 10 MB" in text_of(response)


def test_a_file_of_eleven_megabytes(client, founder):
    response = uploaded(client, b"a@example.com,A\n" * 720_000)

    assert response.status_code == 413


def test_a_paste_larger_than_the_settings_allow(client, founder, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

    assert upload(client, "x" * 200).status_code == 413


def test_a_list_larger_than_allowed_in_a_body_that_is_not(client, founder, monkeypatch):
    monkeypatch.setattr(csv_reading, "MOST_BYTES", 10)

    assert "more than 10 MB" in text_of(upload(client))


def test_an_upload_needs_its_token(founder):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(founder)

    assert upload(strict).status_code == 403


def test_the_same_list_again_is_the_same_draft(client, founder):
    upload(client)
    upload(client)

    assert ImportBatch.objects.count() == 1


def test_a_draft_opened_again_knows_who_joined_since(client, founder):
    upload(client, "email,name\nada@example.com,Ada\n")
    make_member(email="ada@example.com")

    assert "0 of 1 row will be added" in text_of(
        upload(client, "email,name\nada@example.com,Ada\n")
    )


def test_drafts_that_nobody_confirms_are_thrown_away(client, founder):
    upload(client)
    ImportBatch.objects.update(uploaded_at=timezone.now() - pages.imports.DRAFTS_KEPT * 2)

    upload(client, "email,name\ntom@example.com,Tom\n")

    assert ImportBatch.objects.get().rows.get().email == "tom@example.com"


@pytest.mark.parametrize("rows", [1, 60])
def test_the_upload_costs_the_same_queries_whatever_its_length(
    client, founder, rows, django_assert_num_queries
):
    upload(client)
    people = "".join(f"p{n}@example.com,P\n" for n in range(rows))

    with django_assert_num_queries(10):
        upload(client, f"email,name\n{people}", follow=False)


# Preview ---------------------------------------------------------------------------------------


def test_the_preview_costs_the_same_queries_whatever_its_length(client, founder, queries_of):
    def asked(rows):
        upload(client, "email,name\n" + "".join(f"p{n}@example.com,P\n" for n in range(rows)))
        path = f"/team/import/{ImportBatch.objects.latest('pk').pk}/"
        return queries_of(lambda: client.get(path))

    assert asked(1) == asked(60)


def lines_of(client, query):
    page = client.get(f"/team/import/{ImportBatch.objects.get().pk}/?{query}").context["page"]
    return [view.row.line for view in page]


@pytest.mark.parametrize(
    ("query", "lines"),
    [
        ("", [2, 3, 4]),
        ("verdict=new", [2]),
        ("verdict=refused", [3, 4]),
        ("verdict=twice", [4]),
        ("verdict=adopt", []),
        ("verdict=nonsense&page=x", [2, 3, 4]),
        ("verdict=%00&page=99999999999999999999", [2, 3, 4]),
    ],
)
def test_rows_by_verdict(client, founder, query, lines):
    upload(client)

    assert lines_of(client, query) == lines


def test_pages_hold_fifty(client, founder):
    upload(client, "email,name\n" + "".join(f"p{n}@example.com,P\n" for n in range(51)))

    assert (len(lines_of(client, "")), len(lines_of(client, "page=2"))) == (50, 1)


def test_until_the_listing_is_there_the_preview_asks_again(client, founder):
    make_workspace()

    page = text_of(upload(client))

    assert "Checking Identity Center…" in page
    assert "every 2s" in page
    assert "Add 1 person" in page


def test_a_checked_preview_is_quiet(client, founder):
    make_workspace()
    upload(client)
    ImportBatch.objects.update(listed_at=timezone.now(), next_try_at=None)

    page = text_of(client.get(f"/team/import/{ImportBatch.objects.get().pk}/"))

    assert "Identity Center checked" in page
    assert "every 2s" not in page


def test_the_fragment_alone_answers_htmx(client, founder):
    upload(client)

    path = f"/team/import/{ImportBatch.objects.get().pk}/"
    page = text_of(client.get(path, headers={"HX-Request": "true"}))

    assert 'id="import"' in page
    assert "<html" not in page


# Confirm and after -----------------------------------------------------------------------------


def test_confirming_writes_no_member_itself_but_the_job_does(client, founder):
    upload(client)
    page = text_of(confirm(client))

    assert "0 of 1 set up" in page
    import_work.work(ImportBatch.objects.get().pk)
    assert Member.objects.get().email == "ada@example.com"


def test_the_list_of_imports_tells_who_is_still_being_set_up(client, founder):
    upload(client)
    confirm(client)
    import_work.work(ImportBatch.objects.get().pk)

    assert "<td>being set up</td>" in text_of(client.get("/team/import/"))


def test_and_who_is_not_any_more(client, founder):
    upload(client)
    confirm(client)
    import_work.work(ImportBatch.objects.get().pk)
    Member.objects.update(status="failed")

    assert "<td>added</td>" in text_of(client.get("/team/import/"))


@pytest.mark.parametrize(("in_work", "minutes"), [(500, 0), (5000, 8)])
def test_it_says_how_long_an_import_takes_at_least(in_work, minutes):
    progress = import_pages.Progress(total=5000, done=5000 - in_work, failed=0)

    assert progress.least_minutes == minutes


def test_a_double_click_confirms_once(client, founder):
    upload(client)
    confirm(client)
    confirm(client)

    assert AuditEvent.objects.filter(action="import.confirmed").count() == 1


def test_the_same_list_from_another_founder_leads_to_the_first_import(client, founder):
    upload(client)
    first = ImportBatch.objects.get()
    client.force_login(make_founder())
    turned = "email,name,plan\nbad,Bad,\nADA@example.com,Ada Lovelace,Pro\nada@example.com,Ada,\n"
    upload(client, turned)
    second = ImportBatch.objects.exclude(pk=first.pk).get()
    confirm(client, first)

    response = confirm(client, second)

    assert response.redirect_chain[-1][0] == f"/team/import/{first.pk}/"
    assert "This very list was confirmed before." in text_of(response)
    second.refresh_from_db()
    assert second.is_draft


def test_whoever_left_may_be_imported_again_with_the_same_list(client, founder):
    upload(client)
    confirm(client)
    import_work.work(ImportBatch.objects.get().pk)
    Member.objects.update(status="removed")
    upload(client)
    second = ImportBatch.objects.latest("pk")

    confirm(client, second)
    import_work.work(second.pk)

    assert Member.objects.on_team().count() == 1


def test_who_was_refused_the_first_time_may_be_imported_with_the_same_list(client, founder):
    upload(client)
    confirm(client)
    ImportBatch.objects.get().rows.filter(number=1).update(verdict="taken")
    import_work.work(ImportBatch.objects.get().pk)
    upload(client)
    second = ImportBatch.objects.latest("pk")

    confirm(client, second)
    import_work.work(second.pk)

    assert Member.objects.get().email == "ada@example.com"


def test_the_same_list_when_all_are_there_leads_to_the_import_that_added_them(client, founder):
    upload(client)
    client.force_login(make_founder())
    upload(client)
    first, second = ImportBatch.objects.order_by("pk")
    confirm(client, first)
    import_work.work(first.pk)

    response = confirm(client, second)

    assert response.redirect_chain[-1][0] == f"/team/import/{first.pk}/"


def test_nobody_to_add_is_nothing_to_confirm(client, founder):
    page = text_of(upload(client, "email,name\nbad,Bad\n"))

    assert 'id="confirm"' not in page
    assert "There is nobody to add in this list." in text_of(confirm(client))


def test_pause_and_resume_from_the_page(client, founder):
    upload(client)
    confirm(client)
    batch = ImportBatch.objects.get()

    paused = client.post(f"/team/import/{batch.pk}/pause/", follow=True)
    resumed = client.post(f"/team/import/{batch.pk}/resume/", follow=True)

    assert "Go on" in text_of(paused)
    assert "every 2s" not in text_of(paused)
    assert "Pause" in text_of(resumed)


def test_a_draft_cannot_be_paused(client, founder):
    upload(client)

    client.post(f"/team/import/{ImportBatch.objects.get().pk}/pause/")

    assert not ImportBatch.objects.get().is_paused


def test_the_progress_is_found_again_from_the_import_page(client, founder):
    upload(client)

    assert f"/team/import/{ImportBatch.objects.get().pk}/" in text_of(client.get("/team/import/"))


def test_the_result_has_every_row(client, founder):
    upload(client, LIST + "eve@example.com,=cmd|calc,gold\n")
    confirm(client)
    batch = ImportBatch.objects.get()
    import_work.work(batch.pk)

    response = client.get(f"/team/import/{batch.pk}/result.csv")
    rows = list(csv.DictReader(b"".join(response.streaming_content).decode().splitlines()))

    assert [(row["line"], row["verdict"], row["member_status"]) for row in rows] == [
        ("2", "new", "queued"),
        ("3", "invalid", ""),
        ("4", "twice", ""),
        ("5", "unknown-plan", ""),
    ]
    assert (rows[3]["given_name"], rows[3]["plan"]) == ("'=cmd|calc", "gold")
    assert all(row["reason"] for row in rows[1:])


# Who may ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "1/", "1/confirm/", "1/pause/", "1/resume/", "1/result.csv"])
def test_members_find_nothing_here(client, path):
    client.force_login(make_user())

    assert client.get(f"/team/import/{path}").status_code == 404
    assert client.post(f"/team/import/{path}").status_code == 404


def test_strangers_are_asked_to_sign_in(client):
    assert upload(client, follow=False).url.startswith("/accounts/login/")


@pytest.mark.parametrize("pk", ["0", "99999999999999999999999"])
def test_an_import_that_is_not_there(client, founder, pk):
    assert client.get(f"/team/import/{pk}/").status_code == 404


def test_members_who_are_there_cost_the_list_no_query_each(client, founder, queries_of):
    upload(client, "email,name\n" + "".join(f"p{n}@example.com,P\n" for n in range(20)))
    batch = ImportBatch.objects.get()
    rows = list(batch.rows.all())

    def asked(some):
        for row in some:
            row.member = make_member(trouble=Member.Trouble.PAYS_TWICE)
            row.save()
        return queries_of(lambda: client.get(f"/team/import/{batch.pk}/"))

    assert asked(rows[:1]) == asked(rows[1:])
