"""The published guide's seven steps, each with a verdict out of our own tables."""

from dataclasses import dataclass, replace

from django.db.models import Count, Q

from onboarding.models import Member, SetupRun, SetupTick
from onboarding.setup import preflight, runs
from onboarding.setup.checks import told_by
from onboarding.setup.console import console_links
from onboarding.setup.steps import STEPS, Text
from onboarding.setup.verdicts import (
    NOT_CHECKED,
    Finding,
    Site,
    Verdict,
    cannot_tell,
    done,
    failed,
    to_do,
    worst,
)

Fact = SetupTick.Fact


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What only a person can know; `tick` once somebody has said so."""

    fact: SetupTick.Fact
    text: str
    tick: SetupTick | None


@dataclass(frozen=True, slots=True)
class Step:
    """A step as the page shows it. `number` 0: the prerequisites."""

    number: int
    text: Text
    verdict: Verdict
    findings: list[Finding]
    confirmations: list[Confirmation]
    url: str
    shown_url: str


@dataclass(frozen=True, slots=True)
class Progress:
    """x of 7, for the overview. `next_title`: the first step that is not done."""

    done: int
    total: int
    next_title: str


@dataclass(frozen=True, slots=True)
class Guide:
    steps: list[Step]
    run: SetupRun | None
    """The preflight behind the verdicts."""


def read() -> Guide:
    found, run = runs.findings()
    return Guide(steps(found, preflight.site(), _counts()), run)


def steps(found: list[Finding], site: Site, counts: dict[str, int]) -> list[Step]:
    """`found`: by the last preflight; `counts`: of the team, see `_counts`."""
    known = _up_to_date({each.key: each for each in found}, site) | _of_the_team(site, counts)
    links = console_links(site.workspace)
    return [_step(number, known, site, links) for number in range(len(STEPS))]


def progress(every: list[Step]) -> Progress:
    """How far the seven steps are, the prerequisites aside."""
    numbered = every[1:]
    is_open = [step for step in numbered if step.verdict != Verdict.DONE]
    first = is_open[0].text.title if is_open else ""
    return Progress(len(numbered) - len(is_open), len(numbered), first)


def _step(number: int, known: dict[str, Finding], site: Site, links: dict[str, str]) -> Step:
    text = STEPS[number]
    findings = [known.get(key) or _not_checked(key) for key in text.checks]
    return Step(
        number=number,
        text=text,
        verdict=worst(each.verdict for each in findings),
        findings=findings,
        confirmations=[
            Confirmation(Fact(fact), words, _valid(site, Fact(fact))) for fact, words in text.ticks
        ],
        url=links.get(text.link, ""),
        shown_url=links.get(text.shown_at, ""),
    )


def _not_checked(key: str) -> Finding:
    title = next((each.title for each in preflight.every_check() if each.key == key), key)
    found = cannot_tell(NOT_CHECKED, "")
    return replace(found, key=key, title=title)


def _valid(site: Site, fact: SetupTick.Fact) -> SetupTick | None:
    tick = site.ticks.get(fact)
    if tick and fact == Fact.GROUP_SUBSCRIBED:
        group = site.plan.seat_group_id if site.plan else ""
        return tick if tick.about == group else None
    return tick


_TICKED = {"email-otp": Fact.EMAIL_OTP, "subscribed": Fact.GROUP_SUBSCRIBED}


def _up_to_date(known: dict[str, Finding], site: Site) -> dict[str, Finding]:
    """A tick counts at once, given or taken back, without another preflight."""
    for key, fact in _TICKED.items():
        tick, found = _valid(site, fact), known.get(key)
        was_ticked = found is not None and found.evidence.startswith("Confirmed by")
        if tick and (found is None or found.verdict == Verdict.CANNOT_TELL):
            known[key] = replace(_not_checked(key), verdict=Verdict.DONE, evidence=told_by(tick))
        elif was_ticked and not tick:
            known[key] = replace(_not_checked(key), evidence="AWS has no API for this.")
    return known


# What our own rows tell ------------------------------------------------------------------------


def _counts() -> dict[str, int]:
    return Member.objects.on_team().aggregate(
        people=Count("pk"),
        failed=Count("pk", filter=Q(status=Member.Status.FAILED)),
        there=Count("pk", filter=~Q(directory_user_id="")),
        verified=Count("pk", filter=Q(status=Member.Status.VERIFIED)),
    )


def _of_the_team(site: Site, counts: dict[str, int]) -> dict[str, Finding]:
    named = {
        "users": ("Every member has a user", _users(counts)),
        "verified": ("Every member works under the organization", _verified(counts)),
        "permission-sets": ("Permission sets are looked at", _permission_sets(site)),
        "application-approved": ("The application is approved", _approved(site)),
    }
    return {key: replace(found, key=key, title=title) for key, (title, found) in named.items()}


def _users(counts: dict[str, int]) -> Finding:
    people, there = counts["people"], counts["there"]
    if not people:
        return to_do("Nobody is on the team yet.", "Add the first member on the Team page.")
    if counts["failed"]:
        return failed(
            f"{counts['failed']} of {people} could not be set up.",
            "See why on the Team page, and try again there.",
        )
    said = f"{there} of {people} have an Identity Center user."
    return done(said) if there == people else to_do(said, "The rest is being made now.")


def _verified(counts: dict[str, int]) -> Finding:
    people, verified = counts["people"], counts["verified"]
    said = f"{verified} of {people} have verified their plan."
    if people and verified == people:
        return done(said)
    return to_do(said if people else "Nobody is on the team yet.", "Members do this themselves.")


def _permission_sets(site: Site) -> Finding:
    if tick := site.ticks.get(Fact.PERMISSION_SETS):
        return done(told_by(tick))
    return cannot_tell("Only you know whether you have looked.", "Look once, then confirm it.")


def _approved(site: Site) -> Finding:
    if tick := site.ticks.get(Fact.APPLICATION_APPROVED):
        return done(told_by(tick))
    return cannot_tell("AWS has no API for this.", "Look in the Kiro console, then confirm it.")
