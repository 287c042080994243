"""Connecting, from browser or shell: instance and groups by `connection`, what is only ours, and
then the first look at everything that AWS tells.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from onboarding.setup import connection, first_looks
from onboarding.setup.connection import Connection
from portal import audit
from portal.models import User, Workspace

OURS = (
    "company_name",
    "sign_in_url",
    "kiro_region",
    "report_bucket",
    "report_prefix",
    "cost_service",
)
_NEVER_EMPTY = {"company_name", "sign_in_url"}


def connect(asked: Mapping[str, Any], *, actor: User | None) -> Connection:
    """`asked`: `region`, `instance_arn` (empty: the only one), `groups`, and of `OURS` what is to
    change. Raises: connection.CannotConnect, portal.aws.AwsError.
    """
    made = connection.connect(
        region=asked["region"],
        instance_arn=asked["instance_arn"],
        group_names=asked["groups"],
        actor=actor,
    )
    settle(asked, actor=actor)
    first_looks.ask(now=timezone.now())
    return Connection(Workspace.load(), made.groups)


@transaction.atomic
def settle(asked: Mapping[str, Any], *, actor: User | None) -> None:
    """Keep what AWS has no say in; an empty sign-in URL leaves the one AWS gives by default, and
    an empty company the name there is."""
    workspace = Workspace.load()
    changes = {
        name: asked[name]
        for name in OURS
        if name in asked and (asked[name] or name not in _NEVER_EMPTY)
    }
    changed = {name: value for name, value in changes.items() if getattr(workspace, name) != value}
    if not changed:
        return
    Workspace.objects.filter(pk=1).update(**changed)
    audit.record("workspace.changed", actor=actor, subject="workspace", detail=changed)
