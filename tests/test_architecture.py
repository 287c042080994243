"""The import rules of ARCHITECTURE.md §3 (1 to 5 and 8), read off the syntax tree."""

import ast
import importlib
from pathlib import Path

import pytest
from django.db.migrations import AddField
from django.db.models import NOT_PROVIDED

ROOT = Path(__file__).resolve().parent.parent
APPS = ("portal", "onboarding", "billing")
MODULES = sorted(
    path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts
)

FLOOR_OF_PORTAL = {"access", "attempts", "audit", "aws", "aws_data", "aws_errors", "broker", "cache", "compiled_sql", "compression", "environment", "exports",
                   "form_words", "fragment_cache", "jobs", "json_list", "lease_holders", "limits", "logs", "mailing", "middleware", "models", "pacing",
                   "panels", "permissions", "retention", "saml", "settings", "sign_in", "webhooks"}  # fmt: skip
HIGHEST = {"admin", "apps", "urls", "views", "management"}
SANDBOX_USERS = {"portal.management.commands.run", "portal.management.commands.seed_sandbox"}


def name_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name_of(path)} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def forbidden_in(name):
    """What a module may not import, by where it stands."""
    app, part, *_ = [*name.split("."), ""]
    names = set()
    if not name.startswith("portal.sandbox") and name not in SANDBOX_USERS:
        names |= {"portal.sandbox"}
    if not name.startswith(("portal.sandbox", "portal.aws")):
        names |= {"boto3", "botocore"}
    if app == "onboarding":
        names |= {"billing"}
    if app == "portal" and part in FLOOR_OF_PORTAL | {"sandbox", "supervisor"}:
        names |= {"onboarding", "billing"}
    return names | forbidden_by_layer(app, part)


def forbidden_by_layer(app, part):
    """By the drawing of §3; what stands highest (views, urls, commands) may import anything."""
    above = {"tasks", "views", "forms", "urls", "admin"}
    if app == "portal":
        return {"portal.views"} if part in FLOOR_OF_PORTAL else set()
    special = {
        "tasks": {f"{app}.{name}" for name in above - {"tasks"}},
        "forms": {f"{app}.{name}" for name in above - {"forms"}} | {"django.http"},
        "models": {f"{app}.{name}" for name in above}
        | {f"{app}.gateways", "celery", "django.http"},
        "gateways": {"celery", "django.http"},
        **{highest: set() for highest in HIGHEST},
    }
    return special.get(part, {f"{other}.{name}" for other in APPS[1:] for name in above})


def breaches(path):
    forbidden, imported = forbidden_in(name_of(path)), set(imports_of(path))
    found = {name for name in imported for root in forbidden if f"{name}.".startswith(f"{root}.")}
    if ".gateways." in name_of(path):  # of our own code only the door
        ours = {name for name in imported if name.split(".")[0] in APPS}
        found |= {name for name in ours if not f"{name}.".startswith("portal.aws.")}
    return found


def test_imports_point_downwards():
    found = {name_of(path): breaches(path) for path in MODULES}

    assert {name: names for name, names in found.items() if names} == {}


def migrations_after(number):
    """By name, of all three apps."""
    for path in sorted(ROOT.glob("*/migrations/[0-9]*.py")):
        if int(path.name[:4]) > number:
            name = name_of(path)
            yield name, importlib.import_module(name).Migration


def lets_the_version_before_write(field):
    """Whose INSERT does not name the new column."""
    has_value = field.generated or field.db_default is not NOT_PROVIDED
    return field.null or field.many_to_many or has_value


def test_a_new_column_lets_the_version_before_go_on_working():
    """From the eighth migrations on."""
    added = [
        (name, operation.name, lets_the_version_before_write(operation.field))
        for name, migration in migrations_after(7)
        for operation in migration.operations
        if isinstance(operation, AddField)
    ]

    assert [column for *column, is_fine in added if not is_fine] == []
    assert added


def test_whoever_claims_a_row_counts_its_failures():
    claiming = {name_of(path) for path in MODULES if "jobs.claim(" in path.read_text()}

    # Provisioning looks again at once at a member who changed meanwhile; it makes its own attempt.
    assert claiming == {"portal.attempts", "onboarding.team.provisioning"}


def test_the_rules_see_every_module():
    names = {name_of(path) for path in MODULES}

    assert {"portal.aws", "portal.sandbox.front", "onboarding.models"} <= names
    assert any(name.startswith("onboarding.views.") for name in names)


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("portal/aws.py", "from onboarding import members"),
        ("onboarding/team/members.py", "from billing.models import CostLine"),
        ("onboarding/team/members.py", "from onboarding import tasks"),
        ("billing/spending/spend.py", "from billing.views import spend"),
        ("onboarding/gateways/identity_center.py", "from onboarding.models import Member"),
        ("onboarding/views/team.py", "import boto3"),
        ("billing/gateways/cost_explorer.py", "from botocore.exceptions import ClientError"),
        ("onboarding/team/members.py", "def late():\n    from portal.sandbox import cloud"),
    ],
)
def test_each_rule_can_fail(tmp_path, monkeypatch, place, line):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    path.write_text(line)

    assert breaches(path)
