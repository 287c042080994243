"""`manage.py verify_audit`: whether the audit log is as it was written."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal import audit


class Command(BaseCommand):
    help = "Check that no event of the audit log was edited, removed or swapped."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = audit.verify()
        except audit.Broken as where:
            raise CommandError(str(where)) from where
        self.stdout.write(f"{count} events, each follows from the one before.")
