"""`manage.py reconcile`: compare Identity Center with the team, now."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from onboarding.drift import directory_checks, directory_reading, drift_page, drifts
from onboarding.drift.directory_reading import CannotCheck, Snapshot
from onboarding.drift.reconciliation import Difference
from onboarding.models import DirectoryCheck, Drift, Member
from portal.aws import AwsError
from portal.templatetags.portal import money


class Command(BaseCommand):
    help = "Compare Identity Center with the team and print the differences; repairs nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="look, and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        snapshot = _look() if options["dry_run"] else self._check()
        if snapshot is not None:
            self._print(snapshot)

    def _check(self) -> Snapshot | None:
        check = directory_checks.ask(now=timezone.now(), unless_within=timedelta())
        snapshot = directory_checks.carry_out(check.pk)
        if snapshot is None:
            self._say_why(DirectoryCheck.objects.get(pk=check.pk))
        return snapshot

    def _say_why(self, check: DirectoryCheck) -> None:
        if check.reason or check.last_error:
            raise CommandError(check.reason or check.last_error)
        self.stdout.write("Another check is under way; the drift page shows what it finds.")

    def _print(self, snapshot: Snapshot) -> None:
        seats = sum(map(len, snapshot.listing.seats.values()))
        read = f"{len(snapshot.listing.users)} users and {seats} seats"
        if not snapshot.differences:
            self.stdout.write(f"Identity Center and the team are alike: {read} read.")
            return
        for line in _table(_rows(snapshot)):
            self.stdout.write(line)
        self.stdout.write(f"{len(snapshot.differences)} differences; {read} read.")


def _look() -> Snapshot:
    try:
        return directory_reading.look()
    except CannotCheck as reason:
        raise CommandError(str(reason)) from reason
    except AwsError as error:
        raise CommandError(directory_checks.in_plain_words(error)) from error


def _rows(snapshot: Snapshot) -> list[list[str]]:
    """What a founder would read on the page, without its buttons."""
    pks = [difference.member for difference in snapshot.differences if difference.member]
    team = Member.objects.select_related("plan").in_bulk(pks)
    found = [_as_row(difference, team) for difference in snapshot.differences]
    return [
        [
            str(Drift.Kind(row.drift.kind).label),
            row.email or row.who,
            row.text,
            f"{money(row.price, row.currency)} a month" if row.price else "",
        ]
        for row in drift_page.rows(found, drift_page.plans_by_group())
    ]


def _as_row(difference: Difference, team: dict[int, Member]) -> Drift:
    row = drifts.row_of(difference, timezone.now())
    row.member = team.get(difference.member) if difference.member else None
    return row


def _table(rows: list[list[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
