"""Backup and restore: what comes back is what was there, on both databases, or nothing changes."""

import gzip
import json
import stat
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from onboarding.models import Member
from portal import audit
from portal.backups import archive, taking
from portal.models import AuditEvent, User
from tests.factories import make_founder, make_member, make_workspace

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

MADE_BY_RESTORING = {"portal.AuditEvent", "portal.AuditHead"}


def everything():
    models = [
        model
        for model in taking.saved_models(apps)
        if model._meta.app_label not in {"auth", "contenttypes"}
    ]
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values())
        for model in models
        if model._meta.label not in MADE_BY_RESTORING
    }


def back_up(path):
    call_command("backup", str(path), stderr=StringIO())
    return path


def restore(path, *more):
    said = StringIO()
    call_command("restore", str(path), "--yes", *more, stdout=said)
    return said.getvalue()


@pytest.fixture
def backup(tmp_path):
    """Of a company with three members and their history."""
    make_workspace()
    founder = make_founder()
    for number in range(3):
        make_member(done=number)
    audit.record("member.added", subject="member:1", actor=founder, detail={"plan": "pro"})
    return back_up(tmp_path / "portal.backup")


def test_everything_comes_back_as_it_was(backup):
    before = everything()
    Member.objects.update(given_name="Changed")
    User.objects.create_user("new@example.com", role="member")

    restore(backup)

    assert everything() == before


def test_the_audit_log_still_holds_and_says_that_it_was_restored(backup):
    said = restore(backup)

    assert "The audit log holds: 2 events." in said
    assert AuditEvent.objects.first().action == "backup.restored"


def test_new_rows_get_numbers_of_their_own(backup):
    restore(backup)

    assert make_member().pk > Member.objects.order_by("pk").first().pk


def test_a_backup_is_for_its_owners_eyes_only(backup):
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_nobody_stays_signed_in(client, backup):
    client.force_login(User.objects.first())

    restore(backup)

    assert client.get("/").status_code == 302


def test_it_does_not_overwrite_unasked(backup):
    before = everything()

    with pytest.raises(CommandError, match="not empty"):
        call_command("restore", str(backup))

    assert everything() == before


def test_a_damaged_file_changes_nothing(backup):
    before = everything()
    text = gzip.decompress(backup.read_bytes()).decode()
    backup.write_bytes(gzip.compress(text.replace('"pro"', '"max"', 1).encode()))

    with pytest.raises(CommandError, match="checksum differs"):
        restore(backup)

    assert everything() == before


def test_a_backup_of_a_newer_version_is_refused(tmp_path, monkeypatch):
    head = taking._head()
    newer = archive.Head("9.0", head.made_at, [*head.migrations, ["portal", "0999_tomorrow"]])
    monkeypatch.setattr(taking, "_head", lambda: newer)
    path = back_up(tmp_path / "newer.backup")

    with pytest.raises(CommandError, match=r"newer version: portal\.0999_tomorrow"):
        restore(path)


def test_a_row_that_does_not_fit_changes_nothing(backup, monkeypatch):
    before = everything()
    monkeypatch.setattr(connection.ops, "sequence_reset_sql", lambda *_: ["SELECT nonsense"])

    with pytest.raises(Exception, match="nonsense"):
        restore(backup)

    assert everything() == before


def test_a_backup_of_an_older_version_is_migrated(tmp_path):
    """As the version before the last migration would have written it; tables of others stay."""
    make_workspace(company_name="From before")
    last = _one_migration_back()
    path = tmp_path / "older.backup"
    _write_as_before(path, last)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE of_somebody_else (id integer)")

    restore(path)

    assert apps.get_model("portal", "Workspace").objects.get().company_name == "From before"
    assert ("portal", last) in MigrationRecorder(connection).applied_migrations()
    with connection.cursor() as cursor:
        assert "of_somebody_else" in connection.introspection.table_names(cursor)
        cursor.execute("DROP TABLE of_somebody_else")


def _one_migration_back():
    applied = MigrationRecorder(connection).applied_migrations()
    return max(name for app, name in applied if app == "portal")


def _write_as_before(path, last):
    """The rows of the tables as they were, out of a database that is taken one step back."""
    call_command("migrate", "portal", _before(last), verbosity=0)
    try:
        _dump_historical(path)
    finally:
        call_command("migrate", verbosity=0)


def _before(last):
    from django.db.migrations.loader import MigrationLoader

    return MigrationLoader(connection).get_migration("portal", last).dependencies[0][1]


def _dump_historical(path):
    from django.db.migrations.executor import MigrationExecutor

    loader = MigrationExecutor(connection).loader
    applied = sorted(loader.applied_migrations)
    registry = loader.project_state(applied).apps
    with path.open("wb") as to:
        writer = archive.Writer(to)
        writer.head(
            archive.Head("0.0.1", "2026-01-01T00:00:00+00:00", [list(node) for node in applied])
        )
        for model in taking.saved_models(registry):
            taking._write_table(writer, model)
        writer.end()


def test_rows_are_streamed_and_exact(backup):
    lines = [json.loads(line) for line in gzip.decompress(backup.read_bytes()).splitlines()]

    event = AuditEvent.objects.get()
    assert any(isinstance(row, list) and event.at.isoformat() in row for row in lines)
    assert lines[-1]["rows"] == sum(isinstance(line, list) for line in lines)
