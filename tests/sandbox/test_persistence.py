"""What is in the identity store survives restarts and kills, under the same ids."""

import shutil
import signal
import threading
import time
import uuid
from types import SimpleNamespace

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from portal.sandbox import company

STORE = company.IDENTITY_STORE_ID
ADA, OTHER = (person.directory_user_id for person in company.PEOPLE[:2])


def create(client, name):
    return client.create_user(
        IdentityStoreId=STORE,
        UserName=name,
        DisplayName="Kept",
        Name={"GivenName": "K", "FamilyName": "Ept"},
        Emails=[{"Value": name, "Primary": True}],
    )["UserId"]


def state_of(sandbox):
    """Everything in the store, without answers' metadata."""
    client = sandbox.client("identitystore")
    users = {user["UserId"]: user for user in client.list_users(IdentityStoreId=STORE)["Users"]}
    groups = {
        group["GroupId"]: group for group in client.list_groups(IdentityStoreId=STORE)["Groups"]
    }
    members = {
        group: client.list_group_memberships(IdentityStoreId=STORE, GroupId=group)[
            "GroupMemberships"
        ]
        for group in groups
    }
    return users, groups, members


@pytest.fixture(scope="module")
def lives(start_on, tmp_path_factory):
    """Three servers on one folder: the first is killed, the second ends in order, the third is up.

    All is done in the first. `left` is a copy of what the kill left behind.
    """
    folder = tmp_path_factory.mktemp("lives") / "state"
    first = start_on(folder)
    seen = SimpleNamespace(**done_in(first), before=state_of(first))
    first.stop(signal.SIGKILL)
    seen.left = shutil.copytree(folder, folder.with_name("left"))
    second = start_on(folder)
    seen.after_a_kill, seen.returncode = state_of(second), second.stop()
    seen.third = start_on(folder, "--company")
    seen.after_a_restart = state_of(seen.third)
    return seen


def done_in(sandbox):
    client, center = sandbox.client("identitystore"), sandbox.client("sso-admin")
    user = create(client, "kept@x.example")
    group = client.create_group(IdentityStoreId=STORE, DisplayName="Kept")["GroupId"]
    client.create_group_membership(IdentityStoreId=STORE, GroupId=group, MemberId={"UserId": user})
    client.delete_user(IdentityStoreId=STORE, UserId=ADA)
    change = [{"AttributePath": "title", "AttributeValue": "CTO"}]
    client.update_user(IdentityStoreId=STORE, UserId=user, Operations=change)
    permission_set = center.create_permission_set(
        InstanceArn=company.INSTANCE_ARN, Name="Deployer", SessionDuration="PT2H"
    )["PermissionSet"]["PermissionSetArn"]
    request = center.create_account_assignment(
        InstanceArn=company.INSTANCE_ARN,
        TargetId=company.ACCOUNT_ID,
        TargetType="AWS_ACCOUNT",
        PermissionSetArn=permission_set,
        PrincipalType="USER",
        PrincipalId=OTHER,
    )["AccountAssignmentCreationStatus"]["RequestId"]
    gone = create(client, "gone@x.example")
    revision = int(client.describe_user(IdentityStoreId=STORE, UserId=gone)["Revision"])
    client.delete_user(IdentityStoreId=STORE, UserId=gone)
    return {"user": user, "permission_set": permission_set, "request": request, "last": revision}


def test_a_kill_keeps_users_groups_and_memberships(lives):
    assert lives.after_a_kill == lives.before


def test_so_does_a_restart(lives):
    assert lives.after_a_restart == lives.before


def test_sigterm_ends_it_in_order(lives):
    assert lives.returncode == 0


def test_people_deleted_from_the_sample_stay_deleted(lives):
    client = lives.third.client("identitystore")

    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_user(IdentityStoreId=STORE, UserId=ADA)


def test_a_revision_is_never_given_twice(lives):
    """Not even that of a user who is gone, and was the last to get one."""
    client = lives.third.client("identitystore")

    user = create(client, "next@x.example")

    revision = client.describe_user(IdentityStoreId=STORE, UserId=user)["Revision"]
    assert int(revision) > lives.last


def test_permission_sets_survive(lives):
    described = lives.third.client("sso-admin").describe_permission_set(
        InstanceArn=company.INSTANCE_ARN, PermissionSetArn=lives.permission_set
    )

    assert described["PermissionSet"]["Name"] == "Deployer"


def test_assignments_survive(lives):
    listed = lives.third.client("sso-admin").list_account_assignments(
        InstanceArn=company.INSTANCE_ARN,
        AccountId=company.ACCOUNT_ID,
        PermissionSetArn=lives.permission_set,
    )

    assert [item["PrincipalId"] for item in listed["AccountAssignments"]] == [OTHER]


def test_a_request_for_an_account_is_known_after_a_restart(lives):
    ended = lives.third.client("sso-admin").describe_account_assignment_creation_status(
        InstanceArn=company.INSTANCE_ARN, AccountAssignmentCreationRequestId=lives.request
    )

    assert ended["AccountAssignmentCreationStatus"]["Status"] == "SUCCEEDED"


def wait_until(happened):
    while not happened():
        time.sleep(0.01)


def test_kill_9_loses_no_answered_create(fresh):
    sandbox = fresh("--empty")
    sandbox.control("POST", "limits", {"rate": 0})
    answered = []

    def creator():
        client = sandbox.client("identitystore")
        while True:
            try:
                answered.append(create(client, f"{uuid.uuid4()}@x.example"))
            except (BotoCoreError, ClientError, AssertionError):  # torn by the kill
                return

    threads = [threading.Thread(target=creator) for _ in range(4)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(answered) > 20)
    sandbox.stop(signal.SIGKILL)
    for thread in threads:
        thread.join()

    pages = (
        fresh().client("identitystore").get_paginator("list_users").paginate(IdentityStoreId=STORE)
    )
    kept = {user["UserId"] for page in pages for user in page["Users"]}
    assert set(answered) <= kept


@pytest.mark.parametrize(
    "torn", [b'{"put":"USER","record":{"UserId":"906', b"\x00\xff", b'{"put"\n']
)
def test_a_torn_last_line_is_dropped(fresh, lives, tmp_path, torn):
    folder = shutil.copytree(lives.left, tmp_path / "state")
    with (folder / "directory.jsonl").open("ab") as journal:
        journal.write(torn)

    client = fresh().client("identitystore")

    user = client.describe_user(IdentityStoreId=STORE, UserId=lives.user)
    assert user["UserName"] == "kept@x.example"
    create(client, "after@x.example")


def test_an_empty_account_stays_empty(fresh):
    fresh("--empty").stop()

    sandbox = fresh()

    assert state_of(sandbox) == ({}, {}, {})
    instance = sandbox.client("sso-admin").list_instances()["Instances"][0]
    assert (
        sandbox.client("sso-admin").list_applications(InstanceArn=instance["InstanceArn"])[
            "Applications"
        ]
        == []
    )
