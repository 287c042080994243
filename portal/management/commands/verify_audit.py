"""`manage.py verify_audit`: whether the audit log is as it was written."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal import audit
from portal.models import AuditEvent


class Command(BaseCommand):
    help = "Check that no event of the audit log was edited, removed or swapped."

    def handle(self, *args: Any, **options: Any) -> None:
        if broken := audit.verify():
            raise CommandError(
                f"Event {broken.pk} ({broken.action}, {broken.at:%d %b %Y %H:%M} UTC) does not"
                " follow from the one before: it, or one before it, was changed."
            )
        self.stdout.write(f"{AuditEvent.objects.count()} events, each follows from the one before.")
