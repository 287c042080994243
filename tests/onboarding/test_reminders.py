"""Reminders and the digest: who is due, who is left alone, and what the mails say."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.utils import timezone

from onboarding.models import Member, ReminderSettings, ReminderStop, Step
from onboarding.reminding import digest, reminders
from onboarding.reminding.reminders import Standing
from onboarding.steps import checklist
from portal.mailing import notices
from portal.models import Notice
from tests.factories import make_founder, make_member, make_workspace

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 2, 10, 0, tzinfo=BERLIN)
DAY = timedelta(days=1)


def due(quiet, *, at=MONDAY, had=()):
    standing = Standing(1, "x@example.com", 2, at - quiet, frozenset(had))
    return reminders.due(standing, now=at, rules=ReminderSettings(time_zone="Europe/Berlin"))


@pytest.mark.parametrize(
    ("quiet", "had", "expected"),
    [
        (2.9, (), None),
        (3, (), 3),
        (6.9, (3,), None),
        (7, (3,), 7),
        (7, (), 7),
        (30, (3, 7), None),
        (30, (7,), None),
        (30, (3,), 7),
    ],
)
def test_who_is_due(quiet, had, expected):
    assert due(quiet * DAY, had=had) == expected


@pytest.mark.parametrize(
    ("hours", "is_time"),
    [(-2, False), (-1, True), (0, True), (6, True), (7, False), (-12, False), (-48, False)],
)
def test_not_at_night_and_not_on_weekends(hours, is_time):
    assert (due(9 * DAY, at=MONDAY + timedelta(hours=hours)) is not None) is is_time


def test_no_state_has_more_than_two_whichever_days_are_chosen_later():
    standing = Standing(1, "x@example.com", 2, MONDAY - 30 * DAY, frozenset({3, 7}))
    rules = ReminderSettings(time_zone="Europe/Berlin", first_after_days=5, then_after_days=14)

    assert reminders.due(standing, now=MONDAY, rules=rules) is None


def test_the_companys_clock_counts():
    at = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)

    assert reminders.is_working_hour(at, BERLIN)
    assert not reminders.is_working_hour(at, ZoneInfo("America/New_York"))


def _next_working_hour():
    now = timezone.now().replace(minute=0)
    while not reminders.is_working_hour(now, ZoneInfo("UTC")):
        now += timedelta(hours=1)
    return now


# Who is left alone -----------------------------------------------------------------------------


@pytest.fixture
def quiet():
    """A member who stopped eight days ago, at a working hour."""
    make_workspace()
    with time_machine.travel(_next_working_hour(), tick=False):
        yield make_member(
            done=1, invited_at=timezone.now() - 8 * DAY, last_activity_at=timezone.now() - 8 * DAY
        )


def test_a_member_who_stopped_is_reminded(quiet):
    assert reminders.send_due(now=timezone.now()) == 1


@pytest.mark.parametrize(
    "trouble", ["asked-for-help", "wrong-plan", "seat-missing", "mail-refused"]
)
def test_whoever_waits_for_the_founder_is_left_alone(quiet, trouble):
    Member.objects.update(trouble=trouble)

    assert reminders.send_due(now=timezone.now()) == 0


def test_whoever_leaves_is_left_alone(quiet):
    Member.objects.update(leaves_on=timezone.now().date() + DAY)

    assert reminders.send_due(now=timezone.now()) == 0


def test_a_pause_is_one_click_and_ends_by_one(client, quiet):
    client.force_login(make_founder())

    client.post("/team/reminders/", {"pause": "1"})
    assert reminders.send_due(now=timezone.now()) == 0
    client.post("/team/reminders/", {"pause": "0"})
    assert reminders.send_due(now=timezone.now()) == 1


def test_a_founder_takes_one_member_out(client, quiet):
    client.force_login(make_founder())
    client.post(f"/team/reminders/{quiet.pk}/", {"stop": "1"})

    assert reminders.send_due(now=timezone.now()) == 0
    assert "Remind again" in client.get("/team/reminders/").content.decode()


def test_a_reminder_that_waited_too_long_is_not_sent(quiet):
    reminders.send_due(now=timezone.now())
    checklist.tick(quiet, Step.CANCEL_INDIVIDUAL, by=quiet.user, answer="none")

    notices.send(Notice.objects.get().pk)

    assert mail.outbox == []


def test_undo_and_redo_bring_no_second_reminder(quiet):
    reminders.send_due(now=timezone.now())
    checklist.tick(quiet, Step.CANCEL_INDIVIDUAL, by=quiet.user, answer="none")
    checklist.undo(quiet, Step.CANCEL_INDIVIDUAL, by=quiet.user)
    Member.objects.update(last_activity_at=timezone.now() - 8 * DAY)

    reminders.send_due(now=timezone.now())

    assert Notice.objects.filter(kind="reminder").count() == 1


# The link in the mail --------------------------------------------------------------------------


@pytest.fixture
def stop_link(quiet):
    reminders.send_due(now=timezone.now())
    notices.send(Notice.objects.get().pk)
    line = next(word for word in mail.outbox[0].body.split() if "/reminders/" in word)
    return line[line.index("/reminders/") :]


def test_a_mail_program_finds_the_stop_link_in_the_head(stop_link):
    read = message_from_bytes(mail.outbox[0].message().as_bytes(), policy=policy.default)

    assert read["List-Unsubscribe"].strip() == f"<{settings.BASE_URL}{stop_link}>"


def test_it_asks_for_no_note_of_an_absence(stop_link):
    assert mail.outbox[0].message()["Auto-Submitted"] == "auto-generated"


def test_looking_at_the_stop_link_stops_nothing(client, stop_link):
    client.get(stop_link)
    client.head(stop_link)

    assert not ReminderStop.objects.exists()


def test_the_click_stops_and_takes_it_back(client, stop_link):
    client.post(stop_link)
    client.post(stop_link)
    assert ReminderStop.objects.get().by_founder is False

    client.post(stop_link, {"again": "1"})
    assert not ReminderStop.objects.exists()


@pytest.mark.parametrize("token", ["x", "1:a:b", "é"])
def test_a_made_up_link_stops_nobody(client, quiet, token):
    assert "does not work" in client.post(f"/reminders/{token}/").content.decode()
    assert not ReminderStop.objects.exists()


def test_the_mail_names_the_next_step_and_both_links(stop_link):
    text = mail.outbox[0].body

    assert "Cancel your individual plan" in text
    assert "/checklist/help/?step=cancel-individual" in text
    assert "Stop these reminders" in mail.outbox[0].alternatives[0][0]


def test_a_founder_chooses_the_days(client, quiet):
    client.force_login(make_founder())

    client.post("/team/reminders/", {"first_after_days": "9", "then_after_days": "20"})

    assert reminders.send_due(now=timezone.now()) == 0
    reminders.send_due(now=timezone.now() + 7 * DAY)
    assert Notice.objects.get().key.endswith(":9")


@pytest.mark.parametrize("days", [("0", "7"), ("5", "5"), ("9", "4"), ("3", "366"), ("", "7")])
def test_days_that_make_no_sense_are_refused(client, days):
    make_workspace()
    client.force_login(make_founder())

    client.post("/team/reminders/", {"first_after_days": days[0], "then_after_days": days[1]})

    assert ReminderSettings.load().after_days == (3, 7)


def test_an_unknown_time_zone_is_refused(client):
    make_workspace()
    client.force_login(make_founder())

    page = client.post("/team/reminders/", {"time_zone": "Mars/Olympus"})

    assert "No such time zone" in page.content.decode()
    assert ReminderSettings.load().time_zone == "UTC"


# The digest ------------------------------------------------------------------------------------


def test_the_digest_goes_out_on_monday_and_once_a_week():
    assert digest.week_due(now=MONDAY, zone=BERLIN) == "2026-W45"
    assert digest.week_due(now=MONDAY + 2 * DAY, zone=BERLIN) is None
    assert digest.week_due(now=MONDAY - timedelta(hours=4), zone=BERLIN) is None


def test_the_digest_is_sorted_by_trouble():
    now = timezone.now()
    people = [
        Member(given_name="c", trouble="stuck", trouble_since=now - 9 * DAY),
        Member(given_name="b", trouble="pays-twice", trouble_since=now - DAY),
        Member(given_name="a", trouble="asked-for-help", trouble_since=now),
        Member(given_name="d", trouble="stuck", trouble_since=now),
    ]

    assert [one.given_name for one in digest.in_order(people, now=now)] == ["a", "b", "c", "d"]


def test_the_digest_says_who_and_how_much():
    make_workspace()
    founder = make_founder()
    make_member(given_name="Ada", individual_plan="still-paid", trouble="pays-twice", done=1)
    with time_machine.travel(MONDAY, tick=False):
        digest.send_due(now=MONDAY)
        notices.send(Notice.objects.get(to=founder.email).pk)

    text = mail.outbox[0].body
    assert "Ada Lovelace: Pays twice" in text
    assert "$40.00 a month at risk" in text
    assert "1 needs you" in mail.outbox[0].subject


def test_no_digest_when_everybody_is_done():
    make_workspace()
    make_founder()
    make_member(done=5)

    assert digest.send_due(now=MONDAY) == 0


def test_no_digest_to_whoever_is_no_founder_any_more():
    make_workspace()
    founder = make_founder()
    make_member(done=1)
    digest.send_due(now=MONDAY)
    founder.is_active = False
    founder.save()

    notices.send(Notice.objects.get().pk)

    assert mail.outbox == []
