"""What a check says: a verdict, how it is known, how to mend it, and the permission it needs."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from onboarding.models import Plan, SetupTick
from portal.models import Workspace


class Verdict(StrEnum):
    DONE = "done"
    TO_DO = "to-do"
    FAILED = "failed"
    CANNOT_TELL = "cannot-tell"

    @property
    def label(self) -> str:
        return self.value.replace("-", " ").capitalize()

    @property
    def tone(self) -> str:
        return _TONES[self]


_TONES = {
    Verdict.DONE: "good",
    Verdict.TO_DO: "info",
    Verdict.FAILED: "bad",
    Verdict.CANNOT_TELL: "warn",
}
NOT_CHECKED = "Not checked yet."
_WORST_FIRST = (Verdict.FAILED, Verdict.TO_DO, Verdict.CANNOT_TELL, Verdict.DONE)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. `support_text` is ready to paste into a Support case.

    `missing` is the permission to add when that is why nothing can be told.
    """

    verdict: Verdict
    evidence: str
    fix: str = ""
    missing: str = ""
    support_text: str = ""
    key: str = ""
    title: str = ""

    @property
    def is_open(self) -> bool:
        """Nobody has looked yet."""
        return self.evidence == NOT_CHECKED

    def as_json(self) -> dict[str, str]:
        return {name: str(value) for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Finding":
        return cls(**{**data, "verdict": Verdict(data["verdict"])})


@dataclass(frozen=True, slots=True)
class Site:
    """What the checks look at: our own rows, read once."""

    workspace: Workspace
    plan: Plan | None
    ticks: dict[str, SetupTick] = field(default_factory=dict)
    memory: dict[str, Any] = field(default_factory=dict)
    """What a check has read and another one can use, within one preflight."""

    @property
    def region(self) -> str:
        return self.workspace.identity_center_region

    @property
    def regions(self) -> list[str]:
        """Where the Kiro console may have asked for seats: each once."""
        return list(dict.fromkeys(filter(None, [self.region, self.workspace.kiro_region])))


@dataclass(frozen=True, slots=True)
class Check:
    """One question. `needs`: checks without which the question makes no sense."""

    key: str
    title: str
    look: Callable[[Site], Finding]
    permission: str = ""
    needs: tuple[str, ...] = ()

    def named(self, finding: Finding) -> Finding:
        return replace(finding, key=self.key, title=self.title)


def done(evidence: str) -> Finding:
    return Finding(Verdict.DONE, evidence)


def to_do(evidence: str, fix: str) -> Finding:
    return Finding(Verdict.TO_DO, evidence, fix)


def failed(evidence: str, fix: str, *, support_text: str = "") -> Finding:
    return Finding(Verdict.FAILED, evidence, fix, support_text=support_text)


def cannot_tell(evidence: str, fix: str, *, missing: str = "") -> Finding:
    return Finding(Verdict.CANNOT_TELL, evidence, fix, missing)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Of several: what has to be seen to first. Nothing known: cannot tell."""
    found = set(verdicts)
    return next((each for each in _WORST_FIRST if each in found), Verdict.CANNOT_TELL)
