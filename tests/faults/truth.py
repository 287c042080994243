"""What AWS has and what was mailed: the truth that the portal is measured by."""

import email
import email.policy
from collections import Counter
from pathlib import Path

from django.conf import settings

from onboarding.models import Member
from portal.models import Workspace
from tests.faults.outcome import Outcome


def users(lab):
    """How often each user name is in the directory, and the ids: (Counter, {name: id})."""
    store = Workspace.load().identity_store_id
    pages = (
        lab.cloud.client("identitystore")
        .get_paginator("list_users")
        .paginate(IdentityStoreId=store)
    )
    found = [user for page in pages for user in page["Users"]]
    names = Counter(user["UserName"].casefold() for user in found)
    return names, {user["UserId"]: user["UserName"].casefold() for user in found}


def seats(lab, names):
    """In how many seats each user name is, groups together."""
    store, directory = Workspace.load().identity_store_id, lab.cloud.client("identitystore")
    counted = Counter()
    for group in directory.list_groups(IdentityStoreId=store)["Groups"]:
        pages = directory.get_paginator("list_group_memberships").paginate(
            IdentityStoreId=store, GroupId=group["GroupId"]
        )
        for page in pages:
            for membership in page["GroupMemberships"]:
                counted[names.get(membership["MemberId"]["UserId"], "?")] += 1
    return counted


def everything(lab):
    """Every user as AWS has it, by id, and every seat: ({id: user}, {(group, user)})."""
    store, directory = Workspace.load().identity_store_id, lab.cloud.client("identitystore")
    pages = directory.get_paginator("list_users").paginate(IdentityStoreId=store)
    found = {user["UserId"]: user for page in pages for user in page["Users"]}
    seated = set()
    for group in directory.list_groups(IdentityStoreId=store)["Groups"]:
        for page in directory.get_paginator("list_group_memberships").paginate(
            IdentityStoreId=store, GroupId=group["GroupId"]
        ):
            of_group = (each["MemberId"]["UserId"] for each in page["GroupMemberships"])
            seated |= {(group["GroupId"], user_id) for user_id in of_group}
    return found, seated


def letters():
    """How many letters each address got."""
    counted = Counter()
    for path in Path(settings.EMAIL_FILE_PATH).glob("*.eml"):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        counted[str(message["To"])] += 1
    return counted


def creates(lab):
    """How many CreateUser requests AWS got, and how many it carried out."""
    asked = lab.cloud.ledger(service="identitystore", operation="CreateUser")
    return len(asked), sum(entry["applied"] for entry in asked)


def judge(lab, addresses, *, injected, recovery=None, spare_letters=0, note=""):
    """Each address: one user, one seat, one letter. A row that shows a reason is not lost but wrong.

    `spare_letters`: so many second copies may be there (a kill between sending and noting).
    """
    lab.cloud.calm()  # the work may be done before the trouble is over
    names, by_id = users(lab)
    seated, mailed = seats(lab, by_id), letters()
    shown = set(
        Member.objects.filter(email__in=addresses)
        .exclude(last_error="")
        .values_list("email", flat=True)
    )
    expected = [address for address in addresses if address not in shown]
    lost = [a for a in expected if not (names[a] and seated[a] and mailed[a])]
    twice = [a for a in addresses if names[a] > 1 or seated[a] > 1]
    copies = sum(mailed[a] - 1 for a in addresses if mailed[a] > 1)
    return Outcome(
        injected=injected,
        lost=len(lost),
        twice=len(twice) + max(0, copies - spare_letters),
        wrong=len(shown),
        recovery=recovery,
        note=note,
    )
