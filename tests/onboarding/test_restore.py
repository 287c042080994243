"""An older backup is restored: what the portal had done at AWS since then is adopted, not repeated."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from onboarding.drift import directory_checks, drift_actions
from onboarding.models import Drift, Member
from onboarding.team import members
from portal.models import User
from tests.factories import get_plan, make_founder

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def add(provision):
    """Put these people on the team, down to their seats."""

    def work(numbers):
        founder = User.objects.filter(role=User.Role.FOUNDER).first() or make_founder()
        for number in numbers:
            member = members.add(
                email=f"restored{number}@example.com",
                given_name="Re",
                family_name=f"Stored {number}",
                plan=get_plan(),
                actor=founder,
            )
            provision(member)

    return work


@pytest.fixture
def older(connected, aws, add, tmp_path):
    """4 people were there when the backup was made, 6 came afterwards."""
    path = tmp_path / "older.backup"
    add(range(4))
    call_command("backup", str(path), stderr=StringIO())
    add(range(4, 10))
    call_command("restore", str(path), "--yes", stdout=StringIO())
    aws.forget()


def created(aws):
    return [call for call in aws.ledger() if call["operation"] == "CreateUser"]


def test_the_check_finds_them_and_they_are_adopted(older, aws):
    founder = User.objects.get(role=User.Role.FOUNDER)

    directory_checks.carry_out(directory_checks.ask(now=timezone.now()).pk)
    strangers = list(Drift.objects.open().filter(email__startswith="restored"))
    for drift in strangers:
        drift_actions.adopt(drift, actor=founder)

    assert len(strangers) == 6
    assert Member.objects.filter(email__startswith="restored").count() == 10
    assert created(aws) == []


def test_added_again_they_are_the_same_users(older, aws, add, user_ids):
    before = user_ids()

    add(range(4, 10))

    assert user_ids() == before
    adopted = Member.objects.filter(origin=Member.Origin.ADOPTED)
    assert adopted.filter(email__startswith="restored").count() == 6
    assert created(aws) == []
