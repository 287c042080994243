"""sso-admin: one instance in one Region, its Kiro application, and permission sets that behave as
AWS's.
"""

import pytest
from botocore.exceptions import ClientError

from portal.sandbox import company

INSTANCE = company.INSTANCE_ARN


@pytest.fixture
def center(sandbox):
    return sandbox.client("sso-admin")


def code_of(call, **parameters):
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return caught.value.response["Error"]["Code"]


def assignment(name="BillingViewer", **changes):
    from portal.sandbox.permission_sets import permission_set_arn

    return {
        "InstanceArn": INSTANCE,
        "TargetId": company.ACCOUNT_ID,
        "TargetType": "AWS_ACCOUNT",
        "PermissionSetArn": permission_set_arn(name),
        "PrincipalType": "USER",
        "PrincipalId": company.PEOPLE[0].directory_user_id,
        **changes,
    }


def test_there_is_one_instance_owned_by_the_caller(sandbox, center):
    caller = sandbox.client("sts").get_caller_identity()

    (instance,) = center.list_instances()["Instances"]

    assert (instance["InstanceArn"], instance["IdentityStoreId"]) == (
        INSTANCE,
        company.IDENTITY_STORE_ID,
    )
    assert (instance["Status"], instance["OwnerAccountId"]) == ("ACTIVE", caller["Account"])


def test_another_region_has_no_instance(sandbox):
    assert sandbox.client("sso-admin", region="eu-central-1").list_instances()["Instances"] == []


def test_the_instance_has_permission_sets_enabled(center):
    assert center.describe_instance(InstanceArn=INSTANCE)["PermissionSetsEnabled"] is True


def test_another_instance_is_not_described(center):
    other = "arn:aws:sso:::instance/ssoins-0000000000000000"

    assert code_of(center.describe_instance, InstanceArn=other) == "AccessDeniedException"
    assert code_of(center.list_permission_sets, InstanceArn=other) == "ResourceNotFoundException"


def test_the_kiro_application_is_listed_and_described(center):
    (application,) = center.list_applications(InstanceArn=INSTANCE)["Applications"]

    described = center.describe_application(ApplicationArn=application["ApplicationArn"])
    assert described["Name"] == "KiroProfile-us-east-1"
    assert described["Status"] == "ENABLED"


def test_an_unknown_application_is_not_found(center):
    unknown = company.APPLICATION_ARN[:-4] + "0000"

    assert (
        code_of(center.describe_application, ApplicationArn=unknown) == "ResourceNotFoundException"
    )


def test_the_sample_permission_sets_are_there(center):
    arns = center.list_permission_sets(InstanceArn=INSTANCE)["PermissionSets"]

    sets = [
        center.describe_permission_set(InstanceArn=INSTANCE, PermissionSetArn=arn) for arn in arns
    ]
    names = {item["PermissionSet"]["Name"] for item in sets}
    assert {"AdministratorAccess", "ReadOnlyAccess", "BillingViewer"} <= names


def test_a_sample_set_has_its_policy(center):
    arn = assignment("BillingViewer")["PermissionSetArn"]

    found = center.list_managed_policies_in_permission_set(
        InstanceArn=INSTANCE, PermissionSetArn=arn
    )

    assert [policy["Name"] for policy in found["AttachedManagedPolicies"]] == [
        "AWSBillingReadOnlyAccess"
    ]


def test_a_permission_set_name_is_unique(center):
    center.create_permission_set(InstanceArn=INSTANCE, Name="Once")

    assert (
        code_of(center.create_permission_set, InstanceArn=INSTANCE, Name="Once")
        == "ConflictException"
    )


def test_an_assignment_is_in_progress_before_it_succeeds(center):
    started = center.create_account_assignment(**assignment())["AccountAssignmentCreationStatus"]

    def poll():
        answer = center.describe_account_assignment_creation_status(
            InstanceArn=INSTANCE, AccountAssignmentCreationRequestId=started["RequestId"]
        )
        return answer["AccountAssignmentCreationStatus"]["Status"]

    assert (started["Status"], poll(), poll()) == ("IN_PROGRESS", "IN_PROGRESS", "SUCCEEDED")


def test_assigning_twice_is_assigning_once(center):
    wanted = assignment("ReadOnlyAccess")

    center.create_account_assignment(**wanted)
    center.create_account_assignment(**wanted)

    listed = center.list_account_assignments(
        InstanceArn=INSTANCE,
        AccountId=company.ACCOUNT_ID,
        PermissionSetArn=wanted["PermissionSetArn"],
    )
    mine = [
        each
        for each in listed["AccountAssignments"]
        if each["PrincipalId"] == wanted["PrincipalId"]
    ]
    assert len(mine) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"PrincipalId": company.directory_id("user", "nobody")},
        {"TargetId": "999999999999"},
        {
            "PermissionSetArn": INSTANCE.replace("instance", "permissionSet")
            + "/ps-0000000000000000"
        },
    ],
)
def test_an_assignment_of_what_is_not_there_is_refused(center, changes):
    assert (
        code_of(center.create_account_assignment, **assignment(**changes))
        == "ResourceNotFoundException"
    )


def status_of(center, request_id, *, kind="Creation"):
    ask = {
        "Creation": center.describe_account_assignment_creation_status,
        "Deletion": center.describe_account_assignment_deletion_status,
    }[kind]
    answer = ask(InstanceArn=INSTANCE, **{f"AccountAssignment{kind}RequestId": request_id})
    return answer[f"AccountAssignment{kind}Status"]


def principals(center, name):
    arn = assignment(name)["PermissionSetArn"]
    listed = center.list_account_assignments(
        InstanceArn=INSTANCE, AccountId=company.ACCOUNT_ID, PermissionSetArn=arn
    )
    return {each["PrincipalId"] for each in listed["AccountAssignments"]}


def test_the_sample_has_people_and_a_group_with_access(center):
    assert company.directory_id("user", "zoe@northwind.example") in principals(
        center, "AdministratorAccess"
    )
    assert company.PLAN_BY_CODE["pro-plus"].group_id in principals(center, "ReadOnlyAccess")


def test_taking_access_away_is_in_progress_before_it_succeeds(center):
    tom = company.directory_id("user", "tom@northwind.example")
    wanted = assignment("ReadOnlyAccess", PrincipalId=tom)
    center.create_account_assignment(**wanted)

    started = center.delete_account_assignment(**wanted)["AccountAssignmentDeletionStatus"]

    polled = [status_of(center, started["RequestId"], kind="Deletion") for _ in range(2)]
    assert [each["Status"] for each in polled] == ["IN_PROGRESS", "SUCCEEDED"]
    assert tom not in principals(center, "ReadOnlyAccess")


def test_what_was_not_assigned_cannot_be_taken_away(center):
    nobody = assignment(PrincipalId=company.directory_id("user", "samuel@northwind.example"))

    assert code_of(center.delete_account_assignment, **nobody) == "ResourceNotFoundException"


def test_a_request_can_fail_with_its_reason(sandbox, center):
    sandbox.control("POST", "assignments", {"reason": "Not today."})
    lena = company.directory_id("user", "lena@northwind.example")

    started = center.create_account_assignment(**assignment(PrincipalId=lena))

    request_id = started["AccountAssignmentCreationStatus"]["RequestId"]
    status_of(center, request_id)
    ended = status_of(center, request_id)
    assert (ended["Status"], ended["FailureReason"]) == ("FAILED", "Not today.")
    assert lena not in principals(center, "BillingViewer")


def test_accounts_of_a_set_are_those_with_an_assignment(center):
    made = center.create_permission_set(InstanceArn=INSTANCE, Name="NotProvisioned")
    used = assignment("BillingViewer")["PermissionSetArn"]

    def accounts(arn):
        return center.list_accounts_for_provisioned_permission_set(
            InstanceArn=INSTANCE, PermissionSetArn=arn
        )["AccountIds"]

    assert accounts(used) == [company.ACCOUNT_ID]
    assert accounts(made["PermissionSet"]["PermissionSetArn"]) == []


def test_a_set_in_use_is_not_deleted(center):
    used = assignment("AdministratorAccess")["PermissionSetArn"]

    assert (
        code_of(center.delete_permission_set, InstanceArn=INSTANCE, PermissionSetArn=used)
        == "ConflictException"
    )


@pytest.mark.parametrize("duration", ["PT30M", "PT13H", "P1D"])
def test_a_session_lasts_one_to_twelve_hours(center, duration):
    assert (
        code_of(
            center.create_permission_set,
            InstanceArn=INSTANCE,
            Name="Odd",
            SessionDuration=duration,
        )
        == "ValidationException"
    )


def test_a_policy_that_is_not_there_is_refused(center):
    arn = assignment("BillingViewer")["PermissionSetArn"]

    assert (
        code_of(
            center.attach_managed_policy_to_permission_set,
            InstanceArn=INSTANCE,
            PermissionSetArn=arn,
            ManagedPolicyArn="arn:aws:iam::aws:policy/NoSuchPolicy",
        )
        == "ResourceNotFoundException"
    )


@pytest.fixture
def as_account_instance(sandbox):
    sandbox.control("POST", "identity-center", {"permission_sets": False})
    yield
    sandbox.control("POST", "identity-center", {"permission_sets": True})


def test_an_account_instance_has_no_permission_sets(as_account_instance, center):
    described = center.describe_instance(InstanceArn=INSTANCE)

    assert described["PermissionSetsEnabled"] is False
    assert code_of(center.list_permission_sets, InstanceArn=INSTANCE) == "ValidationException"


def test_a_policy_in_a_folder_is_known_by_its_whole_arn(center):
    arn = assignment("BillingViewer")["PermissionSetArn"]
    wanted = {"InstanceArn": INSTANCE, "PermissionSetArn": arn}
    attach = center.attach_managed_policy_to_permission_set
    short = "arn:aws:iam::aws:policy/SupportUser"

    assert code_of(attach, ManagedPolicyArn=short, **wanted) == "ResourceNotFoundException"
    center.attach_managed_policy_to_permission_set(
        ManagedPolicyArn="arn:aws:iam::aws:policy/job-function/SupportUser", **wanted
    )
    center.detach_managed_policy_from_permission_set(
        ManagedPolicyArn="arn:aws:iam::aws:policy/job-function/SupportUser", **wanted
    )
