"""What Prometheus reads at `/metrics`, in its text format.

Every value comes out of the database, so it is the same whichever process is asked, and there is
nothing to count in memory. The roof: knows both apps.
"""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count

from onboarding.models import Member
from portal.watch import clockwork, health, status_page

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Sample = tuple[dict[str, str], float]


def text(*, now: datetime) -> str:
    lines = [line for name, what, samples in _gauges(now) for line in _gauge(name, what, samples)]
    return "\n".join(lines) + "\n"


def _gauge(name: str, what: str, samples: list[Sample]) -> Iterator[str]:
    yield f"# HELP portal_{name} {what}"
    yield f"# TYPE portal_{name} gauge"
    for labels, value in samples:
        inner = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
        yield f"portal_{name}{{{inner}}} {value:.15g}" if inner else f"portal_{name} {value:.15g}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _gauges(now: datetime) -> Iterator[tuple[str, str, list[Sample]]]:
    yield "part_up", "1 while the part is alive.", _parts()
    yield from _work(now)
    yield "outbox_waiting", "Mails that wait to be sent.", [({}, status_page.outbox()["waiting"])]
    yield from _clock(now)
    age: list[Sample] = [({}, seconds) for seconds in clockwork.seconds_since_refresh(now=now)]
    yield "spend_age_seconds", "Since spend was last refreshed.", age
    yield "members", "People by state.", _members()


def _parts() -> list[Sample]:
    checks = health.check().checks
    return [({"part": part}, float(found == health.OK)) for part, found in checks.items()]


def _work(now: datetime) -> Iterator[tuple[str, str, list[Sample]]]:
    """The three of what waits, for each kind of work."""
    kinds = status_page.waiting(now)
    yield "jobs_waiting", "Rows that are due.", [_of(kind, kind["due"]) for kind in kinds]
    yield (
        "jobs_failed",
        "Rows that keep failing.",
        [_of(kind, kind["quarantined"]) for kind in kinds],
    )
    ages = [_of(kind, (now - kind["oldest"]).total_seconds()) for kind in kinds if kind["oldest"]]
    yield "jobs_oldest_seconds", "Since the oldest row is due.", ages


def _of(kind: dict[str, object], value: float) -> Sample:
    return {"kind": str(kind["label"])}, value


def _clock(now: datetime) -> Iterator[tuple[str, str, list[Sample]]]:
    runs = [(job, job.last_at) for job in clockwork.jobs(now=now) if job.last_at]
    moments = [({"job": job.key}, last_at.timestamp()) for job, last_at in runs if last_at]
    yield "job_last_run_timestamp_seconds", "When the job last ran.", moments
    outcomes = [({"job": job.key}, float(not job.is_failed)) for job, _ in runs]
    yield "job_last_run_success", "1 when the job's last run went well.", outcomes


def _members() -> list[Sample]:
    rows = Member.objects.order_by().values_list("status").annotate(Count("pk"))
    found = dict(rows)
    return [({"state": state}, found.get(state, 0)) for state in Member.Status.values]
