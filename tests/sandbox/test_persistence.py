"""What is in the identity store survives restarts and kills, under the same ids."""

import signal
import threading
import time
import uuid

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from portal.sandbox import company

STORE = company.IDENTITY_STORE_ID


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


def test_a_restart_keeps_users_groups_and_memberships(fresh):
    first = fresh()
    client = first.client("identitystore")
    user = create(client, "kept@x.example")
    group = client.create_group(IdentityStoreId=STORE, DisplayName="Kept")["GroupId"]
    client.create_group_membership(IdentityStoreId=STORE, GroupId=group, MemberId={"UserId": user})
    client.delete_user(IdentityStoreId=STORE, UserId=company.PEOPLE[0].directory_user_id)
    change = [{"AttributePath": "title", "AttributeValue": "CTO"}]
    client.update_user(IdentityStoreId=STORE, UserId=user, Operations=change)
    before = state_of(first)

    assert first.stop() == 0
    second = fresh()

    assert state_of(second) == before
    second.stop()
    assert state_of(fresh()) == before


def test_a_revision_is_never_given_twice(fresh):
    first = fresh("--empty")
    client = first.client("identitystore")
    user = create(client, "gone@x.example")
    revision = int(client.describe_user(IdentityStoreId=STORE, UserId=user)["Revision"])
    client.delete_user(IdentityStoreId=STORE, UserId=user)
    first.stop()
    fresh().stop()

    client = fresh().client("identitystore")

    user = create(client, "next@x.example")
    assert int(client.describe_user(IdentityStoreId=STORE, UserId=user)["Revision"]) > revision


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
def test_a_torn_last_line_is_dropped(fresh, torn):
    first = fresh()
    user = create(first.client("identitystore"), "torn@x.example")
    first.stop(signal.SIGKILL)
    with (first.folder / "directory.jsonl").open("ab") as journal:
        journal.write(torn)

    client = fresh().client("identitystore")

    assert client.describe_user(IdentityStoreId=STORE, UserId=user)["UserName"] == "torn@x.example"
    create(client, "after@x.example")


def test_people_deleted_from_the_sample_stay_deleted(fresh):
    first = fresh()
    ada = company.PEOPLE[0].directory_user_id
    first.client("identitystore").delete_user(IdentityStoreId=STORE, UserId=ada)
    first.stop()

    client = fresh("--company").client("identitystore")

    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_user(IdentityStoreId=STORE, UserId=ada)


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


def test_sigterm_ends_it_in_order(fresh):
    assert fresh().stop() == 0


def test_permission_sets_and_assignments_survive(fresh):
    first = fresh()
    center = first.client("sso-admin")
    made = center.create_permission_set(
        InstanceArn=company.INSTANCE_ARN, Name="Deployer", SessionDuration="PT2H"
    )
    arn = made["PermissionSet"]["PermissionSetArn"]
    center.create_account_assignment(
        InstanceArn=company.INSTANCE_ARN,
        TargetId=company.ACCOUNT_ID,
        TargetType="AWS_ACCOUNT",
        PermissionSetArn=arn,
        PrincipalType="USER",
        PrincipalId=company.PEOPLE[0].directory_user_id,
    )
    first.stop(signal.SIGKILL)

    center = fresh().client("sso-admin")

    described = center.describe_permission_set(
        InstanceArn=company.INSTANCE_ARN, PermissionSetArn=arn
    )
    assert described["PermissionSet"]["Name"] == "Deployer"
    listed = center.list_account_assignments(
        InstanceArn=company.INSTANCE_ARN, AccountId=company.ACCOUNT_ID, PermissionSetArn=arn
    )
    assert [item["PrincipalId"] for item in listed["AccountAssignments"]] == [
        company.PEOPLE[0].directory_user_id
    ]


def test_a_request_for_an_account_is_known_after_a_restart(fresh):
    first = fresh()
    center = first.client("sso-admin")
    (arn, *_) = center.list_permission_sets(InstanceArn=company.INSTANCE_ARN)["PermissionSets"]
    started = center.create_account_assignment(
        InstanceArn=company.INSTANCE_ARN,
        TargetId=company.ACCOUNT_ID,
        TargetType="AWS_ACCOUNT",
        PermissionSetArn=arn,
        PrincipalType="USER",
        PrincipalId=company.PEOPLE[0].directory_user_id,
    )["AccountAssignmentCreationStatus"]
    first.stop(signal.SIGKILL)

    ended = (
        fresh()
        .client("sso-admin")
        .describe_account_assignment_creation_status(
            InstanceArn=company.INSTANCE_ARN,
            AccountAssignmentCreationRequestId=started["RequestId"],
        )
    )

    assert ended["AccountAssignmentCreationStatus"]["Status"] == "SUCCEEDED"
