"""A company connected to the embedded AWS, and what AWS has of it."""

import pytest

from onboarding.gateways import identity_center
from onboarding.gateways.identity_center import Directory
from onboarding.setup import connection
from onboarding.team import provisioning
from portal import pacing
from tests.factories import get_plan


class Seats:
    """Who sits in a plan's seat group, asked at AWS."""

    def __init__(self, aws, workspace):
        self.aws, self.workspace = aws, workspace

    def __call__(self, plan="pro-plus"):
        answer = self.aws.client("identitystore").list_group_memberships(
            IdentityStoreId=self.workspace.identity_store_id,
            GroupId=get_plan(plan).seat_group_id,
        )
        return {membership["MemberId"]["UserId"] for membership in answer["GroupMemberships"]}


def _asked_once(ask):
    """The answer that AWS gave the first time: the instance and the plans' groups stay the same."""
    known = {}

    def asked(*words):
        known[words] = known.get(words) or ask(*words)
        return known[words]

    return asked


_KNOWN = {
    name: _asked_once(getattr(identity_center, name)) for name in ("list_instances", "find_group")
}


@pytest.fixture
def connected(aws, monkeypatch):
    """The workspace, connected; users that earlier tests made are gone. AWS has no limit here."""
    monkeypatch.setattr(pacing, "FASTEST", 1000.0)
    with monkeypatch.context() as patch:
        for name, asked in _KNOWN.items():
            patch.setattr(identity_center, name, asked)
        workspace = connection.connect(region="us-east-1").workspace
    directory = Directory(workspace.identity_store_id, workspace.identity_center_region)
    for user in list(identity_center.list_users(directory)):
        if not user.email.endswith("northwind.example"):
            identity_center.delete_user(directory, user.user_id)
    aws.forget()
    return workspace


@pytest.fixture
def directory(connected):
    return Directory(connected.identity_store_id, connected.identity_center_region)


@pytest.fixture
def seated(aws, connected):
    return Seats(aws, connected)


@pytest.fixture
def user_ids(directory):
    """The ids of all users in Identity Center, as a function."""
    return lambda: {user.user_id for user in identity_center.list_users(directory)}


@pytest.fixture
def provision():
    """Do the row's work as a worker would; the seconds until the next try."""

    def work(member):
        wait = provisioning.provision(member.pk)
        member.refresh_from_db()
        return wait

    return work
