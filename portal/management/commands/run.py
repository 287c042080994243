"""Start everything on this machine; `manage.py` hands over before Django is loaded."""

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand

from portal.environment import BASE_DIR


class Command(BaseCommand):
    help = "Start the portal on this machine: queue, embedded AWS, web, worker and beat."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Reached only by another way than manage.py: take that one."""
        os.execv(sys.executable, [sys.executable, str(BASE_DIR / "manage.py"), "run"])  # noqa: S606  # no shell
