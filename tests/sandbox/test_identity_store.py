"""The Identity Store: as strict as AWS where moto is lax."""

import uuid

import pytest
from botocore.exceptions import ClientError

from portal.sandbox import company

STORE = company.IDENTITY_STORE_ID


@pytest.fixture
def store(sandbox):
    # boto3's own checks are off: what is tested is what the other side refuses.
    return sandbox.client("identitystore", parameter_validation=False)


def person(name=None, **changes):
    name = name or f"p-{uuid.uuid4()}@x.example"
    return {
        "IdentityStoreId": STORE,
        "UserName": name,
        "Name": {"GivenName": "Pat", "FamilyName": "Doe"},
        "DisplayName": "Pat Doe",
        "Emails": [{"Value": name, "Type": "work", "Primary": True}],
        **changes,
    }


def refused(call, **parameters):
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return caught.value.response


def user_id_of(store, path, value):
    unique = {"UniqueAttribute": {"AttributePath": path, "AttributeValue": value}}
    return store.get_user_id(IdentityStoreId=STORE, AlternateIdentifier=unique)["UserId"]


def new_group(store):
    return store.create_group(IdentityStoreId=STORE, DisplayName=f"g-{uuid.uuid4()}")["GroupId"]


def test_the_sample_people_are_there(store):
    users = store.list_users(IdentityStoreId=STORE)["Users"]

    names = {user["UserName"]: user["DisplayName"] for user in users}
    assert names["misaki@northwind.example"] == "美咲 佐藤"
    assert "noor@northwind.example" not in names


def test_a_disabled_sample_person_is_shown_as_such(store):
    grace = next(person for person in company.PEOPLE if person.disabled)

    user = store.describe_user(IdentityStoreId=STORE, UserId=grace.directory_user_id)

    assert user["UserStatus"] == "DISABLED"


def test_a_created_user_is_described_with_status_moments_and_revision(store):
    created = store.create_user(**person("described@x.example", Title="Engineer"))

    user = store.describe_user(IdentityStoreId=STORE, UserId=created["UserId"])

    assert user["UserArn"] == f"arn:aws:identitystore:::user/{created['UserId']}"
    assert (user["UserStatus"], user["Title"], user["Revision"]) == (
        "ENABLED",
        "Engineer",
        created["Revision"],
    )
    assert user["CreatedAt"] == user["UpdatedAt"]


def test_a_user_name_is_unique_in_any_case(store):
    store.create_user(**person("Twice@x.example"))

    error = refused(
        store.create_user, **person("tWICE@x.example", Emails=[{"Value": "other@x.example"}])
    )

    assert error["Error"]["Code"] == "ConflictException"
    assert error["Reason"] == "UNIQUENESS_CONSTRAINT_VIOLATION"
    assert uuid.UUID(error["RequestId"])
    assert error["RequestId"] == error["ResponseMetadata"]["RequestId"]


def test_an_email_is_unique_in_any_case(store):
    store.create_user(**person("mail-1@x.example", Emails=[{"Value": "Same@x.example"}]))

    error = refused(
        store.create_user, **person("mail-2@x.example", Emails=[{"Value": "sAME@x.example"}])
    )

    assert error["Reason"] == "UNIQUENESS_CONSTRAINT_VIOLATION"


@pytest.mark.parametrize(
    "changes",
    [
        {"UserName": "with space@x.example"},
        {"UserName": "with\u00a0space@x.example"},
        {"UserName": "Administrator"},
        {"UserName": "n" * 129},
        {"Emails": []},
        {"Emails": [{"Value": "a@x.example"}, {"Value": "b@x.example"}]},
        {"Emails": [{"Type": "work"}]},
        {"Name": {"GivenName": "Pat"}},
        {"DisplayName": "d" * 1025},
        {"DisplayName": "bell \u0007"},
    ],
)
def test_a_user_outside_the_rules_is_refused(store, changes):
    error = refused(store.create_user, **person(**changes))

    assert error["Error"]["Code"] == "ValidationException"


@pytest.mark.parametrize("missing", ["UserName", "DisplayName", "Name", "Emails"])
def test_a_user_without_a_required_attribute_is_refused(store, missing):
    parameters = person()
    del parameters[missing]

    assert refused(store.create_user, **parameters)["Error"]["Code"] == "ValidationException"


def test_a_name_may_hold_anything_printable(store):
    name = {"GivenName": "<script>alert(1)</script>", "FamilyName": "O'Néill 佐藤 𠮷"}

    created = store.create_user(**person(Name=name))

    assert store.describe_user(IdentityStoreId=STORE, UserId=created["UserId"])["Name"] == name


def test_a_user_is_found_by_name_and_by_email_in_any_case(store):
    created = store.create_user(**person("find@x.example", Emails=[{"Value": "Found@x.example"}]))

    assert user_id_of(store, "userName", "FIND@x.example") == created["UserId"]
    assert user_id_of(store, "emails.value", "found@X.example") == created["UserId"]


def test_an_unknown_email_is_not_found(store):
    unique = {
        "UniqueAttribute": {"AttributePath": "emails.value", "AttributeValue": "nobody@x.example"}
    }

    error = refused(store.get_user_id, IdentityStoreId=STORE, AlternateIdentifier=unique)

    assert (error["Error"]["Code"], error["ResourceType"]) == ("ResourceNotFoundException", "USER")


def test_a_user_is_looked_up_by_no_other_attribute(store):
    unique = {"UniqueAttribute": {"AttributePath": "nickName", "AttributeValue": "x"}}

    error = refused(store.get_user_id, IdentityStoreId=STORE, AlternateIdentifier=unique)

    assert error["Error"]["Code"] == "ValidationException"


def test_an_update_changes_the_attribute_and_the_revision(store):
    created = store.create_user(**person())
    operations = [
        {"AttributePath": "name.familyName", "AttributeValue": "Roe"},
        {
            "AttributePath": "emails",
            "AttributeValue": [{"value": "roe@x.example", "primary": True}],
        },
        {"AttributePath": "title", "AttributeValue": "CTO"},
    ]

    updated = store.update_user(
        IdentityStoreId=STORE, UserId=created["UserId"], Operations=operations
    )

    user = store.describe_user(IdentityStoreId=STORE, UserId=created["UserId"])
    assert (user["Name"]["FamilyName"], user["Emails"][0]["Value"], user["Title"]) == (
        "Roe",
        "roe@x.example",
        "CTO",
    )
    assert user["Revision"] == updated["Revision"] != created["Revision"]
    assert user_id_of(store, "emails.value", "roe@x.example") == created["UserId"]


def test_an_update_without_a_value_takes_the_attribute_away(store):
    created = store.create_user(**person(NickName="Patty"))

    store.update_user(
        IdentityStoreId=STORE, UserId=created["UserId"], Operations=[{"AttributePath": "nickName"}]
    )

    assert "NickName" not in store.describe_user(IdentityStoreId=STORE, UserId=created["UserId"])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("name", "Pat"),
        ("emails", "p@x.example"),
        ("emails", ["p@x.example"]),
        ("userName", 7),
        ("displayName", {}),
    ],
)
def test_an_update_to_a_value_of_the_wrong_kind_is_refused(store, path, value):
    created = store.create_user(**person())
    change = [{"AttributePath": path, "AttributeValue": value}]

    error = refused(
        store.update_user, IdentityStoreId=STORE, UserId=created["UserId"], Operations=change
    )

    assert error["Error"]["Code"] == "ValidationException"


def test_an_update_cannot_take_another_users_email(store):
    created = store.create_user(**person())
    value = [{"Value": "ADA@northwind.example"}]

    error = refused(
        store.update_user,
        IdentityStoreId=STORE,
        UserId=created["UserId"],
        Operations=[{"AttributePath": "emails", "AttributeValue": value}],
    )

    assert error["Reason"] == "UNIQUENESS_CONSTRAINT_VIOLATION"


@pytest.mark.parametrize("path", ["userStatus", "userId", "name.given.x", "nonsense"])
def test_an_update_of_what_is_not_writable_is_refused(store, path):
    created = store.create_user(**person())

    error = refused(
        store.update_user,
        IdentityStoreId=STORE,
        UserId=created["UserId"],
        Operations=[{"AttributePath": path, "AttributeValue": "DISABLED"}],
    )

    assert error["Error"]["Code"] == "ValidationException"


@pytest.mark.parametrize("operation", ["update_user", "delete_user"])
def test_a_stale_revision_is_a_concurrent_modification(store, operation):
    created = store.create_user(**person())
    change = [{"AttributePath": "title", "AttributeValue": "CTO"}]
    store.update_user(IdentityStoreId=STORE, UserId=created["UserId"], Operations=change)
    more = {"Operations": change} if operation == "update_user" else {}

    error = refused(
        getattr(store, operation),
        IdentityStoreId=STORE,
        UserId=created["UserId"],
        Revision=created["Revision"],
        **more,
    )

    assert (error["Error"]["Code"], error["Reason"]) == (
        "ConflictException",
        "CONCURRENT_MODIFICATION",
    )


def test_a_user_is_deleted_once(store):
    created = store.create_user(**person())

    store.delete_user(IdentityStoreId=STORE, UserId=created["UserId"], Revision=created["Revision"])

    error = refused(store.delete_user, IdentityStoreId=STORE, UserId=created["UserId"])
    assert (error["Error"]["Code"], error["ResourceType"]) == ("ResourceNotFoundException", "USER")


def test_deleting_a_user_removes_the_memberships(store):
    user, group = store.create_user(**person())["UserId"], new_group(store)
    store.create_group_membership(IdentityStoreId=STORE, GroupId=group, MemberId={"UserId": user})

    store.delete_user(IdentityStoreId=STORE, UserId=user)

    assert (
        store.list_group_memberships(IdentityStoreId=STORE, GroupId=group)["GroupMemberships"] == []
    )


def test_a_deleted_users_name_is_free_again(store):
    created = store.create_user(**person("again@x.example"))
    store.delete_user(IdentityStoreId=STORE, UserId=created["UserId"])

    assert store.create_user(**person("again@x.example"))["UserId"] != created["UserId"]


@pytest.mark.parametrize(
    "other", ["d-1234567890", "arn:aws:identitystore::123456789012:identitystore/d-1234567890"]
)
def test_another_store_does_not_exist(store, other):
    error = refused(store.list_users, IdentityStoreId=other)

    assert (error["Error"]["Code"], error["ResourceType"]) == (
        "ResourceNotFoundException",
        "IDENTITY_STORE",
    )


def test_the_store_is_in_its_own_region_only(sandbox):
    error = refused(
        sandbox.client("identitystore", region="eu-central-1").list_users, IdentityStoreId=STORE
    )

    assert error["ResourceType"] == "IDENTITY_STORE"


def test_arns_are_taken_for_ids(store):
    ada = company.PEOPLE[0].directory_user_id

    user = store.describe_user(
        IdentityStoreId=company.IDENTITY_STORE_ARN, UserId=f"arn:aws:identitystore:::user/{ada}"
    )

    assert user["UserId"] == ada


def test_a_group_name_is_unique(store):
    error = refused(store.create_group, IdentityStoreId=STORE, DisplayName="kiroproplus")

    assert error["Reason"] == "UNIQUENESS_CONSTRAINT_VIOLATION"


def test_a_group_is_found_by_its_name(store):
    unique = {"UniqueAttribute": {"AttributePath": "displayName", "AttributeValue": "KiroPower"}}

    found = store.get_group_id(IdentityStoreId=STORE, AlternateIdentifier=unique)

    assert found["GroupId"] == company.PLAN_BY_CODE["power"].group_id
    assert (
        store.describe_group(IdentityStoreId=STORE, GroupId=found["GroupId"])["DisplayName"]
        == "KiroPower"
    )


def test_a_group_is_renamed_and_deleted(store):
    group, name = new_group(store), f"renamed-{uuid.uuid4()}"
    change = [{"AttributePath": "displayName", "AttributeValue": name}]

    store.update_group(IdentityStoreId=STORE, GroupId=group, Operations=change)

    assert store.describe_group(IdentityStoreId=STORE, GroupId=group)["DisplayName"] == name
    store.delete_group(IdentityStoreId=STORE, GroupId=group)
    assert (
        refused(store.describe_group, IdentityStoreId=STORE, GroupId=group)["ResourceType"]
        == "GROUP"
    )


def test_a_membership_is_made_once(store):
    user, group = store.create_user(**person())["UserId"], new_group(store)
    made = store.create_group_membership(
        IdentityStoreId=STORE, GroupId=group, MemberId={"UserId": user}
    )

    error = refused(
        store.create_group_membership,
        IdentityStoreId=STORE,
        GroupId=group,
        MemberId={"UserId": user},
    )

    assert error["Reason"] == "UNIQUENESS_CONSTRAINT_VIOLATION"
    found = store.get_group_membership_id(
        IdentityStoreId=STORE, GroupId=group, MemberId={"UserId": user}
    )
    assert found["MembershipId"] == made["MembershipId"]


def test_a_membership_is_described(store):
    user, group = store.create_user(**person())["UserId"], new_group(store)
    made = store.create_group_membership(
        IdentityStoreId=STORE, GroupId=group, MemberId={"UserId": user}
    )

    membership = store.describe_group_membership(
        IdentityStoreId=STORE, MembershipId=made["MembershipId"]
    )

    assert (membership["GroupId"], membership["MemberId"]) == (group, {"UserId": user})


def test_a_membership_is_deleted_once(store):
    user, group = store.create_user(**person())["UserId"], new_group(store)
    made = store.create_group_membership(
        IdentityStoreId=STORE, GroupId=group, MemberId={"UserId": user}
    )

    store.delete_group_membership(IdentityStoreId=STORE, MembershipId=made["MembershipId"])

    error = refused(
        store.delete_group_membership, IdentityStoreId=STORE, MembershipId=made["MembershipId"]
    )
    assert error["ResourceType"] == "GROUP_MEMBERSHIP"
    error = refused(
        store.get_group_membership_id,
        IdentityStoreId=STORE,
        GroupId=group,
        MemberId={"UserId": user},
    )
    assert error["ResourceType"] == "GROUP_MEMBERSHIP"


@pytest.mark.parametrize(("group", "user", "kind"), [(False, True, "GROUP"), (True, False, "USER")])
def test_a_membership_needs_both_sides(store, group, user, kind):
    unknown = company.directory_id("nothing", "here")
    group_id = company.PLANS[0].group_id if group else unknown
    user_id = company.PEOPLE[0].directory_user_id if user else unknown

    error = refused(
        store.create_group_membership,
        IdentityStoreId=STORE,
        GroupId=group_id,
        MemberId={"UserId": user_id},
    )

    assert error["ResourceType"] == kind


def test_memberships_of_a_member_are_listed(store):
    zoe = next(person for person in company.PEOPLE if person.plan == "power").directory_user_id

    found = store.list_group_memberships_for_member(IdentityStoreId=STORE, MemberId={"UserId": zoe})

    assert [item["GroupId"] for item in found["GroupMemberships"]] == [
        company.PLAN_BY_CODE["power"].group_id
    ]


def test_is_member_in_groups_answers_for_each_group(store):
    zoe = next(person for person in company.PEOPLE if person.plan == "power").directory_user_id
    groups = [plan.group_id for plan in company.PLANS]

    results = store.is_member_in_groups(
        IdentityStoreId=STORE, MemberId={"UserId": zoe}, GroupIds=groups
    )["Results"]

    assert [item["MembershipExists"] for item in results] == [False, False, False, True]


def test_the_stranger_has_a_seat(store):
    group = company.PLAN_BY_CODE["pro-plus"].group_id

    members = store.list_group_memberships(IdentityStoreId=STORE, GroupId=group)["GroupMemberships"]

    assert company.STRANGER.directory_user_id in {item["MemberId"]["UserId"] for item in members}


def test_users_come_in_pages_that_a_deletion_does_not_shift(store):
    made = [store.create_user(**person())["UserId"] for _ in range(5)]
    first = store.list_users(IdentityStoreId=STORE, MaxResults=3)
    store.delete_user(IdentityStoreId=STORE, UserId=made[0])

    rest, token = [], first["NextToken"]
    while token:
        page = store.list_users(IdentityStoreId=STORE, MaxResults=3, NextToken=token)
        rest += page["Users"]
        token = page.get("NextToken")

    assert len(first["Users"]) == 3
    assert set(made[1:]) <= {user["UserId"] for user in rest}
    assert not {user["UserId"] for user in rest} & {user["UserId"] for user in first["Users"]}


def test_a_page_holds_at_most_a_hundred(store):
    assert (
        refused(store.list_users, IdentityStoreId=STORE, MaxResults=101)["Error"]["Code"]
        == "ValidationException"
    )


def test_a_token_of_another_list_is_refused(store):
    token = store.list_users(IdentityStoreId=STORE, MaxResults=1)["NextToken"]

    error = refused(store.list_groups, IdentityStoreId=STORE, NextToken=token)

    assert error["Error"]["Code"] == "ValidationException"


def test_the_paginator_sees_every_group_once(store):
    pages = store.get_paginator("list_groups").paginate(
        IdentityStoreId=STORE, PaginationConfig={"PageSize": 2}
    )

    names = [group["DisplayName"] for page in pages for group in page["Groups"]]

    assert {plan.group_name for plan in company.PLANS} <= set(names)
    assert len(names) == len(set(names))


def test_the_store_describes_itself(store):
    assert store.list_identity_stores()["IdentityStores"][0]["IdentityStoreId"] == STORE
    described = store.describe_identity_store(IdentityStoreId=STORE)
    assert described["IdentityStoreArn"] == company.IDENTITY_STORE_ARN
