"""A line of the activity report as the portal takes it, and what could not be taken."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

Key = tuple[date, str, str]
"""Day, client, person."""


class Counts(Protocol):
    """What adds up, of a line or of a row of the database."""

    conversations: int
    messages: int
    credits_used: Decimal
    overage_credits_used: Decimal
    model_messages: dict[str, int]


@dataclass(slots=True)
class Row:
    """What one line says of one person, day and client; in the order of `reading`'s columns."""

    day: date
    directory_user_id: str
    client: str
    tier: str
    tier_text: str
    conversations: int
    messages: int
    credits_used: Decimal
    overage_credits_used: Decimal
    overage_cap: Decimal | None
    overage_enabled: bool | None
    new_user: bool | None
    profile_id: str
    report_email: str
    model_messages: dict[str, int]

    @property
    def key(self) -> Key:
        return self.day, self.client, self.directory_user_id

    def add(self, other: Counts) -> None:
        """The same person, day and client once more in the same file: the counts add up."""
        self.conversations += other.conversations
        self.messages += other.messages
        self.credits_used += other.credits_used
        self.overage_credits_used += other.overage_credits_used
        for model, messages in other.model_messages.items():
            self.model_messages[model] = self.model_messages.get(model, 0) + messages


@dataclass(frozen=True, slots=True)
class Note:
    """What could not be used; `row` as an editor counts lines, the header being the first."""

    row: int
    column: str
    text: str
    reason: str
