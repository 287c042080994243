"""Each address that takes a form: what was done leaves exactly one event, with who and from where."""

import pytest
from django.utils import timezone

from billing.models import Alert
from onboarding.models import Drift, HelpRequest, ImportBatch, UnknownError
from onboarding.reminding import reminders
from onboarding.team import invitations
from portal.models import AuditEvent
from portal.webhooks import hooks
from portal.webhooks.events import Event
from tests.billing.factories import make_grant
from tests.factories import get_plan, make_founder, make_member, make_queued, make_workspace
from tests.test_access_matrix import MATRIX, path_of

pytestmark = pytest.mark.django_db

GRANT = {
    "name": "Promotion", "amount": "4800", "starts_on": "2026-02-01", "expires_on": "2027-01-31",
    "products": "Kiro", "currency": "USD",
}  # fmt: skip
HOOK = {
    "name": "Ops", "kind": "json", "url": "https://hooks.example.com/x", "events": [Event.BUDGET],
}  # fmt: skip


def make_hook(by):
    return hooks.add(name="Ops", kind="json", url=HOOK["url"], events=[Event.BUDGET], by=by)


def make_stranger():
    return Drift.objects.create(
        kind="stranger", directory_user_id="user-dana", user_name="dana", email="dana@example.com",
        given_name="Dana", family_name="Whitfield", group_ids=["group-power"],
    )  # fmt: skip


def make_batch(client):
    client.post("/team/import/", {"text": "email,name\nada@example.com,Ada Lovelace\n"})
    return ImportBatch.objects.get()


def make_call(member):
    return HelpRequest.objects.create(member=member, step="activate", pasted="x")


def make_alert():
    return Alert.objects.create(kind="budget", key="k", text="t", raised_at=timezone.now())


# The address, by name → what is posted, and where to when the path is not the target's own. Each
# is given the browser, its founder and a member who is set up.
ACTS = {
    "people": lambda c, f, m: ({"email": "kim@example.com", "name": "Kim"}, ""),
    "people-remove": lambda c, f, m: ({}, f"/settings/people/{make_founder().pk}/remove/"),
    "notices": lambda c, f, m: (HOOK, ""),
    "webhook": lambda c, f, m: ({**HOOK, "name": "Other"}, f"/settings/notices/{make_hook(f).pk}/"),
    "webhook-switch": lambda c, f, m: ({"on": "0"}, f"/settings/notices/{make_hook(f).pk}/switch/"),
    "webhook-remove": lambda c, f, m: ({}, f"/settings/notices/{make_hook(f).pk}/remove/"),
    "onboarding:team": lambda c, f, m: ({"email": "kim@example.com", "given_name": "Kim", "family_name": "Lee", "plan": "pro"}, ""),
    "onboarding:bulk": lambda c, f, m: ({"member": m.pk, "action": "resend"}, ""),
    "onboarding:bulk-offboard": lambda c, f, m: ({"member": m.pk, "on": str(timezone.now().date())}, ""),
    "onboarding:member-plan": lambda c, f, m: ({"plan": "power"}, ""),
    "onboarding:member-rename": lambda c, f, m: ({"given_name": "Augusta", "family_name": "King"}, ""),
    "onboarding:member-remove": lambda c, f, m: ({}, ""),
    "onboarding:member-retry": lambda c, f, m: ({}, f"/team/{make_queued(status='failed', failure_code='x').pk}/retry/"),
    "onboarding:member-resend": lambda c, f, m: ({}, ""),
    "onboarding:invitation": lambda c, f, m: ({}, f"/invitation/{invitations.token_of(m)}/"),
    "billing:spend-refresh": lambda c, f, m: ({}, ""),
    "billing:credits": lambda c, f, m: (GRANT, ""),
    "billing:credits-read": lambda c, f, m: ({}, ""),
    "billing:grant": lambda c, f, m: (GRANT, f"/spend/credits/{make_grant().pk}/"),
    "billing:grant-remove": lambda c, f, m: ({}, f"/spend/credits/{make_grant().pk}/remove/"),
    "billing:alert-seen": lambda c, f, m: ({}, f"/spend/alerts/{make_alert().pk}/seen/"),
    "billing:budget": lambda c, f, m: ({"amount": "500"}, ""),
    "billing:idle": lambda c, f, m: ({"after_days": "20", "grace_days": "9"}, ""),
    "onboarding:drift-check": lambda c, f, m: ({}, ""),
    "onboarding:drift-adopt": lambda c, f, m: ({"plan": "power"}, f"/team/drift/{make_stranger().pk}/adopt/"),
    "onboarding:drift-ignore": lambda c, f, m: ({"reason": "a contractor"}, f"/team/drift/{make_stranger().pk}/ignore/"),
    "onboarding:import-confirm": lambda c, f, m: ({}, f"/team/import/{make_batch(c).pk}/confirm/"),
    "onboarding:setup-preflight": lambda c, f, m: ({}, ""),
    "onboarding:setup-confirm": lambda c, f, m: ({"fact": "email-otp", "done": "1"}, ""),
    "onboarding:setup-aws": lambda c, f, m: ({"action": "look"}, ""),
    "onboarding:setup-troubleshoot": lambda c, f, m: ({"text": "no such thing 123", "consent": "on"}, ""),
    "onboarding:setup-settle": lambda c, f, m: ({}, f"/setup/troubleshoot/{UnknownError.objects.create(text='x').pk}/settle/"),
    "onboarding:help-answer": lambda c, f, m: ({"answer": "Try again"}, f"/team/help/{make_call(m).pk}/"),
    "onboarding:step-notes": lambda c, f, m: ({"activate": "Ask Helen"}, ""),
    "onboarding:reminders": lambda c, f, m: ({"pause": "1"}, ""),
    "onboarding:member-reminders": lambda c, f, m: ({"stop": "1"}, ""),
    "onboarding:reminders-stop": lambda c, f, m: ({}, f"/reminders/{reminders.token_of(m)}/"),
}  # fmt: skip
BY_THE_MEMBER = {
    "onboarding:tick-step": ({"done": "1"}, "/checklist/activate/"),
    "onboarding:help": ({"step": "activate", "text": "stuck", "still": "1"}, "/checklist/help/"),
}
ELSEWHERE = {
    "one-time-link": "a sign-in is a line of the log: tests/portal/test_trace.py",
    "sandbox-sign-in": "the sandbox's door: nothing is there in production",
    "account_email": "switched off: nobody changes an address by themselves",
    "mfa_activate_totp": "tests/portal/test_second_factor.py",
    "confirm": "changes nothing but the session that asks",
    "session-end": "tests/portal/test_people.py",
    "people-sign-out": "tests/portal/test_people.py",
    "webhook-test": "tests/portal/test_notices_page.py",
    "webhook-again": "tests/portal/test_notices_page.py",
    "webhook-secret": "tests/portal/test_notices_page.py",
    "onboarding:access": "tests/onboarding/test_access_page.py",
    "onboarding:access-read": "tests/onboarding/test_access_page.py",
    "onboarding:access-set": "tests/onboarding/test_access_page.py",
    "onboarding:access-assignment": "tests/onboarding/test_access_page.py",
    "onboarding:import": "a draft for preview; nothing happens before it is confirmed",
    "onboarding:import-pause": "tests/onboarding/test_import_pages.py",
    "onboarding:import-resume": "tests/onboarding/test_import_pages.py",
    "onboarding:drift-repair": "tests/onboarding/test_drift.py",
    "onboarding:plans": "tests/onboarding/test_plans.py",
    "billing:idle-mail": "tests/billing/test_idle.py",
}


BOTH = {"onboarding:drift-adopt": ["drift.adopted", "member.added"]}
"""What happens to two things at once is an event of each."""


def test_every_address_that_takes_a_form_is_accounted_for():
    taking = {
        name for name, row in MATRIX.items() if any(part[1] != "x" for part in row.split()[1:])
    }
    refusing = {"metrics", "overview", "healthz"}

    founders = {name for name, row in MATRIX.items() if row.split()[2][1] in "o."} & taking
    assert founders - refusing - ACTS.keys() - BY_THE_MEMBER.keys() - ELSEWHERE.keys() == set()


@pytest.fixture
def target():
    make_workspace()
    for number, plan in enumerate(("pro", "pro-plus", "pro-max", "power")):
        seat = get_plan(plan)
        seat.seat_group_id = f"group-{number}" if plan != "power" else "group-power"
        seat.save()
    return make_member()


@pytest.mark.parametrize("name", list(ACTS))
def test_what_a_founder_does_is_one_event(client, target, name):
    founder = make_founder()
    client.force_login(founder)
    data, path = ACTS[name](client, founder, target)
    before = list(AuditEvent.objects.values_list("pk", flat=True))

    client.post(path or path_of(name, target), data, REMOTE_ADDR="203.0.113.9")

    events = list(AuditEvent.objects.exclude(pk__in=before).order_by("action"))
    assert [event.action for event in events] == BOTH.get(name, [events[0].action])
    assert {event.actor for event in events} <= {founder.email, target.email}
    assert {event.origin for event in events} == {"203.0.113.9"}


@pytest.mark.parametrize("name", list(BY_THE_MEMBER))
def test_what_a_member_does_is_one_event(client, target, name):
    client.force_login(target.user)
    data, path = BY_THE_MEMBER[name]

    client.post(path, data, REMOTE_ADDR="203.0.113.9")

    event = AuditEvent.objects.get()
    assert (event.actor, event.origin) == (target.email, "203.0.113.9")
    assert event.subject == f"member:{target.pk}"
