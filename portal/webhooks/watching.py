"""Jobs that keep failing, told once a day each."""

from collections.abc import Mapping
from datetime import datetime

from django.urls import reverse

from portal import jobs
from portal.webhooks import publishing
from portal.webhooks.events import Event


def tell_of_failing(failed: Mapping[str, str], *, now: datetime) -> None:
    """Scheduled jobs whose last run failed, and rows that were put aside after failing often.

    `failed`: by key, what those jobs do. What AWS said stays on the status page: it names accounts
    and people.
    """
    for key, label in failed.items():
        _tell(key, f"A job failed: {label}. The status page says why.", now)
    for model in jobs.TASKS:
        aside = model._default_manager.filter(is_quarantined=True).count()
        if aside:
            _tell(
                model.__name__, f"Of the {model.called}, {aside} failed five times in a row.", now
            )


def _tell(job: str, text: str, now: datetime) -> None:
    key = f"{Event.JOB_FAILING}:{job}:{now:%Y-%m-%d}"
    publishing.publish(Event.JOB_FAILING, key=key, text=text, path=reverse("status"))
