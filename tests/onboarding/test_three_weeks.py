"""Three weeks by a moved clock, through a real mail server with moods: the mails due, once each."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from onboarding import tasks
from onboarding.models import ReminderSettings, Step
from onboarding.reminding import reminders
from onboarding.steps import checklist
from portal.mailing import notices
from portal.models import Notice
from tests.factories import make_founder, make_member, make_workspace
from tests.support.mail_server import MailServer

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 11, 2, 12, 0, tzinfo=BERLIN)  # a Monday
HOUR = timedelta(hours=1)


@pytest.fixture
def server(settings):
    made = MailServer()
    settings.EMAIL_BACKEND = "portal.mailing.smtp.Backend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", made.port
    settings.EMAIL_TIMEOUT = 30
    yield made
    made.stop()


@pytest.fixture
def team():
    """A founder, and one who ticks a step after nine days and then stops for good."""
    make_workspace()
    ReminderSettings.objects.create(pk=1, time_zone="Europe/Berlin")
    with time_machine.travel(START, tick=False):
        make_founder(email="founder@example.com")
        return make_member(email="slow@example.com", done=1)


def live(server, member, *, moods=(), days=21):
    """Beat and outbox every three hours; what the server took, as (day and hour, to, subject).

    `moods`: (first hour, last hour, mood), counted from the start.
    """
    taken = []
    for hour in range(0, days * 24, 3):
        now = START + hour * HOUR
        server.mood = next((mood for first, last, mood in moods if first <= hour <= last), "fine")
        with time_machine.travel(now, tick=False):
            if hour == 9 * 24:
                checklist.tick(member, Step.CANCEL_INDIVIDUAL, by=member.user, answer="none")
            tasks.send_reminders()
            for pk in Notice.objects.filter(next_try_at__lte=now).values_list("pk", flat=True):
                notices.send(pk)
        taken += [(f"{now:%a %d %H}", each["To"], each["Subject"]) for each in server.taken]
        server.taken.clear()
    return taken


def when(taken, to, words):
    return [hour for hour, whom, subject in taken if whom == to and words in subject]


def check(taken, *, cancel, sign_out, digest):
    assert when(taken, "slow@example.com", "Cancel") == cancel
    assert when(taken, "slow@example.com", "Sign out") == sign_out
    assert when(taken, "founder@example.com", "this week") == digest
    assert len(taken) == len(cancel + sign_out + digest)


DUE = {
    "cancel": ["Thu 05 12", "Mon 09 12"],
    "sign_out": ["Mon 16 09", "Wed 18 12"],
    "digest": ["Mon 02 12", "Mon 09 09", "Mon 16 09", "Mon 23 09"],
}


def test_with_a_server_that_works(server, team):
    check(live(server, team), **DUE)


@pytest.mark.parametrize("mood", ["busy", "down"])
def test_an_hour_without_the_server_costs_no_more(server, team, mood):
    """Thursday noon, when the first reminder is due."""
    taken = live(server, team, moods=[(72, 72, mood)], days=4)

    assert when(taken, "slow@example.com", "Cancel") == ["Thu 05 15"]


def test_a_server_away_until_the_night_costs_no_reminder_at_night(server, team):
    """Thursday noon until ten at night."""
    taken = live(server, team, moods=[(72, 82, "busy")], days=5)

    assert when(taken, "slow@example.com", "Cancel") == ["Fri 06 09"]


def test_a_server_away_into_the_weekend_costs_no_reminder_on_it(server, team):
    """Thursday noon until Saturday night: Monday at nine, and the next one as it is due."""
    taken = live(server, team, moods=[(72, 130, "busy")], days=8)

    assert when(taken, "slow@example.com", "Cancel") == ["Mon 09 09", "Mon 09 12"]


def test_of_what_piled_up_only_the_latest_reminder_goes_out(server, team):
    """Thursday noon until Tuesday morning; the digest of the week is not late by a week."""
    taken = live(server, team, moods=[(72, 188, "busy")], days=9)

    assert when(taken, "slow@example.com", "Cancel") == ["Tue 10 09"]
    assert when(taken, "founder@example.com", "this week") == ["Mon 02 12", "Tue 10 09"]


def test_a_server_that_hangs_up_once_gets_one_second_copy(server, team):
    taken = live(server, team, moods=[(72, 72, "drops")], days=4)

    assert when(taken, "slow@example.com", "Cancel") == ["Thu 05 12", "Thu 05 15"]


def test_a_server_that_takes_and_hangs_up_each_time_gets_no_third_copy(server, team):
    taken = live(server, team, moods=[(72, 999, "drops")], days=7)

    assert when(taken, "slow@example.com", "Cancel") == ["Thu 05 12", "Thu 05 15"]
    assert Notice.objects.get(to="slow@example.com").failure_code == "unanswered"


def test_a_server_that_falls_silent_is_one_that_hangs_up(server, team, settings):
    settings.EMAIL_TIMEOUT = 1

    taken = live(server, team, moods=[(72, 72, "slow")], days=4)

    assert when(taken, "slow@example.com", "Cancel") == ["Thu 05 12", "Thu 05 15"]


def test_both_copies_bear_the_same_id(server, team):
    ids = []
    server.taken = Remembering(ids)

    live(server, team, moods=[(72, 72, "drops")], days=4)

    assert len(ids) == 3  # the digest and twice the reminder
    assert len(set(ids)) == 2


class Remembering(list):
    def __init__(self, ids):
        super().__init__()
        self.ids = ids

    def append(self, message):
        self.ids.append(message["Message-ID"])
        super().append(message)


def test_whoever_is_refused_for_good_is_asked_once(server, team):
    live(server, team, moods=[(72, 72, "refuses")], days=4)

    refused = Notice.objects.get(to="slow@example.com")
    assert (refused.failure_code, refused.next_try_at) == ("refused", None)


# The hours -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-02 09:00", "2026-11-02 09:00"),
        ("2026-11-02 16:59", "2026-11-02 16:59"),
        ("2026-11-02 17:00", "2026-11-03 09:00"),
        ("2026-11-02 03:00", "2026-11-02 09:00"),
        ("2026-11-06 18:00", "2026-11-09 09:00"),
        ("2026-11-08 12:00", "2026-11-09 09:00"),
        ("2026-10-24 12:00", "2026-10-26 09:00"),  # the clocks go back in between
        ("2026-03-28 12:00", "2026-03-30 09:00"),  # and forth
    ],
)
def test_when_work_begins_next(now, expected):
    asked = datetime.fromisoformat(now).replace(tzinfo=BERLIN)

    found = reminders.next_working_hour(asked, BERLIN)

    assert found.astimezone(BERLIN).strftime("%Y-%m-%d %H:%M") == expected
