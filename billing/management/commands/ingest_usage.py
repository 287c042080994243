"""`manage.py ingest_usage`: read the activity reports now, in this process, and say how it went."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from billing.models import ReportFile
from billing.usage import report_sync

_MOST_NOTES = 5
"""A file; the rest is counted."""


class Command(BaseCommand):
    help = "List every activity report in the bucket, read what is new, and say how it went."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = report_sync.look(now=timezone.now(), is_whole=True)
            if found is None:
                raise CommandError("No report bucket is chosen: see Set-up or `manage.py connect`.")
            read = self._read(found.due)
        except report_sync.NotRead as reason:
            raise CommandError(str(reason)) from reason
        replaced = ReportFile.objects.filter(pk__in=found.due, status=ReportFile.Status.REPLACED)
        self._tell(found.new, read, replaced=replaced.count())

    def _read(self, pks: list[int]) -> list[ReportFile]:
        """Raises: report_sync.NotRead."""
        try:
            return [file for pk in pks if (file := report_sync.read(pk)) is not None]
        finally:
            report_sync.conclude()

    def _tell(self, new: int, read: list[ReportFile], *, replaced: int) -> None:
        of = {
            status: [file for file in read if file.status == status] for status in ReportFile.Status
        }
        taken = of[ReportFile.Status.READ]
        self.stdout.write(
            f"{new} new files; read {len(taken)} with {sum(file.rows for file in taken)} rows; "
            f"{replaced} replaced by newer exports"
        )
        for file in taken:
            self._tell_notes(file)
        for file in of[ReportFile.Status.WAITING]:
            self.stderr.write(f"Not yet: {file.name}: {file.last_error or 'it has just changed'}")
        for file in of[ReportFile.Status.REFUSED]:
            self.stderr.write(f"Refused: {file.name}: {file.reason}")
        if of[ReportFile.Status.REFUSED] or of[ReportFile.Status.WAITING]:
            raise CommandError("Not every file could be read.")

    def _tell_notes(self, file: ReportFile) -> None:
        notes = list(file.notes.all()[: _MOST_NOTES + 1])
        for note in notes[:_MOST_NOTES]:
            where = f"{note.column} “{note.text}” " if note.column else ""
            self.stderr.write(f"{file.name}, row {note.row}: {where}{note.reason}")
        if len(notes) > _MOST_NOTES:
            self.stderr.write(f"{file.name}: and more")
