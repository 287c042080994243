"""Jobs that keep failing, told once a day each."""

from datetime import datetime

from django.urls import reverse

from portal import jobs
from portal.models import JobRun
from portal.webhooks import publishing
from portal.webhooks.events import Event


def tell_of_failing(*, now: datetime) -> None:
    """Scheduled jobs whose last run failed, and rows that were put aside after failing often.

    What AWS said stays on the status page: it names accounts and people.
    """
    for name in JobRun.objects.exclude(last_error="").values_list("name", flat=True):
        _tell(name, f"The job {name} failed. The status page says why.", now)
    for model in jobs.BELLS:
        aside = model._default_manager.filter(is_quarantined=True).count()
        if aside:
            what = model._meta.verbose_name_plural
            _tell(model.__name__, f"Of the {what}, {aside} failed five times in a row.", now)


def _tell(job: str, text: str, now: datetime) -> None:
    key = f"{Event.JOB_FAILING}:{job}:{now:%Y-%m-%d}"
    publishing.publish(Event.JOB_FAILING, key=key, text=text, path=reverse("status"))
