"""The audit log as people read it: what happened in words, and on whom by name."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Q

from onboarding.models import Member, Plan
from onboarding.team import history, searching
from portal import audit
from portal.models import AuditEvent, User

_SENTENCES = {
    "access.asked": "Access asked for",
    "access.given": "Access given in AWS",
    "access.removed": "Access removed in AWS",
    "access.removal_asked": "Removal of an access asked for",
    "access.tried_again": "Access tried again",
    "access.reading_asked": "Reading of who has which account asked for",
    "access.changed_at_aws": "Who has which account changed in AWS",
    "activity.purged": "Old events deleted",
    "alert.seen": "Alert about money seen",
    "backup.restored": "Backup restored",
    "budget.set": "Monthly budget set",
    "credits.added": "Credit grant typed in",
    "credits.changed": "Credit grant changed",
    "credits.read": "Reading of the credit grants asked for",
    "credits.removed": "Credit grant removed",
    "drift.check_asked": "Comparison with Identity Center asked for",
    "drift.checked": "Compared with Identity Center",
    "error.sent_in": "Unknown error sent in",
    "error.settled": "Unknown error settled",
    "evidence.denied": "CloudTrail could not be read",
    "founder.invited": "Founder invited",
    "founder.made": "Made a founder on the portal’s machine",
    "founder.removed": "No longer a founder",
    "idle.rules_changed": "Changed from when on a seat is idle",
    "import.confirmed": "Import confirmed",
    "import.paused": "Import paused",
    "import.resumed": "Import went on",
    "permission_set.created": "Permission set made in AWS",
    "permission_set.adopted": "Permission set taken over from AWS",
    "permission_set.removed": "Permission set removed in AWS",
    "permission_set.asked": "Permission set asked for",
    "permission_set.dismissed": "Permission set given up",
    "permission_set.removal_asked": "Removal of a permission set asked for",
    "plan.changed": "Plan’s price or credits changed",
    "reminders.days": "Days before a reminder set",
    "reminders.paused": "All reminders paused",
    "reminders.unpaused": "Reminders started again",
    "reminders.time_zone": "The company’s time zone set",
    "report.refused": "Activity report refused",
    "seat_group.created": "Seat group created in Identity Center",
    "session.ended": "Signed out in one browser",
    "sessions.ended": "Signed out everywhere",
    "setup.confirmed": "Step of the set-up confirmed",
    "setup.unconfirmed": "Step of the set-up taken back",
    "setup.look_asked": "Look at AWS asked for",
    "setup.connect_asked": "Connecting to AWS asked for",
    "setup.preflight_asked": "Preflight asked for",
    "sign_in.linked": "Sign-in through Identity Center tied to a person",
    "spend.refresh": "Refresh of the spend asked for",
    "step.noted": "Notes to the steps changed",
    "usage.denied": "Activity reports could not be read",
    "usage.purged": "Old usage deleted",
    "webhook.added": "Webhook added",
    "webhook.changed": "Webhook changed",
    "webhook.removed": "Webhook deleted",
    "webhook.switched_off": "Webhook switched off",
    "webhook.switched_on": "Webhook switched on",
    "webhook.secret_renewed": "New signing secret made",
    "webhook.secret_shown": "Signing secret shown",
    "webhook.sent_again": "Message sent again to a webhook",
    "webhook.tested": "Test sent to a webhook",
    "workspace.changed": "Company’s settings changed",
    "workspace.connected": "AWS connected",
}

_FILLED_IN = re.compile(r"\{\w+\}")
MOST_NAMED = 200
"""Of each kind; SQLite takes some hundred values in one query."""


class Line(NamedTuple):
    """An event, what it says, who did it, whom or what it was done to, and which job did it."""

    event: AuditEvent
    words: str
    by: str
    on: str
    origin: str


def lines(events: Iterable[AuditEvent]) -> list[Line]:
    """As they come; three more queries, however many events there are."""
    found = list(events)
    names, plans = _names(found), dict(Plan.objects.values_list("code", "name"))
    return [
        Line(
            event=event,
            words=_SENTENCES.get(event.action) or history.sentence(event, plans),
            by="the portal" if event.actor == audit.SYSTEM else event.actor,
            on=names.get(event.subject) or event.subject.replace(":", " "),
            origin=event.origin.rpartition(".tasks.")[2],
        )
        for event in found
    ]


def actions_saying(words: str) -> list[str]:
    """Those whose sentence holds all of the words."""
    wanted = words.casefold().split()
    return [
        action
        for action, sentence in {**history.SENTENCES, **_SENTENCES}.items()
        if all(word in _FILLED_IN.sub("", sentence).casefold() for word in wanted)
    ]


def subjects_named(name: str) -> list[str]:
    """Members and founders with all of its words in their names or e-mail."""
    members, users = Member.objects.all(), User.objects.all()
    for word in name.split():
        members = members.filter(searching.containing(word))
        users = users.filter(Q(name__icontains=word) | Q(email__icontains=word))
    found = {"member": members, "user": users}
    return [
        f"{kind}:{pk}"
        for kind, people in found.items()
        for pk in people.order_by("-pk").values_list("pk", flat=True)[:MOST_NAMED]
    ]


def _names(events: Iterable[AuditEvent]) -> dict[str, str]:
    """Of members and founders who still stand in the database, by subject."""
    subjects = {event.subject for event in events}
    members = Member.objects.filter(pk__in=_keys("member:", subjects))
    users = User.objects.filter(pk__in=_keys("user:", subjects))
    return {
        **{f"member:{member.pk}": member.full_name for member in members},
        **{f"user:{user.pk}": str(user) for user in users},
    }


def _keys(kind: str, subjects: Iterable[str]) -> set[int]:
    keys = {subject.removeprefix(kind) for subject in subjects if subject.startswith(kind)}
    return {int(key) for key in keys if key.isdecimal()}
