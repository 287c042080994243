"""What a trouble is, in one sentence for the founder: what AWS said, or what it means."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, QuerySet, Subquery, TextField, When
from django.db.models.functions import Cast

from onboarding.models import Member
from portal.templatetags.portal import money

Trouble = Member.Trouble

_MEANINGS = {
    Trouble.WRONG_IDENTITY: "Signed in with a personal account: Kiro shows another identity.",
    Trouble.WRONG_PLAN: "Signed in under the organization, but Kiro shows another plan.",
    Trouble.PAYS_TWICE: "Still has an individual plan, billed on top of the seat.",
    Trouble.SEAT_MISSING: "In the seat group for more than 24 hours; Kiro shows no plan yet.",
    Trouble.SEAT_LOST: "Not in the seat group any more: somebody took the seat away in AWS.",
    Trouble.DISABLED: "Disabled in Identity Center: cannot sign in; the seat is still paid for.",
    Trouble.USER_MISSING: "The Identity Center user is gone: cannot sign in.",
    Trouble.STUCK: "No step taken for days. A friendly word or a new invitation may help.",
    Trouble.SAYS_SIGNED_IN: "Says done, but AWS has seen no sign-in of theirs for three days.",
    Trouble.ASKED_FOR_HELP: "Stuck on a step and waits for your answer.",
    Trouble.MAIL_REFUSED: "The mail server does not take mail for this address.",
}


@dataclass(frozen=True, slots=True)
class Explainer:
    """What another app adds to the explanation of a trouble."""

    facts: Subquery
    """A JSON object for each member of a query, or nothing."""
    explain: Callable[[Member, dict[str, Any]], str]
    """The sentence made of these facts; empty when they add nothing."""


EXPLAINERS: dict[str, Explainer] = {}
"""By trouble; filled when the apps are loaded."""


def facts() -> Case:
    """For the members of a query, as `facts`: what `of` would else ask for one by one."""
    known = (
        When(trouble=found, then=Cast(explainer.facts, TextField()))
        for found, explainer in EXPLAINERS.items()
    )
    return Case(*known, output_field=TextField())


def with_facts(members: QuerySet[Member]) -> QuerySet[Member]:
    return members.annotate(facts=facts())


def of(member: Member) -> str:
    said = member.last_error or _explained(member) or _MEANINGS.get(Trouble(member.trouble), "")
    if member.trouble != Trouble.PAYS_TWICE:
        return said
    # Nobody but the member knows which plan it is; the seat's price is the likeliest.
    return f"{said} About {money(member.plan.price, member.plan.currency)} a month at risk."


def _explained(member: Member) -> str:
    explainer = EXPLAINERS.get(member.trouble)
    if explainer is None:
        return ""
    found = _facts_of(member)
    return explainer.explain(member, json.loads(found)) if found else ""


def _facts_of(member: Member) -> str | None:
    if "facts" not in vars(member):  # one alone, as on their own page
        member = with_facts(Member.objects.filter(pk=member.pk)).get()
    found: str | None = vars(member)["facts"]
    return found
