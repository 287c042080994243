"""Idle seats: who counts as one, for how much, and what a founder can do about it."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from billing.models import IdleRules, ReportFile
from billing.usage import freshness, idle, nudges
from onboarding.models import Member, ReminderStop
from portal.mailing import notices
from portal.models import AuditEvent, Notice
from tests.billing.factories import make_report_file, make_reports, make_usage
from tests.factories import make_founder, make_member, make_queued, make_workspace

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LAST_REPORT = date(2026, 11, 21)
LONG_AGO = datetime(2026, 6, 1, tzinfo=UTC)
PAGE = "/spend/seats/idle/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def read():
    """Reports of the last two months were read."""
    make_reports(start=LAST_REPORT - timedelta(days=60), end=LAST_REPORT)


def idle_members():
    return list(idle.members(idle.gauge(freshness.load(), today=NOW.date())))


def quiet_for(days, **fields):
    member = make_member(**{"invited_at": LONG_AGO, **fields})
    make_usage(member, LAST_REPORT - timedelta(days=days))
    return member


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.text))


def test_nobody_is_idle_by_reports_that_are_not_summed_up_yet(read):
    quiet_for(50)
    ReportFile.objects.update(is_summed=False)

    assert idle_members() == []


def test_nor_on_the_overview(read, founders_browser):
    quiet_for(50)
    ReportFile.objects.update(is_summed=False)

    assert "idle" not in words(founders_browser.get("/"))


# Who ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "is_idle"), [(0, False), (13, False), (14, True), (50, True)])
def test_fourteen_days_without_activity_are_idle(read, days, is_idle):
    member = quiet_for(days)

    assert idle_members() == ([member] if is_idle else [])


def test_who_never_worked_is_idle_too(read):
    member = make_member(invited_at=LONG_AGO)

    assert idle_members() == [member]


@pytest.mark.parametrize(("days", "is_idle"), [(6, False), (7, False), (8, True)])
def test_nobody_is_idle_within_the_grace_after_the_invitation(read, days, is_idle):
    member = make_member(invited_at=NOW - timedelta(days=days))

    assert idle_members() == ([member] if is_idle else [])


def test_a_seat_without_an_invitation_counts_from_when_it_was_asked_for(read):
    member = make_member(invited_at=None, seat_requested_at=LONG_AGO)
    make_member(invited_at=None, seat_requested_at=NOW)

    assert idle_members() == [member]


def test_without_a_seat_nobody_is_idle(read):
    make_queued(invited_at=LONG_AGO)
    make_member(invited_at=LONG_AGO, status=Member.Status.LEAVING)
    make_member(invited_at=LONG_AGO, status=Member.Status.REMOVED)

    assert idle_members() == []


def test_reports_that_stay_away_make_nobody_idle(read):
    quiet_for(2)

    with time_machine.travel(NOW + timedelta(days=30)):
        assert idle_members() == []


def test_too_few_reports_cannot_tell(client):
    make_report_file(day=LAST_REPORT - timedelta(days=13))
    make_report_file(day=LAST_REPORT)
    make_member(invited_at=LONG_AGO)
    client.force_login(make_founder())

    text = words(client.get(PAGE))

    assert idle_members() == []
    assert "The reports begin on 8 Nov. With 14 days of them, the portal can tell" in text


def test_the_rules_can_be_changed(founders_browser, read):
    member = quiet_for(5)

    founders_browser.post(PAGE, {"after_days": "5", "grace_days": "0"})

    assert idle_members() == [member]
    event = AuditEvent.objects.get(action="idle.rules_changed")
    assert event.detail == {"after_days": 5, "grace_days": 0}


def test_the_same_rules_again_are_no_change(founders_browser):
    founders_browser.post(PAGE, {"after_days": "14", "grace_days": "7"})

    assert not AuditEvent.objects.filter(action="idle.rules_changed").exists()


@pytest.mark.parametrize("days", ["0", "-1", "366", "x", "", "9" * 30])
def test_nonsense_is_no_rule(founders_browser, days):
    answer = founders_browser.post(PAGE, {"after_days": days, "grace_days": "7"})

    assert answer.status_code == 422
    assert not IdleRules.objects.exists()


# In money ----------------------------------------------------------------------------------------


def test_seats_are_bought_used_and_idle_in_money(read):
    quiet_for(1)
    quiet_for(20)
    make_member(invited_at=LONG_AGO, plan="power")
    make_member(invited_at=NOW)

    (seats,) = idle.seats(idle.gauge(freshness.load(), today=NOW.date()))

    assert (seats.bought, seats.used, seats.idle) == (4, 1, 2)
    assert (seats.price, seats.idle_price) == (Decimal(320), Decimal(240))


def test_the_page_names_them_the_dearest_first(founders_browser, read):
    quiet_for(20, given_name="Ines", family_name="Duarte")
    make_member(invited_at=LONG_AGO, plan="power", given_name="Never", family_name="There")

    text = words(founders_browser.get(PAGE))

    assert "2 idle seats, $240.00 a month" in text
    assert "1 of them never worked with Kiro at all" in text
    assert re.search(
        r"Never There .* Power \$200.00 never, .* Ines Duarte .* Pro\+ \$40.00 1 Nov, 20 days before",
        text,
    )


def test_nobody_idle_says_so(founders_browser, read):
    quiet_for(1)

    assert "Every seat is used" in words(founders_browser.get(PAGE))


# Offboarding ---------------------------------------------------------------------------------------


def test_one_click_leads_to_the_reviewed_list(founders_browser, read):
    member = quiet_for(20)

    page = founders_browser.get(PAGE).text
    review = founders_browser.get("/team/offboard/", {"member": member.pk})

    assert 'formaction="/team/offboard/"' in page
    assert f'name="member" value="{member.pk}"' in page
    assert "Nothing has happened yet" in review.text


# The mail ------------------------------------------------------------------------------------------


def test_the_mail_is_seen_before_it_goes(founders_browser, read):
    member = quiet_for(20)

    text = words(founders_browser.get(f"{PAGE}mail/", {"member": member.pk}))

    assert "Nothing has been sent yet. The button below sends 1 mail." in text
    assert f"Hello {member.given_name}, you last used Kiro at Northwind Labs on 1 Nov." in text
    assert "/reminders/" not in text
    assert not Notice.objects.exists()


def test_then_it_goes_into_the_outbox_with_its_event(founders_browser, founder, read):
    member = quiet_for(20)

    founders_browser.post(f"{PAGE}mail/", {"member": member.pk})

    notice = Notice.objects.get()
    assert (notice.kind, notice.to, notice.about) == (
        "idle-seat",
        member.email,
        f"member:{member.pk}",
    )
    event = AuditEvent.objects.get(action="seat.asked_about")
    assert (event.subject, event.actor) == (f"member:{member.pk}", founder.email)


def test_nobody_is_asked_twice_about_the_same_silence(founders_browser, read):
    member = quiet_for(20)

    for _ in range(2):
        founders_browser.post(f"{PAGE}mail/", {"member": member.pk})

    assert (
        Notice.objects.count() == AuditEvent.objects.filter(action="seat.asked_about").count() == 1
    )
    assert "not: was asked on 22 Nov" in words(
        founders_browser.get(f"{PAGE}mail/", {"member": member.pk})
    )


def test_another_silence_is_another_question(founders_browser, read):
    member = quiet_for(40)
    founders_browser.post(f"{PAGE}mail/", {"member": member.pk})
    make_usage(member, LAST_REPORT - timedelta(days=20))

    founders_browser.post(f"{PAGE}mail/", {"member": member.pk})

    assert Notice.objects.count() == 2


def test_who_wants_no_reminders_gets_none(founders_browser, read):
    member = quiet_for(20)
    ReminderStop.objects.create(member=member, stopped_at=NOW)

    founders_browser.post(f"{PAGE}mail/", {"member": member.pk})

    assert not Notice.objects.exists()


def test_who_is_not_idle_is_not_asked(founders_browser, read):
    founders_browser.post(f"{PAGE}mail/", {"member": quiet_for(1).pk})

    assert not Notice.objects.exists()


@pytest.mark.parametrize("pk", ["x", "-1", "9" * 30, "\0", ""])
def test_nonsense_is_nobody(founders_browser, read, pk):
    assert "Nobody is chosen" in founders_browser.get(f"{PAGE}mail/", {"member": pk}).text
    assert founders_browser.post(f"{PAGE}mail/", {"member": pk}).status_code == 302


def a_question(read):
    make_workspace()
    member = quiet_for(20)
    nudges.send(idle_members(), actor=make_founder())
    return member, Notice.objects.get()


def test_the_letter_has_a_way_on_and_a_way_out(read):
    _, notice = a_question(read)

    letter = nudges.render(notice)

    assert letter.subject == "Your Kiro seat at Northwind Labs"
    assert "/checklist/" in letter.text
    assert "/reminders/" in letter.html


def test_who_has_worked_meanwhile_is_not_written_to(read):
    member, notice = a_question(read)
    make_usage(member, LAST_REPORT)

    with pytest.raises(notices.Obsolete):
        nudges.render(notice)


@pytest.mark.parametrize("status", ["leaving", "removed"])
def test_who_leaves_is_not_written_to(read, status):
    member, notice = a_question(read)
    Member.objects.filter(pk=member.pk).update(status=status)

    with pytest.raises(notices.Obsolete):
        nudges.render(notice)
