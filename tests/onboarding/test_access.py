"""Permission sets and who has which account: read from AWS, asked for, worked off by a worker."""

from datetime import timedelta

import pytest
from django.utils import timezone

from onboarding.models import (
    AccessGroup,
    AccessReading,
    AccountAssignment,
    Member,
    PermissionSet,
)
from onboarding.models.access import State
from onboarding.permission_sets import (
    assignment_work,
    assignments,
    page,
    presets,
    readings,
    set_work,
    sets,
)
from onboarding.permission_sets.assignments import Holder
from onboarding.permission_sets.sets import Refused, Wanted
from portal.models import AuditEvent, Workspace
from portal.sandbox import company
from tests.factories import make_founder, make_member, make_queued

pytestmark = pytest.mark.django_db

ACCOUNT = company.ACCOUNT_ID
SAMPLE = {"AdministratorAccess", "ReadOnlyAccess", "BillingViewer"}
VIEW_ONLY = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
ADA = company.PEOPLE[0].directory_user_id


@pytest.fixture
def center(connected, aws):
    """AWS as it was at first: what earlier tests made there is gone."""
    client = aws.client("sso-admin")
    for arn in client.list_permission_sets(InstanceArn=company.INSTANCE_ARN)["PermissionSets"]:
        _restore(client, arn)
    aws.forget()
    return client


def _restore(client, arn):
    where = {"InstanceArn": company.INSTANCE_ARN, "PermissionSetArn": arn}
    name = client.describe_permission_set(**where)["PermissionSet"]["Name"]
    held = client.list_account_assignments(AccountId=ACCOUNT, **where)["AccountAssignments"]
    sample = {company.directory_id("user", f"{one}@northwind.example") for one in ("zoe", "mateo")}
    for each in held:
        if name not in SAMPLE or each["PrincipalId"] not in {
            *sample,
            company.PLAN_BY_CODE["pro-plus"].group_id,
        }:
            client.delete_account_assignment(
                TargetId=ACCOUNT,
                TargetType="AWS_ACCOUNT",
                PrincipalType=each["PrincipalType"],
                PrincipalId=each["PrincipalId"],
                **where,
            )
    if name not in SAMPLE:
        client.delete_permission_set(**where)


@pytest.fixture
def founder():
    return make_founder()


def read():
    """What beat and the worker do."""
    reading = readings.ask(now=timezone.now())
    wait = readings.carry_out(reading.pk)
    reading.refresh_from_db()
    return reading if wait is None else wait


def work(row, carry_out, most=6):
    """As often as the worker is told to look again."""
    for _ in range(most):
        type(row).objects.filter(pk=row.pk).exclude(next_try_at=None).update(
            next_try_at=timezone.now()
        )
        if carry_out(row.pk) is None:
            break
    row.refresh_from_db()
    return row


def wanted(name="Viewer", policy=VIEW_ONLY, session="PT4H"):
    return Wanted(name=name, description="Looks around", session=session, policy=policy)


def held_at_aws(center, row):
    answer = center.list_account_assignments(
        InstanceArn=company.INSTANCE_ARN, AccountId=ACCOUNT, PermissionSetArn=row.arn
    )
    return {each["PrincipalId"] for each in answer["AccountAssignments"]}


def names_at_aws(center):
    where = {"InstanceArn": company.INSTANCE_ARN}
    arns = center.list_permission_sets(**where)["PermissionSets"]
    found = [center.describe_permission_set(PermissionSetArn=arn, **where) for arn in arns]
    return [each["PermissionSet"]["Name"] for each in found]


def a_set(name="BillingViewer"):
    return PermissionSet.objects.get(name=name)


def give(founder, name="BillingViewer", user_id=ADA):
    return assignments.ask(
        a_set(name),
        account_id=ACCOUNT,
        holder=Holder("USER", user_id, "Ada Lovelace"),
        actor=founder,
    )


def actions():
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


# Reading -----------------------------------------------------------------------------------------


def test_a_reading_brings_sets_and_who_has_them(center):
    reading = read()

    assert reading.outcome == "done"
    assert set(PermissionSet.objects.values_list("name", flat=True)) == SAMPLE
    assert a_set().policies == ["arn:aws:iam::aws:policy/AWSBillingReadOnlyAccess"]
    assert (a_set().session, a_set().description, a_set().accounts) == (
        "PT4H", "Bills and budgets", [ACCOUNT],
    )  # fmt: skip
    assert sorted(AccountAssignment.objects.values_list("principal_name", flat=True)) == [
        "KiroProPlus", "Mateo Silva", "Zoë Kravčenko",
    ]  # fmt: skip


def test_a_group_says_who_is_in_it(center):
    read()

    group = AccessGroup.objects.get(name="KiroProPlus")
    assert ADA in group.user_ids
    assert AccessGroup.objects.count() >= len(company.PLANS)


def test_reading_twice_changes_nothing(center):
    read()
    before = list(PermissionSet.objects.values()), list(AccountAssignment.objects.values())

    read()

    assert (
        list(PermissionSet.objects.values()),
        list(AccountAssignment.objects.values()),
    ) == before
    assert actions().count("access.changed_at_aws") == 1


def test_what_others_did_at_aws_is_read_and_on_record(center):
    read()
    center.delete_account_assignment(
        InstanceArn=company.INSTANCE_ARN,
        TargetId=ACCOUNT,
        TargetType="AWS_ACCOUNT",
        PermissionSetArn=a_set().arn,
        PrincipalType="USER",
        PrincipalId=company.directory_id("user", "mateo@northwind.example"),
    )
    try:
        read()

        assert not a_set().assignments.exists()
        event = AuditEvent.objects.filter(action="access.changed_at_aws").first()
        assert event.detail["removed"] == [f"Mateo Silva in {ACCOUNT} through BillingViewer"]
    finally:
        center.create_account_assignment(
            InstanceArn=company.INSTANCE_ARN,
            TargetId=ACCOUNT,
            TargetType="AWS_ACCOUNT",
            PermissionSetArn=a_set().arn,
            PrincipalType="USER",
            PrincipalId=company.directory_id("user", "mateo@northwind.example"),
        )


def test_own_policies_of_a_set_are_named(center):
    made = center.create_permission_set(InstanceArn=company.INSTANCE_ARN, Name="Own")
    where = {
        "InstanceArn": company.INSTANCE_ARN,
        "PermissionSetArn": made["PermissionSet"]["PermissionSetArn"],
    }
    center.attach_customer_managed_policy_reference_to_permission_set(
        CustomerManagedPolicyReference={"Name": "Deploy", "Path": "/"}, **where
    )
    center.put_inline_policy_to_permission_set(InlinePolicy='{"Version":"2012-10-17"}', **where)

    read()

    assert a_set("Own").others == ["Deploy", "a policy of its own"]


def test_an_outage_is_tried_again_and_changes_nothing(center, aws):
    read()
    aws.fault(service="sso-admin", operation="ListAccountAssignments", kind="error")

    wait = read()

    assert wait > 0
    assert AccountAssignment.objects.count() == 3
    assert AccessReading.objects.under_way().count() == 1


def test_an_instance_without_permission_sets_says_so(center, aws):
    aws.control("POST", "identity-center", {"permission_sets": False})

    assert read().outcome == "not-offered"
    assert "account instance" in page.standing(Workspace.load()).hidden


@pytest.mark.parametrize(
    "operation",
    [
        "DescribeInstance",
        "ListPermissionSets",
        "DescribePermissionSet",
        "ListManagedPoliciesInPermissionSet",
        "ListCustomerManagedPolicyReferencesInPermissionSet",
        "GetInlinePolicyForPermissionSet",
        "ListAccountsForProvisionedPermissionSet",
        "ListAccountAssignments",
    ],
)
def test_a_missing_permission_is_named_and_pauses_nothing(center, aws, operation):
    aws.fault(service="sso-admin", operation=operation, kind="deny")

    reading = read()

    assert (reading.outcome, reading.missing) == ("failed", f"sso:{operation}")
    assert page.standing(Workspace.load()).missing == f"sso:{operation}"
    assert Workspace.load().aws_paused_until is None


@pytest.mark.parametrize(
    "answer",
    [{"code": "UnknownOperationException", "status": 400}, {"code": "InternalFailure"}],
)
def test_an_emulator_without_describe_instance_is_read_all_the_same(center, aws, answer):
    aws.fault(service="sso-admin", operation="DescribeInstance", kind="error", **answer)

    assert read().outcome == "done"


def test_a_full_quota_never_quarantines_a_set(center, aws, founder):
    aws.fault(service="sso-admin", operation="CreatePermissionSet", kind="throttle")
    row = sets.ask(wanted(), actor=founder)

    work(row, set_work.carry_out, most=5)

    assert row.failures == 5
    assert not row.is_quarantined


def test_two_who_ask_get_one_reading(center, founder):
    first, second = (readings.ask(now=timezone.now(), by=founder) for _ in range(2))

    assert first == second
    assert actions().count("access.reading_asked") == 1


def test_nothing_is_read_where_it_is_switched_off(center, settings):
    settings.ACCESS = "off"

    assert readings.ask(now=timezone.now()) is None


def test_nothing_is_read_before_connecting():
    assert readings.ask(now=timezone.now()) is None


# Making a set ------------------------------------------------------------------------------------


def test_a_set_is_made_with_its_policy(center, founder):
    row = work(sets.ask(wanted(), actor=founder), set_work.carry_out)

    assert (row.state, row.last_error) == (State.THERE, "")
    found = center.list_managed_policies_in_permission_set(
        InstanceArn=company.INSTANCE_ARN, PermissionSetArn=row.arn
    )
    assert [each["Arn"] for each in found["AttachedManagedPolicies"]] == [VIEW_ONLY]
    described = center.describe_permission_set(
        InstanceArn=company.INSTANCE_ARN, PermissionSetArn=row.arn
    )["PermissionSet"]
    assert (described["SessionDuration"], described["Description"]) == ("PT4H", "Looks around")


def test_asking_and_making_are_on_record_once_each(center, founder):
    work(sets.ask(wanted(), actor=founder), set_work.carry_out)

    assert actions() == ["workspace.connected", "permission_set.asked", "permission_set.created"]
    made = AuditEvent.objects.first()
    assert made.actor == founder.email
    assert made.aws_request_id


def test_asking_twice_is_asking_once(center, founder):
    first, second = (sets.ask(wanted(), actor=founder) for _ in range(2))

    assert first == second
    assert actions().count("permission_set.asked") == 1


def test_another_set_of_the_same_name_is_refused(center, founder):
    sets.ask(wanted(), actor=founder)

    with pytest.raises(Refused, match="Choose another name"):
        sets.ask(wanted(policy=READ_ONLY), actor=founder)


@pytest.mark.parametrize("lost", ["CreatePermissionSet", "AttachManagedPolicyToPermissionSet"])
def test_a_lost_answer_makes_no_second_set(center, aws, founder, lost):
    row = sets.ask(wanted(), actor=founder)
    aws.fault(service="sso-admin", operation=lost, kind="drop", times=2)

    work(row, set_work.carry_out)

    assert row.state == State.THERE
    assert names_at_aws(center).count("Viewer") == 1
    assert not row.last_error


def test_a_set_with_other_policies_is_shown_and_left_alone(center, founder):
    row = sets.ask(wanted(name="BillingViewer"), actor=founder)

    work(row, set_work.carry_out)

    assert row.state == State.THERE
    assert row.policies == ["arn:aws:iam::aws:policy/AWSBillingReadOnlyAccess"]
    assert "was there already" in row.last_error


def test_a_policy_that_aws_does_not_know_leaves_nothing_behind(center, founder):
    row = sets.ask(wanted(policy="arn:aws:iam::aws:policy/NoSuch"), actor=founder)

    work(row, set_work.carry_out)

    assert row.is_stopped
    assert "AWS has no policy NoSuch" in row.last_error
    assert "Viewer" not in names_at_aws(center)


@pytest.mark.parametrize("operation", ["CreatePermissionSet", "AttachManagedPolicyToPermissionSet"])
def test_a_set_that_may_not_be_made_says_what_to_add(center, aws, founder, operation):
    aws.fault(service="sso-admin", operation=operation, kind="deny")

    row = work(sets.ask(wanted(), actor=founder), set_work.carry_out)

    assert f"add sso:{operation} to its policy" in row.last_error
    assert Workspace.load().aws_paused_until is None


def test_trying_again_goes_on_where_it_stopped(center, aws, founder):
    operation = "AttachManagedPolicyToPermissionSet"
    aws.fault(service="sso-admin", operation=operation, kind="deny")
    row = work(sets.ask(wanted(), actor=founder), set_work.carry_out)
    aws.settle()

    sets.again(row, actor=founder)
    work(row, set_work.carry_out)

    assert row.state == State.THERE
    assert actions().count("permission_set.created") == 1


def test_bad_credentials_pause_everything(center, aws, founder):
    aws.fault(service="sso-admin", kind="error", code="ExpiredTokenException", status=400)

    row = work(sets.ask(wanted(), actor=founder), set_work.carry_out)

    assert row.is_in_work
    assert Workspace.load().aws_paused_until is not None


# Removing a set ----------------------------------------------------------------------------------


def test_a_set_that_nobody_uses_is_removed(center, founder):
    row = work(sets.ask(wanted(), actor=founder), set_work.carry_out)

    work(sets.ask_removal(row.pk, actor=founder), set_work.carry_out)

    assert "Viewer" not in names_at_aws(center)
    assert actions()[-2:] == ["permission_set.removal_asked", "permission_set.removed"]
    assert not [each for each in page.sets() if each.permission_set.name == "Viewer"]


def test_a_set_in_use_is_not_removed(center, founder):
    read()

    with pytest.raises(Refused, match="Somebody has access"):
        sets.ask_removal(a_set().pk, actor=founder)


def test_a_set_given_to_somebody_meanwhile_stays(center, founder):
    row = work(sets.ask(wanted(), actor=founder), set_work.carry_out)
    center.create_account_assignment(
        InstanceArn=company.INSTANCE_ARN,
        TargetId=ACCOUNT,
        TargetType="AWS_ACCOUNT",
        PermissionSetArn=row.arn,
        PrincipalType="USER",
        PrincipalId=ADA,
    )

    work(sets.ask_removal(row.pk, actor=founder), set_work.carry_out)

    assert row.refresh_from_db() is None
    assert (row.state, row.is_stopped) == (State.LEAVING, True)
    assert "while somebody has access" in row.last_error


def test_a_set_gone_already_is_gone(center, founder):
    row = work(sets.ask(wanted(), actor=founder), set_work.carry_out)
    center.delete_permission_set(InstanceArn=company.INSTANCE_ARN, PermissionSetArn=row.arn)

    work(sets.ask_removal(row.pk, actor=founder), set_work.carry_out)

    row.refresh_from_db()
    assert row.state == State.GONE


def test_the_same_name_can_be_used_again(center, founder):
    row = work(sets.ask(wanted(), actor=founder), set_work.carry_out)
    work(sets.ask_removal(row.pk, actor=founder), set_work.carry_out)

    other = work(sets.ask(wanted(), actor=founder), set_work.carry_out)

    assert other.pk != row.pk
    assert other.state == State.THERE


def test_what_could_not_be_made_can_be_dismissed(center, founder):
    row = sets.ask(wanted(policy="arn:aws:iam::aws:policy/NoSuch"), actor=founder)
    work(row, set_work.carry_out)

    sets.ask_removal(row.pk, actor=founder)

    assert not PermissionSet.objects.filter(name="Viewer").exists()


# Giving access -----------------------------------------------------------------------------------


def test_access_is_followed_to_its_end(center, founder):
    read()
    row = give(founder)

    assert assignment_work.carry_out(row.pk) == assignment_work.LOOK_AGAIN
    row.refresh_from_db()
    assert (row.state, bool(row.request_id)) == (State.WANTED, True)

    work(row, assignment_work.carry_out)
    assert (row.state, row.request_id) == (State.THERE, "")
    assert ADA in held_at_aws(center, a_set())


def test_giving_access_is_on_record(center, founder):
    read()

    work(give(founder), assignment_work.carry_out)

    assert actions()[-2:] == ["access.asked", "access.given"]
    event = AuditEvent.objects.first()
    assert (event.actor, event.detail["account"]) == (founder.email, ACCOUNT)
    assert event.aws_request_id


def test_giving_twice_is_giving_once(center, founder):
    read()
    first, second = give(founder), give(founder)
    work(first, assignment_work.carry_out)

    third = give(founder)

    assert first == second == third
    assert not third.is_in_work
    assert actions().count("access.asked") == 1


def test_what_is_assigned_at_aws_already_is_adopted(center, founder):
    read()
    center.create_account_assignment(
        InstanceArn=company.INSTANCE_ARN,
        TargetId=ACCOUNT,
        TargetType="AWS_ACCOUNT",
        PermissionSetArn=a_set().arn,
        PrincipalType="USER",
        PrincipalId=ADA,
    )

    row = work(give(founder), assignment_work.carry_out)

    assert row.state == State.THERE
    read()
    assert a_set().assignments.filter(principal_id=ADA).count() == 1


def test_a_lost_answer_is_asked_for_again(center, aws, founder):
    read()
    row = give(founder)
    aws.fault(service="sso-admin", operation="CreateAccountAssignment", kind="drop", times=2)

    work(row, assignment_work.carry_out)

    assert row.state == State.THERE
    assert AccountAssignment.objects.filter(principal_id=ADA).count() == 1


def test_a_request_that_aws_has_forgotten_is_made_again(center, founder):
    read()
    row = give(founder)
    AccountAssignment.objects.filter(pk=row.pk).update(
        request_id="00000000-0000-4000-8000-000000000000"
    )

    work(row, assignment_work.carry_out)

    assert row.state == State.THERE


def test_a_request_that_fails_says_why_and_can_be_tried_again(center, aws, founder):
    read()
    row = give(founder)
    aws.control("POST", "assignments", {"reason": "Received a 403 status error."})

    work(row, assignment_work.carry_out)
    assert row.is_stopped
    assert "Received a 403" in row.last_error

    sets.again(row, actor=founder)
    work(row, assignment_work.carry_out)
    assert row.state == State.THERE


@pytest.mark.parametrize(
    "operation", ["CreateAccountAssignment", "DescribeAccountAssignmentCreationStatus"]
)
def test_access_that_may_not_be_given_says_what_to_add(center, aws, founder, operation):
    read()
    row = give(founder)
    aws.fault(service="sso-admin", operation=operation, kind="deny")

    work(row, assignment_work.carry_out)

    assert f"add sso:{operation} to its policy" in row.last_error


def test_an_account_that_is_not_there_is_aws_own_word(center, founder):
    read()
    row = assignments.ask(
        a_set(), account_id="999999999999", holder=Holder("USER", ADA, "Ada"), actor=founder
    )

    work(row, assignment_work.carry_out)

    assert "999999999999" in row.last_error


def test_somebody_without_a_user_cannot_have_access(center):
    with pytest.raises(Refused, match="no Identity Center user"):
        Holder.of_member(make_queued())


def test_a_portal_that_only_reads_gives_nothing(center, founder, settings):
    read()
    settings.ACCESS = "read"

    with pytest.raises(Refused, match="only shows"):
        give(founder)


# Taking it away ----------------------------------------------------------------------------------


@pytest.fixture
def given(center, founder):
    read()
    return work(give(founder), assignment_work.carry_out)


def test_access_is_taken_away(center, founder, given):
    row = work(assignments.ask_removal(given.pk, actor=founder), assignment_work.carry_out)

    assert row.state == State.GONE
    assert ADA not in held_at_aws(center, a_set())
    assert actions()[-2:] == ["access.removal_asked", "access.removed"]


def test_a_list_that_lags_brings_nothing_back(center, founder, given, aws):
    AccountAssignment.objects.filter(pk=given.pk).update(
        state=State.GONE, changed_at=timezone.now()
    )

    read()

    given.refresh_from_db()
    assert given.state == State.GONE


def test_what_is_still_there_after_a_while_is_shown_again(center, founder, given):
    AccountAssignment.objects.filter(pk=given.pk).update(
        state=State.GONE, changed_at=timezone.now() - timedelta(minutes=10)
    )

    read()

    given.refresh_from_db()
    assert given.state == State.THERE


def test_access_gone_already_is_gone(center, founder, given):
    center.delete_account_assignment(
        InstanceArn=company.INSTANCE_ARN,
        TargetId=ACCOUNT,
        TargetType="AWS_ACCOUNT",
        PermissionSetArn=a_set().arn,
        PrincipalType="USER",
        PrincipalId=ADA,
    )

    row = work(assignments.ask_removal(given.pk, actor=founder), assignment_work.carry_out)

    assert row.state == State.GONE


def test_removing_twice_is_removing_once(founder, given):
    assignments.ask_removal(given.pk, actor=founder)
    assignments.ask_removal(given.pk, actor=founder)

    assert actions().count("access.removal_asked") == 1


def test_a_reading_leaves_what_is_in_work_alone(founder, given):
    assignments.ask_removal(given.pk, actor=founder)

    read()

    given.refresh_from_db()
    assert (given.state, given.is_in_work) == (State.LEAVING, True)


# Names of policies and durations ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "arn"),
    [
        ("ReadOnlyAccess", READ_ONLY),
        (" ViewOnlyAccess ", VIEW_ONLY),
        ("job-function/ViewOnlyAccess", VIEW_ONLY),
        (VIEW_ONLY, VIEW_ONLY),
        ("arn:aws:iam::123456789012:policy/Mine", ""),
        ("two words", ""),
        ("", ""),
    ],
)
def test_policies_by_name_or_arn(text, arn):
    assert presets.policy_arn(text) == arn


def test_policies_of_chinas_regions_are_theirs():
    instance = "arn:aws-cn:sso:::instance/ssoins-7223c1a2b3d4e5f6"

    assert presets.policy_arn("ReadOnlyAccess", instance_arn=instance).startswith("arn:aws-cn:")


@pytest.mark.parametrize("preset", presets.PRESETS, ids=lambda preset: preset.code)
def test_every_preset_is_a_policy_that_aws_knows(center, founder, preset):
    wish = Wanted(preset.name, preset.description, "PT4H", presets.policy_arn(preset.policy))

    row = work(sets.ask(wish, actor=founder), set_work.carry_out)

    assert row.state == State.THERE


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("PT4H", "4 hours"),
        ("PT1H", "1 hour"),
        ("PT1H30M", "1 hour 30 minutes"),
        ("P1D", "P1D"),
        ("", ""),
    ],
)
def test_a_session_in_words(text, words):
    assert presets.session_words(text) == words


def test_names_of_members_come_from_the_team(center):
    member = make_member(directory_user_id=ADA, given_name="Augusta", family_name="King")
    read()

    row = next(each for each in page.rows(page.select()) if each.is_group)

    assert Member.objects.get(pk=member.pk).full_name in row.people
