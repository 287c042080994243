"""Who of a list exists in Identity Center: one listing for the whole batch, page by page.

Each page's findings are committed with the token of the next, so that a crash or throttling costs
one page, not the listing.
"""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from onboarding.gateways import identity_center
from onboarding.gateways.identity_center import Directory, DirectoryUser
from onboarding.models import ImportBatch, ImportRow, Member
from onboarding.team.names import user_name_for
from portal import jobs
from portal.models import normalise_email

Verdict = ImportRow.Verdict

GOOD_FOR = timedelta(minutes=15)
"""After that a confirmed batch is listed again. A stale answer costs requests, never a mistake."""

_FOUND = {"directory_user_id", "directory_user_name", "reason"}


def is_fresh(batch: ImportBatch) -> bool:
    return batch.listed_at is not None and batch.listed_at > timezone.now() - GOOD_FOR


def take(directory: Directory, batch: ImportBatch) -> None:
    """List to the end, on a row that this worker holds. Raises: jobs.LeaseLost, aws.AwsError."""
    if not batch.listing_token:
        _forget(batch)
    is_more = True
    while is_more:
        jobs.renew(batch)
        users, token = identity_center.users_page(directory, batch.listing_token)
        is_more = bool(token)
        _note(batch, users, token)


def _forget(batch: ImportBatch) -> None:
    """What an older listing found may be gone."""
    found = batch.rows.filter(verdict__in=[Verdict.ADOPT, Verdict.TAKEN], member=None)
    found.update(verdict=Verdict.NEW, **dict.fromkeys(_FOUND, ""))


@transaction.atomic
def _note(batch: ImportBatch, users: list[DirectoryUser], token: str) -> None:
    now = timezone.now()
    changes: dict[str, Any] = {"listing_token": token} | ({} if token else {"listed_at": now})
    jobs.write(batch, leased_until=now + jobs.LEASE, last_error="", **changes)
    by_email = {normalise_email(user.email): user for user in users if user.email}
    by_name = {user.user_name.casefold(): user for user in users}
    rows = batch.rows.filter(verdict__in=[Verdict.NEW, Verdict.TAKEN], member=None)
    rows = rows.filter(email__in=[*by_email, *by_name])
    found = list(rows)
    for row in found:
        _judge(row, by_email.get(row.email), by_name.get(user_name_for(row.email)))
    _refuse_others_users(found)
    ImportRow.objects.bulk_update(found, ["verdict", *_FOUND])


def _judge(row: ImportRow, same_email: DirectoryUser | None, same: DirectoryUser | None) -> None:
    """The same e-mail is adopted; somebody else under our user name is left alone."""
    if same_email:
        row.verdict = Verdict.ADOPT
        row.directory_user_id, row.directory_user_name = same_email.user_id, same_email.user_name
        row.reason = f"Is there as {same_email.user_name}: taken over, not created again."[:300]
    elif same and not row.directory_user_id:
        row.verdict = Verdict.TAKEN
        owner = same.email or "a user without e-mail"
        row.reason = f"Identity Center has this user name for {owner}."[:300]


def _refuse_others_users(rows: list[ImportRow]) -> None:
    """A user whom somebody on the team has under another e-mail is not to be had again."""
    ids = [row.directory_user_id for row in rows if row.directory_user_id]
    members = Member.objects.on_team().filter(directory_user_id__in=ids) if ids else []
    owners = {member.directory_user_id: member for member in members}
    for row in rows:
        owner = owners.get(row.directory_user_id)
        if owner and owner.email != row.email:
            row.verdict = Verdict.TAKEN
            row.reason = f"This Identity Center user is {owner.full_name} of the team."[:300]
