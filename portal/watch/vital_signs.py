"""What is down right now, told by what each part last left behind.

One query, the one that every page makes for the company's name: the banner costs no other, asks
nobody outside the database and so never makes a page wait.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from django.db.models import Exists, QuerySet, Subquery
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from portal import compiled_sql
from portal.models import JobRun, Notice, Workspace
from portal.watch import aws_contact

SILENCE = timedelta(seconds=45)
"""Worker and beat leave a sign of life every 10 to 15 s."""

AWS_SILENCE = timedelta(seconds=50)
"""Work that waits for AWS is tried again within 30 s or so: what is older may be over."""

TRIES_OF_MAIL = 3
"""A mail that was not taken so often tells of the server, not of chance."""

WORKER, BEAT, BROKER = "worker", "beat", "broker"
_MAIL = "mail_waits"
_SIGNS = (WORKER, BEAT, BROKER, aws_contact.ANSWERED, aws_contact.UNREACHABLE)


@dataclass(frozen=True, slots=True)
class Trouble:
    """`part`: what is down. `title` and `text`: what that means for founders."""

    part: str
    title: str
    text: str


_SILENT = {
    BROKER: Trouble(
        BROKER,
        "The queue is out of reach.",
        "Pages work; jobs wait and go on by themselves once it is back.",
    ),
    WORKER: Trouble(
        WORKER,
        "No worker is running.",
        "People stay “Being set up” and no mail goes out until one is back. Nothing is lost.",
    ),
    BEAT: Trouble(
        BEAT,
        "The scheduler is silent.",
        "Spend, nightly checks and reminders wait until it is back.",
    ),
}


def company(columns: Callable[[], dict[str, Any]] = dict) -> Workspace:
    """The company's row with the signs of life beside it, and what else a page asks for.

    Every page makes this query, whose SQL is written once a process. So `columns` come as the
    database gives them, JSON and moments as text.
    """
    for workspace in _company.models(columns):
        return cast(Workspace, workspace)
    Workspace.load()  # the very first page
    return company(columns)


@compiled_sql.once
def _company(columns: Callable[[], dict[str, Any]]) -> QuerySet[Workspace]:
    signs: dict[str, Any] = {
        _field(name): Subquery(JobRun.objects.filter(name=name).values("last_run_at")[:1])
        for name in _SIGNS
    }
    stuck = Notice.objects.filter(next_try_at__isnull=False, failures__gte=TRIES_OF_MAIL)
    known = {**signs, _MAIL: Exists(stuck), **columns()}
    return Workspace.objects.annotate(**known).filter(pk=1)


def _field(name: str) -> str:
    return f"{name.replace('-', '_')}_seen"


def troubles(workspace: Workspace) -> list[Trouble]:
    """What founders are told on every page; nothing when all is well."""
    now = timezone.now()
    return [*_silent(workspace, now), *_aws(workspace, now), *_mail(workspace)]


def _silent(workspace: Workspace, now: datetime) -> Iterator[Trouble]:
    """A worker without its queue cannot give a sign: then only the queue is named."""
    is_beating = is_fresh(_seen(workspace, BEAT), now)
    broker = _seen(workspace, BROKER)
    is_broker_gone = is_beating and broker is not None and not is_fresh(broker, now)
    if is_broker_gone:
        yield _SILENT[BROKER]
    elif not is_fresh(_seen(workspace, WORKER), now):
        yield _SILENT[WORKER]
    if not is_beating:
        yield _SILENT[BEAT]


def _aws(workspace: Workspace, now: datetime) -> Iterator[Trouble]:
    if is_aws_refusing(workspace, now):
        text = f"{workspace.aws_pause_reason} Everything waits; the portal asks again every 30 s."
        yield Trouble("aws", "AWS refuses the portal’s credentials.", text)
    elif is_aws_unreachable(workspace, now):
        text = "Work waits and is tried again by itself; pages show what was last read."
        yield Trouble("aws", "AWS does not answer.", text)


def _mail(workspace: Workspace) -> Iterator[Trouble]:
    if getattr(workspace, _MAIL, False):
        text = "Invitations and reminders wait in the outbox and are tried again."
        yield Trouble("mail", "The mail server takes no mail.", text)


def is_aws_refusing(workspace: Workspace, now: datetime) -> bool:
    """Between two attempts as well: the pause runs out a moment before the next one."""
    until = workspace.aws_paused_until
    return until is not None and until > now - timedelta(seconds=25)


def is_aws_unreachable(workspace: Workspace, now: datetime) -> bool:
    missed, answered = (
        _seen(workspace, aws_contact.UNREACHABLE),
        _seen(workspace, aws_contact.ANSWERED),
    )
    if missed is None or missed < now - AWS_SILENCE:
        return False
    return answered is None or answered < missed - timedelta(seconds=aws_contact.EVERY)


def is_fresh(sign: datetime | None, now: datetime) -> bool:
    return sign is not None and now - sign < SILENCE


def _seen(workspace: Workspace, name: str) -> datetime | None:
    """None as well for a company's row that was loaded without the signs."""
    return moment(getattr(workspace, _field(name), None))


def day(value: date | str | None) -> date | None:
    """As a database gives it where no field tells Django its type, and JSON does always."""
    return date.fromisoformat(str(value)) if value else None


def moment(value: datetime | str | None) -> datetime | None:
    """As a database gives it where no field tells Django its type: SQLite has text for it."""
    found = parse_datetime(value) if isinstance(value, str) else value
    return found.replace(tzinfo=UTC) if found and found.tzinfo is None else found
