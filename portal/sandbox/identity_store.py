"""The Identity Store API, as strict as AWS: unique names and e-mails, revisions, typed errors."""

from __future__ import annotations

from portal.sandbox import identity_answers as answers
from portal.sandbox import shapes, user_attributes
from portal.sandbox.company import IDENTITY_STORE_ID, REGION
from portal.sandbox.directory import ID_KEY, Directory, Kind, Record, email_of
from portal.sandbox.service import Result, Service
from portal.sandbox.wire import Call


class IdentityStore(Service):
    """Operations on one Directory; what is not this store, or not in its Region, does not exist."""

    name = "identitystore"

    def __init__(self, directory: Directory) -> None:
        super().__init__()
        self._directory = directory
        self.operations = {
            "CreateUser": self.create_user,
            "DescribeUser": lambda call: self._described("USER", call),
            "UpdateUser": lambda call: self._updated("USER", call),
            "DeleteUser": lambda call: self._deleted("USER", call),
            "ListUsers": lambda call: self._listed("USER", call),
            "GetUserId": self.get_user_id,
            "CreateGroup": self.create_group,
            "DescribeGroup": lambda call: self._described("GROUP", call),
            "UpdateGroup": lambda call: self._updated("GROUP", call),
            "DeleteGroup": lambda call: self._deleted("GROUP", call),
            "ListGroups": lambda call: self._listed("GROUP", call),
            "GetGroupId": self.get_group_id,
            "CreateGroupMembership": self.create_membership,
            "DescribeGroupMembership": lambda call: self._described("GROUP_MEMBERSHIP", call),
            "DeleteGroupMembership": lambda call: self._deleted("GROUP_MEMBERSHIP", call),
            "GetGroupMembershipId": self.get_membership_id,
            "ListGroupMemberships": self.list_memberships,
            "ListGroupMembershipsForMember": self.list_memberships_for_member,
            "IsMemberInGroups": self.is_member_in_groups,
            "DescribeIdentityStore": lambda call: dict(answers.STORE),
            "ListIdentityStores": lambda call: {
                "IdentityStores": [dict(answers.STORE)] if call.region == REGION else []
            },
        }

    def answer(self, call: Call) -> Result:
        with self._directory.lock:
            return super().answer(call)

    def check(self, call: Call) -> None:
        store = call.params.get("IdentityStoreId", IDENTITY_STORE_ID)
        if call.operation == "ListIdentityStores":
            return
        if answers.plain_id(store) != IDENTITY_STORE_ID or call.region != REGION:
            raise answers.not_found("IDENTITY_STORE", store)

    # Users and groups

    def create_user(self, call: Call) -> Result:
        user = {key: value for key, value in call.params.items() if key != "IdentityStoreId"}
        user_attributes.check_user(user)
        self._check_unique_user(user, but="")
        user |= {
            "UserId": self._directory.new_id(),
            "UserStatus": "ENABLED",
            "CreatedBy": answers.CREATED_BY,
        }
        return answers.reference("USER", self._directory.put("USER", user), "Revision")

    def _check_unique_user(self, user: Record, *, but: str) -> None:
        if self._directory.user_by_name.get(user["UserName"].casefold(), but) != but:
            raise answers.conflict("Duplicate UserName")
        if self._directory.user_by_email.get(email_of(user).casefold(), but) != but:
            raise answers.conflict("Duplicate Emails")

    def create_group(self, call: Call) -> Result:
        group = {key: value for key, value in call.params.items() if key != "IdentityStoreId"}
        user_attributes.check_group(group)
        self._check_unique_group(group, but="")
        group |= {"GroupId": self._directory.new_id(), "CreatedBy": answers.CREATED_BY}
        return answers.reference("GROUP", self._directory.put("GROUP", group), "Revision")

    def _check_unique_group(self, group: Record, *, but: str) -> None:
        if self._directory.group_by_name.get(group["DisplayName"].casefold(), but) != but:
            raise answers.conflict("Duplicate GroupDisplayName")

    def get_user_id(self, call: Call) -> Result:
        path, value = answers.unique_attribute(call)
        indexes = {
            "username": self._directory.user_by_name,
            "emails.value": self._directory.user_by_email,
        }
        if path not in indexes:
            raise answers.invalid(f"Unsupported AttributePath: {path}")
        return answers.reference(
            "USER", self._record("USER", indexes[path].get(value.casefold(), ""))
        )

    def get_group_id(self, call: Call) -> Result:
        path, value = answers.unique_attribute(call)
        if path != "displayname":
            raise answers.invalid(f"Unsupported AttributePath: {path}")
        group_id = self._directory.group_by_name.get(value.casefold(), "")
        return answers.reference("GROUP", self._record("GROUP", group_id))

    # What users, groups and memberships share

    def _record(self, kind: Kind, resource_id: str) -> Record:
        record = self._directory.records[kind].get(answers.plain_id(resource_id))
        if record is None:
            raise answers.not_found(kind, answers.plain_id(resource_id))
        return record

    def _described(self, kind: Kind, call: Call) -> Result:
        return answers.shown(kind, self._record(kind, call.params[ID_KEY[kind]]))

    def _updated(self, kind: Kind, call: Call) -> Result:
        record = self._record(kind, call.params[ID_KEY[kind]])
        answers.check_revision(record, call)
        changed = user_attributes.apply(record, call.params["Operations"])
        shapes.check(shapes.model(self.name).shape_for(kind.title()), answers.shown(kind, changed))
        if kind == "USER":
            user_attributes.check_user(changed)
            self._check_unique_user(changed, but=record["UserId"])
        else:
            user_attributes.check_group(changed)
            self._check_unique_group(changed, but=record["GroupId"])
        return answers.reference(kind, self._directory.put(kind, changed), "Revision")

    def _deleted(self, kind: Kind, call: Call) -> Result:
        record = self._record(kind, call.params[ID_KEY[kind]])
        answers.check_revision(record, call)
        self._directory.remove(kind, record[ID_KEY[kind]])
        return {}

    def _listed(self, kind: Kind, call: Call) -> Result:
        wanted = {
            item["AttributePath"].casefold(): item["AttributeValue"]
            for item in call.params.get("Filters", [])
        }
        records = [r for r in self._directory.records[kind].values() if answers.passes(r, wanted)]
        name = "Users" if kind == "USER" else "Groups"
        return answers.page(call, name, kind, records)

    # Memberships

    def create_membership(self, call: Call) -> Result:
        group = self._record("GROUP", call.params["GroupId"])["GroupId"]
        user = self._record("USER", answers.member_of(call))["UserId"]
        if user in self._directory.members_of.get(group, {}):
            raise answers.conflict("Member and Group relationship already exists.")
        record = {
            "MembershipId": self._directory.new_id(),
            "GroupId": group,
            "MemberId": {"UserId": user},
        }
        record["CreatedBy"] = answers.CREATED_BY
        return answers.reference(
            "GROUP_MEMBERSHIP", self._directory.put("GROUP_MEMBERSHIP", record)
        )

    def get_membership_id(self, call: Call) -> Result:
        group = self._record("GROUP", call.params["GroupId"])["GroupId"]
        user = self._record("USER", answers.member_of(call))["UserId"]
        membership = self._directory.members_of.get(group, {}).get(user, "")
        return answers.reference("GROUP_MEMBERSHIP", self._record("GROUP_MEMBERSHIP", membership))

    def list_memberships(self, call: Call) -> Result:
        group = self._record("GROUP", call.params["GroupId"])["GroupId"]
        return self._memberships(call, self._directory.members_of.get(group, {}))

    def list_memberships_for_member(self, call: Call) -> Result:
        user = self._record("USER", answers.member_of(call))["UserId"]
        return self._memberships(call, self._directory.groups_of.get(user, {}))

    def _memberships(self, call: Call, ids: dict[str, str]) -> Result:
        records = [
            self._directory.records["GROUP_MEMBERSHIP"][membership] for membership in ids.values()
        ]
        return answers.page(call, "GroupMemberships", "GROUP_MEMBERSHIP", records)

    def is_member_in_groups(self, call: Call) -> Result:
        user = self._record("USER", answers.member_of(call))["UserId"]
        groups = self._directory.groups_of.get(user, {})
        return {
            "Results": [
                {
                    "GroupId": group,
                    "MemberId": {"UserId": user},
                    "MembershipExists": answers.plain_id(group) in groups,
                }
                for group in call.params["GroupIds"]
            ]
        }
