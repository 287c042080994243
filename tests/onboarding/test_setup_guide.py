"""The guide: seven steps with verdicts; a founder's tick bears a name and a date."""

import pytest

from onboarding.models import SetupRun, SetupTick
from onboarding.setup import guide, progress, runs
from onboarding.setup.verdicts import Finding, Verdict
from portal.models import AuditEvent
from portal.watch import vital_signs
from tests.factories import make_founder, make_member, make_workspace

pytestmark = pytest.mark.django_db

URL = "/setup/"
CHECKS = ["credentials", "credits", "instance", "store", "seat-group", "email-otp", "application",
          "subscribed", "refusals", "cost-explorer"]  # fmt: skip


@pytest.fixture
def founder(client):
    founder = make_founder(name="Helen Moss")
    client.force_login(founder)
    make_workspace(kiro_region="eu-central-1")
    return founder


def found(**verdicts):
    findings = [
        Finding(
            Verdict(verdicts.get(key.replace("-", "_"), "done")), f"{key} seen", key=key, title=key
        )
        for key in CHECKS
    ]
    runs.keep_preflight(findings)


def overview_says():
    return progress.of(vital_signs.company(progress.columns))


def confirm(client, fact, done="1"):
    return client.post("/setup/confirm/", {"fact": fact, "done": done})


def test_before_any_preflight_nothing_is_claimed(client, founder):
    page = client.get(URL).content.decode()

    assert "0 of 7 steps done" in page
    assert "Not checked" in page


def test_there_are_the_seven_steps_and_the_prerequisites():
    assert [step.number for step in guide.read().steps] == list(range(8))


@pytest.mark.parametrize(
    ("access", "is_linked"), [("manage", True), ("read", True), ("off", False)]
)
def test_permission_sets_can_be_looked_at_here_where_the_portal_reads_them(
    client, founder, settings, access, is_linked
):
    settings.ACCESS = access

    page = client.get("/setup/").content.decode()

    assert ("or here on" in page) is is_linked
    assert ('<a href="/access/">the Access page</a>' in page) is is_linked


def test_links_have_their_region_in_them(client, founder):
    page = client.get(URL).content.decode()

    assert "us-east-1.console.aws.amazon.com/singlesignon" in page
    assert "eu-central-1.console.aws.amazon.com/kiro" in page


def test_all_done_is_seven_of_seven(client, founder):
    found()
    make_member(done=5)
    for fact in SetupTick.Fact:
        confirm(client, fact)

    assert overview_says() == guide.Progress(7, 7, "")


def test_the_overview_is_told_what_is_next(client, founder):
    found()

    assert overview_says().next_title == "Look at permission sets"


@pytest.mark.both_databases
@pytest.mark.parametrize("red", ["instance", "seat_group", "subscribed", "cost_explorer"])
def test_the_overview_and_the_guide_agree(client, founder, red):
    found(**{red: "failed"})
    make_member(done=5)
    confirm(client, "permission-sets")
    confirm(client, "email-otp")

    assert overview_says() == guide.progress(guide.read().steps)


@pytest.mark.both_databases
def test_an_empty_portal_has_nothing_done():
    assert overview_says() == guide.progress(guide.read().steps)


def test_a_red_check_is_its_steps_verdict(client, founder):
    found(application="failed")

    assert guide.read().steps[5].verdict == Verdict.FAILED


def test_a_tick_bears_name_and_date(client, founder):
    found(email_otp="cannot-tell")
    confirm(client, "email-otp")

    page = client.get(URL).content.decode()
    assert "Confirmed by Helen Moss on" in page
    assert guide.read().steps[4].verdict == Verdict.DONE


def test_a_tick_can_be_taken_back(client, founder):
    found(email_otp="cannot-tell")
    confirm(client, "email-otp")
    confirm(client, "email-otp", done="0")

    assert guide.read().steps[4].verdict == Verdict.CANNOT_TELL
    assert AuditEvent.objects.filter(action="setup.unconfirmed").count() == 1


def test_two_clicks_are_one_tick(client, founder):
    confirm(client, "email-otp")
    confirm(client, "email-otp")

    assert SetupTick.objects.count() == 1
    assert AuditEvent.objects.filter(action="setup.confirmed").count() == 1


def test_nothing_of_another_name_can_be_ticked(client, founder):
    confirm(client, "everything")

    assert not SetupTick.objects.exists()


def test_the_preflight_is_asked_for_once(client, founder):
    client.post("/setup/preflight/")
    client.post("/setup/preflight/")

    assert SetupRun.objects.filter(kind="preflight").count() == 1


def test_while_it_is_under_way_the_page_asks_again(client, founder):
    client.post("/setup/preflight/")

    assert 'hx-trigger="every 2s"' in client.get(URL).content.decode()


def test_a_fragment_is_asked_for_by_htmx(client, founder):
    assert "<html" not in client.get(URL, headers={"HX-Request": "true"}).content.decode()


def test_the_support_text_is_on_the_page(client, founder):
    runs.keep_preflight(
        [Finding(Verdict.FAILED, "no", "ask", "", "Account id: 1234", "refusals", "AWS lets")]
    )

    assert "Account id: 1234" in client.get(URL).content.decode()


def test_the_number_of_queries_does_not_grow(client, founder, django_assert_max_num_queries):
    found()
    for _ in range(3):
        make_member()

    with django_assert_max_num_queries(20):
        client.get(URL)
