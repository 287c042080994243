"""Ticking and undoing steps: order, twice, somebody else's, with and without scripts."""

import pytest
from django.utils import timezone

from onboarding import checklist
from onboarding.models import Member, Step
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
    tick(client, "sign-out")

    assert "First comes: Activate your AWS sign-in" in client.get("/checklist/").content.decode()


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


@pytest.mark.parametrize("done", [0, 4])
def test_the_page_costs_the_same_queries_however_far_one_is(
    client, done, django_assert_num_queries
):
    make_workspace()
    client.force_login(make_member(done=done).user)
    client.get("/checklist/")

    with django_assert_num_queries(5):
        client.get("/checklist/")


def test_progress_counts_steps():
    assert checklist.Progress(2).percent == 40
