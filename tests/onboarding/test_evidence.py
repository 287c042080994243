"""Sign-ins in CloudTrail against what members say: seen, not seen, and never more than that."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.utils import timezone

from onboarding import tasks
from onboarding.gateways import sign_ins
from onboarding.models import DirectorySignIn, Member, SignInReading, Step, StepRecord
from onboarding.steps import checklist, evidence, sign_in_reading
from portal import jobs
from portal.models import AuditEvent, JobRun
from tests.factories import make_member, make_queued

pytestmark = pytest.mark.django_db
STORE = "d-9067c1a2b3"
NOW = timezone.now()
DAY = timedelta(days=1)


@pytest.fixture
def trail(aws, connected, monkeypatch):
    """CloudTrail without its limit; signs people in."""
    monkeypatch.setattr(sign_ins, "SECONDS_APART", 0)
    aws.control("POST", "cloudtrail", {"rate": 0})
    yield aws
    aws.control("POST", "cloudtrail", {"rate": 2})


@pytest.fixture
def person(trail, provision):
    """A new member with a user at AWS, who may sign in."""
    member = make_queued(email=f"trail{timezone.now().timestamp()}@example.com")
    provision(member)

    def sign_in(**how):
        trail.control("POST", "sign-ins", {"user_id": member.directory_user_id, **how})

    member.sign_in = sign_in
    return member


def read():
    """As beat and the worker do it, to the end."""
    reading = sign_in_reading.ask()
    SignInReading.objects.filter(pk=reading.pk).update(next_try_at=timezone.now())
    while sign_in_reading.carry_on(reading.pk) is not None:
        pass
    reading.refresh_from_db()
    return reading


def everything():
    return [list(m.objects.order_by("pk").values()) for m in (StepRecord, DirectorySignIn)]


def record(member, step=Step.ACTIVATE):
    return member.steps.filter(step=step).first()


def test_a_sign_in_marks_activate_as_seen(person):
    person.sign_in(credential="PASSWORD,TOTP")

    read()

    seen = record(person)
    assert (seen.told_at, seen.evidence) == (None, "seen by the portal, with MFA")
    assert abs(seen.seen_at - timezone.now()) < timedelta(minutes=1)


@pytest.mark.parametrize("credential", ["PASSWORD", "EMAIL_OTP"])
def test_a_sign_in_without_mfa_says_so(person, credential):
    person.sign_in(credential=credential)

    read()

    assert record(person).evidence == "seen by the portal, without MFA"


def test_mfa_set_up_later_is_seen_too(person):
    person.sign_in(credential="EMAIL_OTP")
    read()
    person.sign_in(credential="PASSWORD,WEBAUTHN")

    read()

    assert record(person).evidence == "seen by the portal, with MFA"
    assert AuditEvent.objects.filter(action="step.seen").count() == 1


def test_a_failed_sign_in_proves_nothing(person):
    person.sign_in(success=False)

    read()

    assert record(person) is None


def test_seen_counts_for_progress_and_history(person):
    person.sign_in()

    read()

    person.refresh_from_db()
    event = AuditEvent.objects.get(action="step.seen", subject=f"member:{person.pk}")
    assert (person.steps_done, event.actor) == (1, "portal")
    assert event.detail["step"] == "activate"


def test_reading_again_changes_nothing(person):
    person.sign_in()
    read()
    before = everything()

    read()

    assert everything() == before
    assert AuditEvent.objects.filter(action="step.seen").count() == 1


def test_org_sign_in_is_only_backed_up_once_told(person):
    person.sign_in()

    read()

    assert record(person, Step.ORG_SIGN_IN) is None


def test_a_sign_in_after_signing_out_backs_up_the_members_word(person):
    for step in list(Step)[:4]:
        checklist.tick(person, step, by=person.user)
    person.sign_in(credential="PASSWORD,TOTP")

    read()

    seen = record(person, Step.ORG_SIGN_IN)
    assert seen.seen_at
    assert seen.evidence == "seen by the portal, with MFA"


@pytest.mark.parametrize(
    ("own_at", "is_backed"),
    [(NOW - 2 * DAY, False), (NOW, True), (None, False)],
)
def test_an_older_sign_in_does_not_back_it_up(own_at, is_backed):
    signed_out = StepRecord(step=Step.SIGN_OUT, told_at=NOW - DAY)
    org = StepRecord(step=Step.ORG_SIGN_IN, told_at=NOW - DAY)
    known = DirectorySignIn(first_at=NOW - 9 * DAY, last_at=NOW, last_own_at=own_at)

    found = {proof.step for proof in evidence.proofs([signed_out, org], known)}

    assert (Step.ORG_SIGN_IN in found) is is_backed


def test_a_user_of_another_store_is_somebody_else(person):
    DirectorySignIn.objects.create(
        store_id="d-0000000000", user_id=person.directory_user_id, first_at=NOW, last_at=NOW
    )

    read()

    assert record(person) is None


def test_somebody_adopted_later_is_recognised(trail, provision):
    known = trail.client("identitystore").list_users(IdentityStoreId=STORE)["Users"][0]
    trail.control("POST", "sign-ins", {"user_id": known["UserId"]})
    read()
    member = make_queued(email=known["Emails"][0]["Value"])
    provision(member)

    read()

    assert record(member).seen_at


def test_what_the_link_holds_is_kept_nowhere(person, caplog):
    caplog.set_level("DEBUG", logger="onboarding")
    person.sign_in()

    read()

    ours = [model for model in apps.get_models() if model._meta.app_label != "sessions"]
    kept = json.dumps([list(model.objects.values()) for model in ours], default=str)
    assert "SECRET-" not in kept
    assert "workflowResultHandle" not in kept + caplog.text


# Reading ---------------------------------------------------------------------------------------


def test_a_killed_worker_is_followed_from_its_page(trail, monkeypatch):
    monkeypatch.setattr(sign_in_reading, "MOST_PAGES", 1)
    reading = sign_in_reading.ask()

    assert sign_in_reading.carry_on(reading.pk) == 0.0
    reading.refresh_from_db()
    half = reading.token, DirectorySignIn.objects.count()
    monkeypatch.setattr(sign_in_reading, "MOST_PAGES", 1000)
    assert sign_in_reading.carry_on(reading.pk) is None

    reading.refresh_from_db()
    assert half[0]
    assert (reading.token, reading.window_end) == ("", None)
    assert DirectorySignIn.objects.count() >= half[1]


def test_it_is_due_again_in_an_hour(trail):
    reading = read()

    assert timedelta(minutes=59) < reading.next_try_at - timezone.now() < timedelta(minutes=61)
    assert JobRun.objects.get(name="read_sign_ins").last_error == ""


def test_the_next_reading_starts_where_the_last_ended(trail):
    first = read()

    reading = SignInReading.objects.get()
    start, _ = sign_in_reading._window(_claimed(reading), now=timezone.now() + DAY)

    assert start == first.read_to - sign_in_reading.ARRIVES_WITHIN


def _claimed(reading):
    SignInReading.objects.filter(pk=reading.pk).update(next_try_at=timezone.now())
    return jobs.claim(SignInReading, reading.pk)


def test_a_token_that_ran_out_begins_the_window_anew(trail):
    reading = sign_in_reading.ask()
    SignInReading.objects.update(token="gone", window_start=NOW - DAY, window_end=NOW)

    assert sign_in_reading.carry_on(reading.pk) > 0
    read()

    assert SignInReading.objects.get().read_to == NOW


def test_a_missing_permission_says_so_once_and_changes_nothing(trail, caplog):
    trail.fault(kind="deny", operation="LookupEvents")
    member = make_member(done=1, directory_user_id="somebody")
    before = Member.objects.filter(pk=member.pk).values().get()

    for _ in range(3):
        read()

    assert AuditEvent.objects.filter(action="evidence.denied").count() == 1
    assert "cloudtrail:LookupEvents" in JobRun.objects.get(name="read_sign_ins").last_error
    assert Member.objects.filter(pk=member.pk).values().get() == before
    assert len([line for line in caplog.messages if "not read" in line]) == 1


def test_where_there_is_no_cloudtrail_it_is_asked_once_an_hour(trail):
    answer = {"code": "UnknownOperationException", "status": 400}
    trail.fault(kind="error", operation="LookupEvents", **answer)

    reading = read()

    assert reading.next_try_at > timezone.now() + timedelta(minutes=50)
    assert "has no CloudTrail" in JobRun.objects.get(name="read_sign_ins").last_error


def test_a_cloudtrail_that_keeps_failing_is_asked_once_an_hour_in_the_end(trail):
    trail.fault(kind="error", operation="LookupEvents")
    reading = sign_in_reading.ask()

    for _ in range(9):
        SignInReading.objects.update(next_try_at=timezone.now())
        sign_in_reading.carry_on(reading.pk)

    reading.refresh_from_db()
    assert reading.next_try_at > timezone.now() + timedelta(minutes=50)
    assert "does not answer" in JobRun.objects.get(name="read_sign_ins").last_error


def test_two_requests_a_second_are_kept(aws, connected):
    aws.control("POST", "cloudtrail", {"rate": 2})

    reading = read()

    assert reading.read_to
    assert reading.failure_code == ""


def test_without_a_connection_nothing_is_read(db):
    assert sign_in_reading.ask() is None


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"CloudTrailEvent": "no"},
        {"CloudTrailEvent": "[]"},
        {"CloudTrailEvent": '{"serviceEventDetails": null}'},
    ],
)
def test_an_event_of_an_unknown_shape_is_passed_over(event):
    assert sign_ins._sign_in(event) is None


# Contradiction ---------------------------------------------------------------------------------


def contradicted(told_days_ago, *, step="activate", origin="created", signed_in=None, read_to=NOW):
    told = StepRecord(step=step, told_at=NOW - told_days_ago * DAY)
    reading = SignInReading(read_from=NOW - 90 * DAY, read_to=read_to)
    return evidence.is_contradicted(Member(origin=origin), [told], signed_in, reading)


def test_three_days_without_a_sign_in_contradict_the_member():
    assert contradicted(4)
    assert not contradicted(2)


def test_whoever_signed_in_is_not_doubted():
    assert not contradicted(4, signed_in=DirectorySignIn(first_at=NOW, last_at=NOW))


def test_nobody_is_doubted_before_cloudtrail_was_read():
    assert not contradicted(4, read_to=None)
    assert not contradicted(4, read_to=NOW - 2 * DAY)


def test_an_adopted_user_may_have_activated_long_ago():
    assert not contradicted(4, origin="adopted")
    assert contradicted(4, origin="adopted", step="org-sign-in")


def test_a_contradiction_is_trouble_until_they_sign_in(person):
    checklist.tick(person, Step.ACTIVATE, by=person.user)
    StepRecord.objects.filter(member=person).update(told_at=timezone.now() - 4 * DAY)
    read()
    person.refresh_from_db()
    assert person.trouble == Member.Trouble.SAYS_SIGNED_IN

    person.sign_in()
    read()

    person.refresh_from_db()
    assert person.trouble == ""


def test_told_and_seen_stay_apart(person):
    checklist.tick(person, Step.ACTIVATE, by=person.user)
    person.sign_in()
    read()

    checklist.undo(person, Step.ACTIVATE, by=person.user)

    assert (record(person).told_at, bool(record(person).seen_at)) == (None, True)


def test_the_hour_comes_round_by_itself(trail):
    reading = read()

    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert jobs.claim(SignInReading, reading.pk)


def test_comparing_costs_the_same_queries_for_one_and_many(trail, django_assert_max_num_queries):
    reading = read()
    for _ in range(3):
        make_member(done=1)

    with django_assert_max_num_queries(3):
        evidence.apply(reading)


def test_a_page_costs_one_query_and_one_for_whoever_is_new(django_assert_num_queries):
    told = {"store_id": STORE, "is_with_mfa": True, "is_by_mailed_code": False}
    page = [
        sign_ins.SignIn(user_id=user, at=NOW - DAY * number, **told)
        for user in ("ada", "grace")
        for number in range(5)
    ]

    with django_assert_num_queries(1 + 2):
        sign_in_reading._keep(page)
    with django_assert_num_queries(1):
        sign_in_reading._keep(page)


def test_beat_begins_the_reading_and_the_worker_ends_it(person):
    person.sign_in()

    tasks.read_sign_ins()

    assert record(person).seen_at


def test_a_pause_stops_the_reading_too(trail):
    jobs.pause_all("no credentials")

    tasks.read_sign_ins()

    assert SignInReading.objects.get().read_to is None
