"""A row in the activity report proves that a member works under the organization, and on which plan."""

from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from django.utils import timezone

from billing.models import ReportFile, UsageDay
from billing.usage import months, proofs
from onboarding.models import Member, Step
from onboarding.reminding import digest
from onboarding.steps import checklist, evidence
from onboarding.steps.verification import Verdict
from onboarding.team import explanations
from portal.models import AuditEvent, Notice
from tests.factories import make_founder, make_member, make_workspace

pytestmark = pytest.mark.django_db

NOW = timezone.now()
YESTERDAY = NOW.date() - timedelta(days=1)
LONG_AGO = NOW - timedelta(days=70)


@pytest.fixture
def report():
    file = ReportFile.objects.create(
        bucket="b", key="k", etag="e", report_date=YESTERDAY, client="KIRO_IDE", written_at=NOW
    )

    def has(member, *, day=YESTERDAY, tier="proplus"):
        UsageDay.objects.create(
            day=day,
            directory_user_id=member.directory_user_id,
            client="KIRO_IDE",
            tier=tier,
            file=file,
        )
        months.rebuild({day})

    return has


def member(**fields):
    values = {"added_at": LONG_AGO, "invited_at": LONG_AGO, "seat_requested_at": LONG_AGO, **fields}
    return make_member(**values)


def seen(one):
    return {record.step for record in one.steps.all() if record.seen_at}


def test_a_row_confirms_sign_in_plan_and_seat(report):
    one = member()
    report(one)

    proofs.apply()

    one.refresh_from_db()
    assert seen(one) == {Step.ORG_SIGN_IN, Step.VERIFY_PLAN}
    assert one.steps.get(step=Step.VERIFY_PLAN).evidence == evidence.WORKED
    assert one.seat_state == "confirmed"
    assert one.last_activity_at == datetime.combine(YESTERDAY, time(), UTC)


def test_the_same_report_once_more_writes_nothing(report, django_assert_max_num_queries):
    report(member())
    proofs.apply()
    events = AuditEvent.objects.count()

    with django_assert_max_num_queries(6) as asked:
        assert proofs.apply() == 0

    assert AuditEvent.objects.count() == events
    assert not [query for query in asked.captured_queries if "UPDATE" in query["sql"]]


def test_another_tier_is_trouble_and_says_which(report):
    one = member(done=5, verdict=Verdict.RIGHT)
    report(one, tier="pro")

    proofs.apply()

    one.refresh_from_db()
    assert (one.trouble, one.status) == (Member.Trouble.WRONG_PLAN, Member.Status.INVITED)
    assert explanations.of(one).startswith("Pays Pro+, works on Pro: ")
    assert seen(one) == set()
    assert AuditEvent.objects.filter(action="plan.seen_wrong").count() == 1


def test_the_right_tier_afterwards_settles_it(report):
    one = member(done=4)
    report(one, tier="pro", day=YESTERDAY - timedelta(days=1))
    proofs.apply()
    Member.objects.update(verdict_at=NOW - timedelta(days=2))

    report(one, tier="proplus")
    proofs.apply()

    one.refresh_from_db()
    assert (one.verdict, one.trouble) == (Verdict.RIGHT, "")
    assert Step.VERIFY_PLAN in seen(one)


@pytest.mark.parametrize(
    ("asked_days_ago", "tier", "why"),
    [
        (1, "pro", "the seat may take a day"),
        (70, "somethingnew", "nobody here knows this tier"),
        (70, "", "the report has no tier"),
    ],
)
def test_no_word_of_a_wrong_plan_when(report, asked_days_ago, tier, why):
    one = member(seat_requested_at=NOW - timedelta(days=asked_days_ago))
    report(one, tier=tier)

    proofs.apply()

    one.refresh_from_db()
    assert one.trouble != Member.Trouble.WRONG_PLAN, why
    assert seen(one) == {Step.ORG_SIGN_IN}


def test_a_dearer_tier_may_last_until_the_end_of_the_month(report):
    first = YESTERDAY.replace(day=1)
    one = member(plan="pro", seat_requested_at=datetime.combine(first, time(), UTC))
    report(one, tier="proplus")

    proofs.apply()

    one.refresh_from_db()
    assert one.trouble != Member.Trouble.WRONG_PLAN


def test_what_the_member_compared_since_is_the_newer_word(report):
    one = member(verdict=Verdict.RIGHT, verdict_at=NOW)
    report(one, tier="pro")

    proofs.apply()

    one.refresh_from_db()
    assert one.verdict == Verdict.RIGHT


@pytest.mark.parametrize("origin", ["created", "adopted"])
def test_a_row_from_before_somebody_came_to_the_team_is_theirs_all_the_same(report, origin):
    one = member(added_at=NOW, origin=origin)
    report(one, day=YESTERDAY)

    proofs.apply()

    assert seen(one) == {Step.ORG_SIGN_IN, Step.VERIFY_PLAN}


def test_who_works_is_no_contradiction(report):
    one = member()
    report(one)
    proofs.apply()
    reading = type("Reading", (), {"read_from": LONG_AGO, "read_to": NOW})
    checklist.tick(one, Step.ACTIVATE, by=make_founder())
    one.steps.filter(step=Step.ACTIVATE).update(told_at=NOW - timedelta(days=10))

    assert not evidence.is_contradicted(one, list(one.steps.all()), None, reading)


def test_who_has_left_or_is_unknown_is_passed_over(report):
    gone = member(status=Member.Status.REMOVED)
    report(gone)

    assert proofs.apply() == 0


def test_without_the_report_the_general_words_stand():
    one = member(verdict=Verdict.WRONG_PLAN, trouble=Member.Trouble.WRONG_PLAN)

    assert "another plan" in explanations.of(one)


# Many at once ----------------------------------------------------------------------------------


@pytest.fixture
def on_the_wrong_plan(report):
    """So many members for whom the report names another plan."""

    def make(count):
        for _ in range(count):
            report(member(), tier="pro")
        proofs.apply()

    return make


@pytest.mark.parametrize("path", ["/team/", "/"])
def test_a_page_costs_the_same_queries_for_one_and_for_thirty(
    client, on_the_wrong_plan, queries_of, path
):
    make_workspace()
    client.force_login(make_founder())

    on_the_wrong_plan(1)
    with_one = queries_of(lambda: client.get(path))
    on_the_wrong_plan(29)

    assert queries_of(lambda: client.get(path)) == with_one


def test_the_board_says_which_plan_it_is(client, on_the_wrong_plan):
    make_workspace()
    client.force_login(make_founder())
    on_the_wrong_plan(2)

    page = client.get("/team/").content.decode()

    assert page.count("Pays Pro+, works on Pro: the activity report of") >= 2


def test_the_digest_costs_the_same_queries_for_one_and_for_ten(on_the_wrong_plan, queries_of):
    make_workspace()
    monday = datetime(2026, 11, 2, 10, tzinfo=UTC)
    notice = Notice(kind=digest.KIND, key=f"digest:w:{make_founder().pk}", created_at=NOW)

    with time_machine.travel(monday):
        on_the_wrong_plan(1)
        with_one = queries_of(lambda: digest.render(notice))
        on_the_wrong_plan(9)

        assert queries_of(lambda: digest.render(notice)) == with_one


@pytest.mark.both_databases
def test_either_database_knows_which_plan_it_is(report):
    one = member(trouble=Member.Trouble.WRONG_PLAN)
    report(one, tier="pro")

    assert explanations.of(one).startswith("Pays Pro+, works on Pro: ")
