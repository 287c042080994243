"""Ticking and undoing steps: order, twice, somebody else's, with and without scripts."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from onboarding.models import Member, Step, StepNote
from onboarding.steps import double_billing, step_views
from portal.models import AuditEvent
from tests.factories import make_founder, make_member, make_workspace

pytestmark = pytest.mark.django_db

ORDER = ["activate", "cancel-individual", "sign-out", "org-sign-in", "verify-plan"]


@pytest.fixture
def member(client):
    make_workspace()
    member = make_member()
    client.force_login(member.user)
    return member


def tick(client, step, **data):
    return client.post(f"/checklist/{step}/", {"done": "1", **data})


def told(member):
    return list(member.steps.values_list("step", flat=True))


def test_the_page_shows_all_five_steps(client, member):
    page = client.get("/checklist/").content.decode()

    assert all(step.label in page for step in Step)


def test_a_tick_is_kept(client, member):
    response = tick(client, "activate")

    assert response.status_code == 302
    assert told(member) == ["activate"]


def test_all_five_in_order_verify_the_member(client, member):
    for step in ORDER:
        tick(client, step)

    member.refresh_from_db()
    assert member.status == Member.Status.VERIFIED


def test_a_later_step_waits_for_the_earlier(client, member):
    tick(client, "sign-out")

    assert told(member) == []


def test_the_refusal_names_the_step_that_comes_first(client, member):
    page = client.post("/checklist/sign-out/", {"done": "1"}, follow=True)

    assert "“Activate your AWS sign-in” comes first" in page.content.decode()


def test_undo_takes_the_tick_back(client, member):
    tick(client, "activate")

    client.post("/checklist/activate/", {"done": "0"})

    assert told(member) == []


def test_undo_leaves_what_the_portal_has_seen(client, member):
    tick(client, "activate")
    member.steps.update(seen_at=timezone.now())

    client.post("/checklist/activate/", {"done": "0"})

    assert member.steps.get().told_at is None


def test_ticking_twice_is_ticking_once(client, member):
    tick(client, "activate")
    tick(client, "activate")

    member.refresh_from_db()
    assert member.steps_done == 1
    assert AuditEvent.objects.filter(action="step.told").count() == 1


def test_a_fragment_answers_htmx(client, member):
    response = client.post("/checklist/activate/", {"done": "1"}, headers={"HX-Request": "true"})

    page = response.content.decode()
    assert 'id="checklist"' in page
    assert "<html" not in page


def test_what_a_script_sent_is_answered_in_its_step(client, at_verify):
    fields = {"plan": "", "credits": "", "account_id": ""}
    page = client.post("/checklist/verify-plan/", fields, headers={"HX-Request": "true"})

    text = page.content.decode()
    assert "data-said" in text[text.index('id="step-verify-plan"') :]
    assert "so that it can be checked" in text[text.index('id="step-verify-plan"') :]


def test_a_verdict_is_what_a_script_brings_the_reader_to(client, at_verify):
    fields = {"done": "1", "plan": "Free", "credits": "50", "account_id": ""}
    page = client.post("/checklist/verify-plan/", fields, headers={"HX-Request": "true"})

    text = page.content.decode()
    assert "personal account" in text[text.index("data-said") :][:200]


def test_an_earlier_notice_goes_with_the_next_answer(client, member):
    page = client.post("/checklist/activate/", {"done": "1"}, headers={"HX-Request": "true"})

    cleared = '<div class="notices" id="notices" role="status" hx-swap-oob="innerHTML"></div>'
    assert cleared in page.content.decode()


def test_the_last_tick_says_that_all_is_done(client, at_verify):
    page = client.post("/checklist/verify-plan/", {"done": "1"}, headers={"HX-Request": "true"})

    text = page.content.decode()
    assert "All five steps are done" in text
    assert 'data-tells="5 of 5 steps done"' in text


def test_an_unknown_step_is_not_there(client, member):
    assert tick(client, "dance").status_code == 404


def test_a_get_ticks_nothing(client, member):
    assert client.get("/checklist/activate/").status_code == 405
    assert told(member) == []


def test_strangers_are_asked_to_sign_in(client):
    assert client.get("/checklist/").url.startswith("/accounts/login/")


def test_a_founder_without_a_seat_has_no_checklist(client):
    client.force_login(make_founder())

    assert client.get("/checklist/").status_code == 404


def test_whoever_has_left_has_no_checklist(client, member):
    Member.objects.filter(pk=member.pk).update(status=Member.Status.REMOVED)

    assert tick(client, "activate").status_code == 404
    assert told(member) == []


def test_the_step_ticked_is_ones_own(client, member):
    other = make_member()

    tick(client, "activate", member=other.pk)

    assert told(other) == []


def test_the_answer_on_the_individual_plan_is_kept(client, member):
    tick(client, "activate")
    tick(client, "cancel-individual", answer="runs-out")

    member.refresh_from_db()
    assert member.individual_plan == Member.IndividualPlan.RUNS_OUT


@pytest.fixture
def at_verify(client):
    make_workspace()
    member = make_member(done=4)
    client.force_login(member.user)
    return member


def test_the_right_account_verifies(client, at_verify):
    tick(client, "verify-plan", plan="Pro+", credits="2,000", account_id="d-9067c1a2b3")

    at_verify.refresh_from_db()
    assert (at_verify.verdict, at_verify.steps_done) == ("right", 5)


def test_a_personal_account_is_not_ticked_and_is_trouble(client, at_verify):
    tick(client, "verify-plan", plan="Free", credits="50", account_id="Builder ID")

    at_verify.refresh_from_db()
    assert (at_verify.steps_done, at_verify.trouble) == (4, "wrong-identity")


def test_a_wrong_plan_is_told_to_the_founder(client, at_verify):
    tick(client, "verify-plan", plan="Pro", credits="1,000", account_id="d-9067c1a2b3")

    at_verify.refresh_from_db()
    assert at_verify.trouble == "wrong-plan"


def test_the_account_pasted_is_not_kept(client, at_verify):
    tick(client, "verify-plan", plan="Pro+", account_id="d-9067c1a2b3 secret-token")

    kept = [str(event.detail) for event in AuditEvent.objects.all()]
    assert not any("secret-token" in text for text in kept)


def test_a_wrong_account_later_takes_the_tick_back(client, at_verify):
    tick(client, "verify-plan", plan="Pro+", account_id="d-9067c1a2b3")
    tick(client, "verify-plan", plan="Free", account_id="Google")

    at_verify.refresh_from_db()
    assert at_verify.status == Member.Status.INVITED


def test_the_page_costs_the_same_queries_however_far_one_is(client, queries_of):
    make_workspace()

    def asked(done):
        client.force_login(make_member(done=done).user)
        return queries_of(lambda: client.get("/checklist/"))

    assert asked(0) == asked(4)


@pytest.fixture
def at_cancel(client):
    make_workspace()
    member = make_member(done=1)
    client.force_login(member.user)
    return member


def test_still_paying_is_kept_without_a_tick(client, at_cancel):
    tick(client, "cancel-individual", answer="still-paid")

    at_cancel.refresh_from_db()
    assert told(at_cancel) == ["activate"]
    assert at_cancel.trouble == Member.Trouble.PAYS_TWICE


def test_still_paying_shows_the_founder_the_money_at_risk(client, at_cancel):
    tick(client, "cancel-individual", answer="still-paid")
    client.force_login(make_founder())

    page = client.get(f"/team/{at_cancel.pk}/").content.decode()

    assert "Pays twice" in page
    assert "$40.00 a month at risk" in page


def test_the_money_at_risk_is_summed(client, at_cancel):
    make_member(individual_plan="still-paid", plan="power")
    make_member(individual_plan="cancelled")
    tick(client, "cancel-individual", answer="still-paid")

    found = double_billing.at_risk()

    assert (found.people, found.amount, found.currency) == (2, Decimal("240.00"), "USD")


def test_still_paying_after_all_takes_the_tick_back(client, at_cancel):
    tick(client, "cancel-individual", answer="cancelled")
    tick(client, "cancel-individual", answer="still-paid")

    assert told(at_cancel) == ["activate"]


def test_cancelling_ends_the_trouble(client, at_cancel):
    tick(client, "cancel-individual", answer="still-paid")
    tick(client, "cancel-individual", answer="cancelled")

    at_cancel.refresh_from_db()
    assert (at_cancel.trouble, at_cancel.steps_done) == ("", 2)


def test_the_last_day_of_a_cancelled_plan_is_kept_and_shown(client, at_cancel):
    until = timezone.now().date() + timedelta(days=8)

    tick(client, "cancel-individual", answer="runs-out", until=until.isoformat())

    at_cancel.refresh_from_db()
    assert at_cancel.individual_plan_until == until
    shown = f"cancelled, runs until {until.day} {until:%b %Y}"
    assert shown in client.get("/checklist/").content.decode()


@pytest.mark.parametrize("until", ["soon", "2026-02-31", "9999-01-01", "0001-01-01"])
def test_a_date_that_is_none_is_not_ticked(client, at_cancel, until):
    tick(client, "cancel-individual", answer="runs-out", until=until)

    assert told(at_cancel) == ["activate"]
    assert "That is not a date" in client.get("/checklist/").content.decode()


def test_undo_forgets_the_answer(client, at_cancel):
    tick(client, "cancel-individual", answer="runs-out", until=timezone.now().date().isoformat())

    client.post("/checklist/cancel-individual/", {"done": "0"})

    at_cancel.refresh_from_db()
    assert (at_cancel.individual_plan, at_cancel.individual_plan_until) == ("", None)


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_refused_step_says_so_in_its_place(client, member, headers):
    page = client.post("/checklist/org-sign-in/", {"done": "1"}, headers=headers, follow=True)

    text = page.content.decode()
    place = text.index('id="step-org-sign-in"')
    assert "comes first" in text[place : text.index('id="step-verify-plan"')]


def test_not_yet_says_from_when_it_counts_as_stuck(client, at_verify):
    tick(client, "verify-plan", plan="Free", credits="50", account_id="d-9067c1a2b3")

    stuck_at = at_verify.seat_requested_at + timedelta(hours=24)
    page = client.get("/checklist/").content.decode()
    assert f"{stuck_at.day} {stuck_at:%b, %H:%M} UTC, it counts as stuck" in page


def test_after_that_hour_the_founder_has_been_told(client, at_verify):
    Member.objects.update(seat_requested_at=timezone.now() - timedelta(hours=25))

    tick(client, "verify-plan", plan="Free", credits="50", account_id="d-9067c1a2b3")

    at_verify.refresh_from_db()
    assert at_verify.trouble == Member.Trouble.SEAT_MISSING
    assert "Your founder has been told" in client.get("/checklist/").content.decode()


def test_done_stays_visible_with_its_date(client):
    make_workspace()
    client.force_login(make_member(done=5).user)

    page = client.get("/checklist/").content.decode()

    today = timezone.now()
    assert f"You finished all five steps on {today.day} {today:%b}" in page
    assert page.count(f"You said so on {today.day} {today:%b}") == 5


# Notes -----------------------------------------------------------------------------------------


def test_a_founders_note_is_read_in_the_step(client, member):
    client.force_login(make_founder())
    client.post("/team/notes/", {"activate": "Ask Tom\nhttps://wiki.example.com/kiro <b>x</b>"})
    client.force_login(member.user)

    page = client.get("/checklist/").content.decode()

    assert "Ask Tom<br>" in page
    assert 'href="https://wiki.example.com/kiro"' in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page


def test_a_link_in_a_note_runs_no_script(client, member):
    StepNote.objects.create(step="activate", text="javascript:alert(1) <script>x</script>")

    page = client.get("/checklist/").content.decode()

    assert 'href="javascript' not in page
    assert "<script>x" not in page


def test_an_empty_note_takes_it_away(client):
    make_workspace()
    client.force_login(make_founder())
    client.post("/team/notes/", {"activate": "Ask Tom"})
    client.post("/team/notes/", {"activate": " "})

    assert not StepNote.objects.exists()
    assert AuditEvent.objects.filter(action="step.noted").count() == 2


def test_a_note_too_long_says_so(client):
    make_workspace()
    client.force_login(make_founder())

    page = client.post("/team/notes/", {"activate": "x" * 2001})

    assert "At most 2000 characters; these are 2001." in page.content.decode()
    assert not StepNote.objects.exists()


# Two tabs --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_the_same_step_from_two_tabs_fifty_times_counts_once():
    make_workspace()
    member = make_member()
    tabs = [Client(), Client()]
    for tab in tabs:
        tab.force_login(member.user)

    def post(number):
        try:
            return tick(tabs[number % 2], "activate").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        answers = set(pool.map(post, range(50)))

    member.refresh_from_db()
    assert answers == {302}
    assert (member.steps_done, told(member)) == (1, ["activate"])
    assert AuditEvent.objects.filter(action="step.told").count() == 1


def test_progress_counts_steps():
    assert step_views.Progress(2).percent == 40


@pytest.mark.parametrize("wrong", [{"plan": "Free", "account_id": "d-deadbeef00"}, {"plan": "Pro", "account_id": "d-9067c1a2b3"}])  # fmt: skip
def test_a_bare_tick_does_not_outdo_a_check_that_failed(client, at_verify, wrong):
    tick(client, "verify-plan", **wrong)

    tick(client, "verify-plan")

    at_verify.refresh_from_db()
    assert at_verify.steps_done == 4


def test_the_account_alone_is_checked_too(client, at_verify):
    tick(client, "verify-plan", account_id="d-deadbeef00", credits="50")

    at_verify.refresh_from_db()
    assert at_verify.verdict == "personal"
