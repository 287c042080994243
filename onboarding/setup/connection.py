"""Connecting the portal to the company's Identity Center: instance, sign-in URL, seat groups."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from onboarding.gateways import identity_center
from onboarding.gateways.identity_center import Directory, Instance
from onboarding.models import Member, Plan
from portal import audit, aws, jobs
from portal.models import User, Workspace

GROUP_NAMES = {
    "pro": "KiroPro",
    "pro-plus": "KiroProPlus",
    "pro-max": "KiroProMax",
    "power": "KiroPower",
}
"""What a seat group is called when nobody says otherwise."""


class CannotConnect(Exception):
    """The set-up asked for is not possible; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class SeatGroup:
    """A plan's seat group as found in Identity Center, or made there just now."""

    plan: Plan
    name: str
    id: str
    is_new: bool
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Connection:
    """What was chosen."""

    workspace: Workspace
    groups: list[SeatGroup]


def connect(
    *,
    region: str,
    instance_arn: str = "",
    group_names: Mapping[str, str] | None = None,
    actor: User | None = None,
) -> Connection:
    """Take the instance (the only one, unless named) and find or create each plan's seat group.

    `group_names`: plan code → display name, for those that differ from `GROUP_NAMES`. Safe
    to repeat; members who waited are set up then.
    Raises: CannotConnect, portal.aws.AwsError.
    """
    names = _group_names(group_names or {})
    instance = _choose(identity_center.list_instances(region), instance_arn, region)
    workspace = Workspace.load()
    _refuse_to_move(workspace, instance)
    directory = Directory(instance.store_id, region)
    groups = list(_ensure_groups(directory, names))
    _store(workspace, _taken_over(workspace, instance, region=region), groups, actor)
    return Connection(workspace, groups)


def _group_names(asked: Mapping[str, str]) -> dict[str, str]:
    plans = {plan.code: plan for plan in Plan.objects.all()}
    if unknown := set(asked) - set(plans):
        known = ", ".join(plans)
        raise CannotConnect(f"There is no plan {', '.join(sorted(unknown))}. Plans: {known}.")
    return {
        code: asked.get(code) or plan.seat_group_name or GROUP_NAMES.get(code, f"Kiro-{code}")
        for code, plan in plans.items()
    }


def _choose(instances: list[Instance], arn: str, region: str) -> Instance:
    if arn:
        found = [instance for instance in instances if instance.arn == arn]
        if not found:
            raise CannotConnect(f"No Identity Center instance {arn} in {region}.")
        return found[0]
    if not instances:
        raise CannotConnect(
            f"These credentials see no Identity Center instance in {region}. Enable Identity"
            " Center there, or set AWS_REGION to the Region it is in."
        )
    if len(instances) > 1:
        arns = ", ".join(instance.arn for instance in instances)
        raise CannotConnect(f"There are several instances; name one with --instance: {arns}")
    return instances[0]


def _refuse_to_move(workspace: Workspace, instance: Instance) -> None:
    hanging = Member.objects.on_team().exclude(directory_user_id="").count()
    if workspace.identity_store_id in {"", instance.store_id} or not hanging:
        return
    raise CannotConnect(
        f"{hanging} members are users of identity store {workspace.identity_store_id}."
        f" Offboard them before moving to {instance.store_id}."
    )


def _ensure_groups(directory: Directory, names: Mapping[str, str]) -> Iterator[SeatGroup]:
    for plan in Plan.objects.all():
        name = names[plan.code]
        if group_id := identity_center.find_group(directory, name):
            yield SeatGroup(plan, name, group_id, is_new=False)
            continue
        yield _make_group(directory, plan, name)


def _make_group(directory: Directory, plan: Plan, name: str) -> SeatGroup:
    """A Conflict means that it is there: made by us, whose answer was lost, or in another case.

    Raises: CannotConnect when AWS's list does not show it yet; portal.aws.AwsError.
    """
    description = f"Seats of Kiro {plan.name}"
    try:
        made = identity_center.create_group(directory, name=name, description=description)
    except aws.AwsConflict as conflict:
        for group_id, known in identity_center.list_groups(directory):
            if known.casefold() == name.casefold():
                return SeatGroup(plan, known, group_id, is_new=False)
        raise CannotConnect(
            f"AWS says that there is a group {name}, and does not list it yet. Connect again in a"
            " minute."
        ) from conflict
    return SeatGroup(plan, name, made.id, is_new=True, request_id=made.request_id)


def _taken_over(workspace: Workspace, instance: Instance, *, region: str) -> dict[str, Any]:
    taken: dict[str, Any] = {
        "account_id": instance.account_id or aws.account_id(),
        "instance_arn": instance.arn,
        "identity_store_id": instance.store_id,
        "identity_center_region": region,
        "connected_at": timezone.now(),
    }
    if workspace.identity_store_id != instance.store_id:
        # No API tells the sign-in URL; this is what AWS gives an instance without an alias.
        taken["sign_in_url"] = f"https://{instance.store_id}.awsapps.com/start"
    return taken


@transaction.atomic
def _store(
    workspace: Workspace, taken: dict[str, Any], groups: list[SeatGroup], actor: User | None
) -> None:
    """Of the company's row what AWS told alone: asking AWS took seconds, and the rest is ours."""
    for name, value in taken.items():
        setattr(workspace, name, value)
    workspace.save(update_fields=list(taken))
    for group in groups:
        group.plan.seat_group_id, group.plan.seat_group_name = group.id, group.name
        group.plan.save(update_fields=["seat_group_id", "seat_group_name"])
    jobs.resume_all()
    _set_up_who_waited()
    _record(workspace, groups, actor)


def _set_up_who_waited() -> None:
    waiting = Member.objects.filter(
        status=Member.Status.FAILED, failure_code=Member.Trouble.NOT_CONNECTED
    )
    waiting.update(
        status=Member.Status.QUEUED,
        next_try_at=timezone.now(),
        last_error="",
        trouble="",
        trouble_since=None,
    )


def _record(workspace: Workspace, groups: list[SeatGroup], actor: User | None) -> None:
    for group in groups:
        if group.is_new:
            audit.record(
                "seat_group.created",
                actor=actor,
                subject=f"plan:{group.plan.code}",
                detail={"group_id": group.id, "name": group.name},
                aws_request_id=group.request_id,
            )
    audit.record(
        "workspace.connected",
        actor=actor,
        subject="workspace",
        detail={
            "instance_arn": workspace.instance_arn,
            "identity_store_id": workspace.identity_store_id,
            "groups": {group.plan.code: group.id for group in groups},
        },
    )
