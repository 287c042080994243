"""Every page there is, for whoever may open it: for everyone, on a phone, without scripts too.

The address map is walked: a new address needs its line in PAGES or in NO_PAGES.
"""

import re

import pytest
from django.template.loader import render_to_string
from django.urls import URLResolver, get_resolver, reverse

from tests.support import looking
from tests.support.visits import enter

pytestmark = pytest.mark.processes
long = pytest.mark.long

ROLES = {"f": "the founder", "m": "a member", "n": None}
PHONE = {"width": 360, "height": 740}

# Who sees a page there: founder, member, nobody signed in.
PAGES = {
    "overview": "f",
    "status": "f",
    "activity": "f",
    "people": "f",
    "notices": "f",
    "webhook": "f",
    "one-time-link": "n",
    "onboarding:access": "f",
    "onboarding:team": "f",
    "onboarding:drift": "f",
    "onboarding:bulk-offboard": "f",
    "onboarding:import": "f",
    "onboarding:import-batch": "f",
    "onboarding:member": "f",
    "onboarding:plans": "f",
    "onboarding:invitation": "n",
    "onboarding:checklist": "m",
    "onboarding:help": "m",
    "onboarding:help-requests": "f",
    "onboarding:step-notes": "f",
    "onboarding:reminders": "f",
    "onboarding:reminders-stop": "n",
    "onboarding:setup": "f",
    "onboarding:setup-aws": "f",
    "onboarding:setup-troubleshoot": "fm",
    "billing:spend": "f",
    "billing:credits": "f",
    "billing:grant": "f",
    "billing:seats": "f",
    "billing:idle": "f",
    "billing:idle-mail": "f",
    "billing:plan-fit": "f",
    "billing:activation": "f",
    "billing:report-files": "f",
    "account_login": "n",
    "account_signup": "n",
    "account_inactive": "n",
    "account_reset_password": "n",
    "account_reset_password_done": "n",
    "account_logout": "f",
    "account_set_password": "f",
    "mfa_index": "fm",
    "mfa_activate_totp": "f",
    "mfa_add_webauthn": "f",
    "mfa_list_webauthn": "f",
    "mfa_generate_recovery_codes": "f",
    "usersessions_list": "fm",
}
# What shows no page of its own: answers to a form, parts of a page, files, ways through.
NO_PAGES = {
    "healthz", "metrics", "status-banner", "activity-export", "member-data", "own-data", "sandbox-sign-in",
    "account_email", "confirm", "confirm-go-on", "session-end", "people-remove", "people-sign-out", "webhook-test",
    "webhook-switch", "webhook-again", "webhook-secret", "webhook-remove", "onboarding:access-read",
    "onboarding:access-set", "onboarding:access-assignment", "onboarding:team-export", "onboarding:drift-check",
    "onboarding:drift-adopt", "onboarding:drift-ignore", "onboarding:drift-repair", "onboarding:bulk",
    "onboarding:import-confirm", "onboarding:import-pause", "onboarding:import-resume", "onboarding:import-result",
    "onboarding:member-plan", "onboarding:member-rename", "onboarding:member-remove", "onboarding:member-retry",
    "onboarding:member-resend", "onboarding:help-answer", "onboarding:member-reminders", "onboarding:tick-step",
    "onboarding:setup-preflight", "onboarding:setup-confirm", "onboarding:setup-settle", "onboarding:setup-policy",
    "billing:spend-export", "billing:spend-refresh", "billing:budget", "billing:alert-seen", "billing:credits-read",
    "billing:grant-remove", "billing:seats-export",
    "account_confirm_login_code",  # has a test of its own: a code has to be asked for first
    # allauth's: not there, led elsewhere, or only with what the sample company's people lack
    "account_reauthenticate", "account_email_verification_sent", "account_confirm_email",
    "account_request_login_code", "account_change_password", "account_reset_password_from_key",
    "account_reset_password_from_key_done", "mfa_authenticate", "mfa_reauthenticate", "mfa_login_webauthn",
    "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_download_recovery_codes", "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn", "mfa_edit_webauthn",
}  # fmt: skip

VISITS = [(role, name) for name, roles in PAGES.items() for role in roles]
EACH_TIME = {
    "account_login", "onboarding:team", "onboarding:import-batch", "onboarding:checklist", "onboarding:setup", "billing:spend",
}  # fmt: skip
"""Frame, forms, tables, charts and notes as most pages have them; the other pages wait for `--long`."""
VISITED = [pytest.param(*visit, marks=() if visit[1] in EACH_TIME else long) for visit in VISITS]
KEYS = {"pk": 1, "token": "no-token"}
QUERIES = {"onboarding:bulk-offboard": "?member=1&member=2", "billing:idle-mail": "?member=9"}


def patterns(resolver=None, namespace=""):
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from patterns(entry, inner)
        else:
            yield f"{namespace}{entry.name}", entry


def path_of(name):
    keys = dict(patterns())[name].pattern.converters
    return reverse(name, kwargs={key: KEYS[key] for key in keys}) + QUERIES.get(name, "")


@pytest.fixture(scope="module")
def visitors(browser, portal_process):
    """Of each role one at a desk, and one with a phone that runs no scripts."""
    made = {role: _pair(browser, portal_process.url, who) for role, who in ROLES.items()}
    _fill(made["f"][0])
    yield made
    for pair in made.values():
        for page in pair:
            page.context.close()


def _pair(browser, url, who):
    desk = browser.new_context(base_url=url, reduced_motion="reduce").new_page()
    phone = browser.new_context(base_url=url, viewport=PHONE, java_script_enabled=False).new_page()
    if who:
        enter(desk, who)
        enter(phone, who)
    return desk, phone


def _fill(founder):
    """What the sample company lacks: a list that waits, a webhook, a grant somebody typed."""
    founder.goto(reverse("onboarding:import"))
    founder.locator("#id_text").fill(
        "email,name\nnew@northwind.example,New One\nno address,Old Two"
    )
    founder.get_by_role("button", name="Show what would happen").click()
    founder.goto(reverse("notices"))
    founder.locator("#id_name").fill("Ops channel")
    founder.locator("#id_url").fill("https://hooks.example.com/portal")
    founder.get_by_role("button", name="Add webhook").click()
    founder.goto(reverse("billing:credits"))
    founder.get_by_text("Type a grant in").click()
    founder.locator("#id_name").fill("Typed in")
    founder.locator("#id_amount").fill("100")
    founder.locator("#id_starts_on").fill("2026-01-01")
    founder.locator("#id_expires_on").fill("2030-01-01")
    founder.get_by_role("button", name="Add the grant").click()


@pytest.fixture(scope="module")
def paths(visitors):
    """Where each page is; the one grant that can be changed is the one that was typed in."""
    desk, _ = visitors["f"]
    desk.goto(reverse("billing:credits"))
    typed = desk.get_by_role("link", name="Change Typed in").get_attribute("href")
    return {**{name: path_of(name) for name in PAGES}, "billing:grant": typed}


def test_every_address_is_in_one_of_the_two_lists():
    assert {name for name, _ in patterns()} == {*PAGES, *NO_PAGES}


@pytest.mark.parametrize(("role", "name"), VISITED)
def test_anybody_can_use_it(visitors, paths, role, name):
    desk, _ = visitors[role]

    answer = desk.goto(paths[name])

    assert answer.status == 200
    assert looking.barriers(desk) == []


@pytest.mark.parametrize(("role", "name"), VISITED)
def test_on_a_phone_without_scripts_nothing_is_missing(visitors, paths, role, name):
    _, phone = visitors[role]

    phone.goto(paths[name])

    assert looking.beyond_the_screen(phone) == []
    assert looking.forms_without_a_button(phone) == []


@long
@pytest.mark.parametrize("role", ROLES)
def test_titles_and_headings_tell_pages_apart(visitors, paths, role):
    desk, _ = visitors[role]
    mine = [name for by, name in VISITS if by == role]

    titles = [_title(desk.request.get(paths[name]).text()) for name in mine]

    assert len(set(titles)) == len(mine)
    assert "" not in titles


def _title(html):
    assert len(re.findall(r"<h1[ >]", html)) == 1
    return re.search(r"<title>(.*?) ·", html)[1]


@long
@pytest.mark.parametrize("template", ["500.html", "503.html"])
def test_pages_of_last_resort(visitors, template):
    desk, _ = visitors["n"]
    desk.route(
        "**/last-resort/",
        lambda route: route.fulfill(body=render_to_string(template), content_type="text/html"),
    )

    desk.goto("/last-resort/")

    assert looking.barriers(desk) == []


@long
def test_the_page_for_the_mailed_code(visitors):
    desk, phone = visitors["n"]

    for page in (desk, phone):
        page.goto(reverse("account_login"))
        page.get_by_label("E-mail").first.fill("somebody@northwind.example")
        page.get_by_role("button", name="Mail me a code").click()
        page.get_by_role("heading", name="Type the code", level=1).wait_for()

    assert looking.barriers(desk) == []
    assert looking.beyond_the_screen(phone) == []
    assert looking.forms_without_a_button(phone) == []


@long
@pytest.mark.parametrize("role", ROLES)
def test_what_is_not_there(visitors, role):
    desk, _ = visitors[role]

    answer = desk.goto("/nothing-here/")

    assert answer.status == 404
    assert looking.barriers(desk) == []


@pytest.mark.parametrize(
    ("role", "name"), [("f", "onboarding:team"), ("m", "onboarding:checklist")]
)
def test_tab_reaches_everything_and_shows_where_it_is(visitors, paths, role, name):
    desk, _ = visitors[role]
    desk.goto(paths[name])
    controls = looking.controls(desk)

    reached, unseen = looking.tab_through(desk, most=len(controls) + 5)

    assert reached[0] == "Skip to the content"
    assert sorted(set(controls) - set(reached)) == []
    assert unseen == []
