"""Who gets what at every address: one row a URL pattern; a pattern without a row fails.

The letters stand for the answers to GET and POST: `o` something for them, `s` led to sign-in,
`.` not there, `x` no such method.
"""

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.urls import URLResolver, get_resolver

from onboarding.models import Member
from tests.factories import make_founder, make_member, make_workspace

pytestmark = pytest.mark.django_db

# stranger, member, founder: GET and POST each
MATRIX = {
    "overview":                  "ss  ox  ox",
    "healthz":                   "ox  ox  ox",
    "metrics":                  ".x  .x  .x",
    "status":                   "ss  ..  ox",
    "status-banner":            "ss  ..  ox",
    "activity":                  "ss  ..  ox",
    "activity-export":           "ss  ..  ox",
    "sandbox-sign-in":           "x.  x.  x.",
    "one-time-link":             "oo  oo  oo",
    "account_email":             "..  ..  ..",
    "mfa_activate_totp":         "ss  oo  oo",
    "confirm":                   "ss  oo  oo",
    "confirm-go-on":             "ss  ox  ox",
    "session-end":               "ss  x.  x.",
    "people":                    "ss  ..  oo",
    "people-remove":             "ss  ..  x.",
    "people-sign-out":           "ss  ..  x.",
    "notices":                   "ss  ..  oo",
    "webhook":                   "ss  ..  ..",
    "webhook-test":              "ss  ..  x.",
    "webhook-switch":            "ss  ..  x.",
    "webhook-again":             "ss  ..  x.",
    "webhook-secret":            "ss  ..  x.",
    "webhook-remove":            "ss  ..  x.",
    "onboarding:access":            "ss  ..  oo",
    "onboarding:access-read":       "ss  ..  xo",
    "onboarding:access-set":        "ss  ..  x.",
    "onboarding:access-assignment": "ss  ..  x.",
    "onboarding:team":           "ss  ..  oo",
    "onboarding:team-export":    "ss  ..  ox",
    "onboarding:bulk":           "ss  ..  xo",
    "onboarding:bulk-offboard":  "ss  ..  oo",
    "onboarding:member":         "ss  ..  ox",
    "onboarding:member-plan":    "ss  ..  xo",
    "onboarding:member-rename":  "ss  ..  xo",
    "onboarding:member-remove":  "ss  ..  xo",
    "onboarding:member-retry":   "ss  ..  xo",
    "onboarding:member-resend":  "ss  ..  xo",
    "onboarding:invitation":     "oo  oo  oo",
    "onboarding:checklist":      "ss  ox  .x",
    "onboarding:tick-step":      "ss  xo  x.",
    "billing:spend":             "ss  ..  ox",
    "billing:spend-export":      "ss  ..  ox",
    "billing:spend-refresh":     "ss  ..  xo",
    "billing:credits":           "ss  ..  oo",
    "billing:credits-read":      "ss  ..  xo",
    "billing:grant":             "ss  ..  ..",
    "billing:grant-remove":      "ss  ..  x.",
    "billing:alert-seen":        "ss  ..  x.",
    "billing:budget":            "ss  ..  xo",
    "billing:seats":             "ss  ..  ox",
    "billing:seats-export":      "ss  ..  ox",
    "billing:idle":              "ss  ..  oo",
    "billing:idle-mail":         "ss  ..  oo",
    "billing:plan-fit":          "ss  ..  ox",
    "billing:activation":        "ss  ..  ox",
    "billing:report-files":      "ss  ..  ox",
    "member-data":               "ss  ..  ox",
    "own-data":                  "ss  ox  .x",
    "onboarding:drift":          "ss  ..  ox",
    "onboarding:drift-check":    "ss  ..  xo",
    "onboarding:drift-adopt":    "ss  ..  x.",
    "onboarding:drift-ignore":   "ss  ..  x.",
    "onboarding:drift-repair":   "ss  ..  x.",
    "onboarding:import":         "ss  ..  oo",
    "onboarding:import-batch":   "ss  ..  .x",
    "onboarding:import-confirm": "ss  ..  x.",
    "onboarding:import-pause":   "ss  ..  x.",
    "onboarding:import-resume":  "ss  ..  x.",
    "onboarding:import-result":  "ss  ..  .x",
    "onboarding:plans":              "ss  ..  o.",
    "onboarding:setup":              "ss  ..  ox",
    "onboarding:setup-preflight":    "ss  ..  xo",
    "onboarding:setup-confirm":      "ss  ..  xo",
    "onboarding:setup-aws":          "ss  ..  oo",
    "onboarding:setup-troubleshoot": "ss  oo  oo",
    "onboarding:setup-settle":       "ss  ..  x.",
    "onboarding:setup-policy":       "ss  ..  ox",
    "onboarding:help":              "ss  oo  ..",
    "onboarding:help-requests":     "ss  ..  ox",
    "onboarding:help-answer":       "ss  ..  x.",
    "onboarding:step-notes":        "ss  ..  oo",
    "onboarding:reminders":         "ss  ..  oo",
    "onboarding:member-reminders":  "ss  ..  xo",
    "onboarding:reminders-stop":    "oo  oo  oo",
}  # fmt: skip
ARGUMENTS = {"pk": None, "slug": "activate", "token": "no-token"}


def patterns(resolver=None, namespace=""):
    """Every named pattern of ours; allauth's have their own tests."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            if "allauth" not in str(entry.urlconf_name):
                inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
                yield from patterns(entry, inner)
        else:
            yield f"{namespace}{entry.name}", entry


def test_every_address_has_a_row():
    assert {name for name, _ in patterns()} == set(MATRIX)


@pytest.fixture
def target():
    """The member whom the paths are about."""
    make_workspace()
    return make_member()


def browser_of(role):
    client = Client()
    if role == "member":
        client.force_login(make_member().user)
    if role == "founder":
        client.force_login(make_founder())
    return client


def path_of(name, target):
    from django.urls import reverse

    entry = dict(patterns())[name]
    names = entry.pattern.converters
    values = {key: target.pk if key == "pk" and "token" not in names else "x" for key in names}
    if "slug" in names:
        values["slug"] = "activate"
    return reverse(name, kwargs=values)


def letter(response):
    if response.status_code == 405:
        return "x"
    if response.status_code == 404:
        return "."
    if response.status_code == 302 and response.url.startswith("/accounts/login/"):
        return "s"
    return "o" if response.status_code < 500 else "!"


@pytest.mark.parametrize("name", MATRIX)
def test_access(target, name):
    path = path_of(name, target)

    answers = [_letters(browser_of(role), path) for role in ("stranger", "member", "founder")]

    assert answers == MATRIX[name].split()


def _letters(client, path):
    return letter(client.get(path)) + letter(client.post(path))


def test_other_methods_do_nothing(target):
    client, before = browser_of("founder"), list(Member.objects.values())

    statuses = {
        (name, method): getattr(client, method)(path_of(name, target)).status_code
        for name in MATRIX
        for method in ("put", "delete", "patch")
    }
    for name in MATRIX:
        client.options(path_of(name, target))

    assert {key: status for key, status in statuses.items() if status not in {404, 405}} == {}
    assert list(Member.objects.values()) == before


def test_a_deactivated_founder_is_a_stranger(client, target):
    founder = make_founder()
    client.force_login(founder)
    founder.is_active = False
    founder.save()

    answers = {name: _letters(client, path_of(name, target)) for name in MATRIX}

    assert answers == {name: row.split()[0] for name, row in MATRIX.items()}
    assert client.session[SESSION_KEY] == str(founder.pk)  # each time it was theirs


def test_every_unsafe_method_needs_the_token(target):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_founder())

    statuses = {name: strict.post(path_of(name, target)).status_code for name in MATRIX}

    assert {name: status for name, status in statuses.items() if status not in {403, 405}} == {}
