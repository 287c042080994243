"""`manage.py refresh_spend`: read Cost Explorer now, in this process, without the cool-down."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import pluralize
from django.utils import timezone

from billing.models import Refresh
from billing.spending import refreshes

LONGEST_WAIT = 180.0


class Command(BaseCommand):
    help = "Read spend from Cost Explorer now ($0.01 a request) and say how it went."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            refresh = refreshes.ask(now=timezone.now(), has_cool_down=False)
        except refreshes.NotNow as reason:
            raise CommandError(str(reason)) from reason
        refreshes.carry_out(refresh.pk)
        self._wait(refresh)
        if refresh.is_under_way:
            raise CommandError("Another worker has this refresh and has not ended it yet.")
        if not refresh.is_done:
            raise CommandError(refresh.reason)
        requests = f"{refresh.requests} request{pluralize(refresh.requests)}"
        lines = f"{refresh.rows} line{pluralize(refresh.rows)}"
        self.stdout.write(f"{lines}, {requests}, ${refresh.price}")

    def _wait(self, refresh: Refresh) -> None:
        """A worker may have been quicker: its refresh is as good as ours."""
        until = time.monotonic() + LONGEST_WAIT
        refresh.refresh_from_db()
        while refresh.is_under_way and time.monotonic() < until:
            time.sleep(0.5)
            refresh.refresh_from_db()
