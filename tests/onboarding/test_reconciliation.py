"""What counts as a difference: pictures of both sides in, differences out. No database, no AWS."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.drift.reconciliation import Known, Listing, compare, statuses
from onboarding.gateways.identity_center import DirectoryUser
from onboarding.models import Drift

Kind = Drift.Kind
PRO, POWER = "group-pro", "group-power"

ADA = Known(1, "u-ada", "ada@example.com", "Ada", "Lovelace", PRO)
ADA_THERE = DirectoryUser(
    "u-ada", "ada", "ada@example.com", None, "Ada", "Lovelace", status="ENABLED"
)


def there(*users, pro=(), power=()):
    return Listing(tuple(users), {PRO: frozenset(pro), POWER: frozenset(power)})


def kinds(members, listing):
    return [difference.kind for difference in compare(members, listing)]


def user(**changes):
    return replace(ADA_THERE, **changes)


@pytest.mark.parametrize(
    ("listing", "expected"),
    [
        (there(ADA_THERE, pro=["u-ada"]), []),
        (there(), [Kind.MISSING]),
        (there(pro=["u-ada"]), [Kind.MISSING]),
        (there(ADA_THERE), [Kind.OUT_OF_GROUP]),
        (there(ADA_THERE, power=["u-ada"]), [Kind.WRONG_GROUP]),
        (there(ADA_THERE, pro=["u-ada"], power=["u-ada"]), [Kind.TWO_GROUPS]),
        (there(user(status="DISABLED"), pro=["u-ada"]), [Kind.DISABLED]),
        (there(user(status=""), pro=["u-ada"]), []),
        (there(user(email="king@example.com"), pro=["u-ada"]), [Kind.EMAIL]),
        (there(user(email=""), pro=["u-ada"]), [Kind.EMAIL]),
        (there(user(email="ＡDA@Example.com"), pro=["u-ada"]), []),
        (there(user(family_name="King"), pro=["u-ada"]), [Kind.NAME]),
        (there(user(given_name="ada ", family_name="LOVELACE"), pro=["u-ada"]), []),
        (there(user(given_name="", family_name=""), pro=["u-ada"]), []),
        (there(user(status="DISABLED", family_name="King")), [Kind.DISABLED, Kind.OUT_OF_GROUP, Kind.NAME]),
    ],
)  # fmt: skip
def test_a_member_is_compared_with_what_is_there(listing, expected):
    assert kinds([ADA], listing) == expected


def test_one_name_sent_twice_is_no_other_name():
    mono = replace(ADA, given_name="Mono", family_name="")

    assert kinds([mono], there(user(given_name="Mono", family_name="Mono"), pro=["u-ada"])) == []


def test_a_name_too_long_for_the_team_is_no_other_name():
    long = replace(ADA, given_name="x" * 100)

    assert kinds([long], there(user(given_name="x" * 1024), pro=["u-ada"])) == []


@pytest.mark.parametrize("listing", [there(), there(ADA_THERE), there(user(status="DISABLED"))])
def test_whoever_is_in_work_is_not_judged(listing):
    assert kinds([replace(ADA, is_judged=False)], listing) == []


def test_a_name_on_its_way_to_aws_is_not_judged():
    listing = there(user(family_name="King"), pro=["u-ada"])

    assert kinds([replace(ADA, is_name_judged=False)], listing) == []


def test_without_a_seat_group_of_ours_no_seat_is_judged():
    assert kinds([replace(ADA, seat_group_id="")], there(ADA_THERE, power=["u-ada"])) == []


def test_a_paid_seat_that_nobody_knows_is_a_stranger():
    found = compare([], there(ADA_THERE, pro=["u-ada"], power=["u-ada"]))

    assert [(d.kind, d.member, d.group_ids) for d in found] == [
        (Kind.STRANGER, None, (POWER, PRO)),
    ]


@pytest.mark.parametrize(
    ("member", "why"),
    [
        (replace(ADA, is_judged=False), "leaving, or just left"),
        (replace(ADA, user_id="", is_judged=False), "the user is being made"),
        (ADA, "on the team"),
    ],
)
def test_no_stranger_is_whoever_the_portal_knows(member, why):
    assert Kind.STRANGER not in kinds([member], there(ADA_THERE, pro=["u-ada"])), why


def test_a_user_made_again_by_hand_is_no_stranger():
    again = user(user_id="u-other")

    assert kinds([ADA], there(again, pro=["u-other"])) == [Kind.MISSING]


def test_a_user_without_a_seat_is_nobodys_business():
    assert kinds([], there(ADA_THERE)) == []


def test_a_seat_whose_user_was_deleted_while_we_read_is_none():
    assert kinds([], there(pro=["u-gone"])) == []


def test_another_new_address_is_another_difference():
    first, second = (
        compare([ADA], there(user(email=email), pro=["u-ada"]))[0]
        for email in ("one@example.com", "two@example.com")
    )

    assert first.key == second.key
    assert first.mark != second.mark


def test_a_stranger_with_another_name_is_the_same_difference():
    first, second = (
        compare([], there(user(given_name=name), pro=["u-ada"]))[0] for name in ("Ada", "Eve")
    )

    assert first.mark == second.mark


def test_statuses_are_as_aws_has_them():
    gone = replace(ADA, pk=2, user_id="u-gone")
    being_made = replace(ADA, pk=3, user_id="u-new", is_judged=False)

    found = statuses([ADA, gone, being_made], there(user(status="DISABLED")))

    assert found == {"DISABLED": [1], "MISSING": [2]}


# Whatever is there -----------------------------------------------------------------------------

NAMES = st.sampled_from(["Ada", "Grace", "Zoë"])
EMAILS = st.sampled_from([f"{letter}@example.com" for letter in "abcdef"])
IDS = [f"u-{number}" for number in range(6)]


@st.composite
def companies(draw):
    """Members and a directory that may agree or not."""
    emails = draw(st.lists(EMAILS, unique=True, max_size=6))
    members = [
        Known(
            pk=number + 1,
            user_id=IDS[number],
            email=email,
            given_name=draw(NAMES),
            family_name="X",
            seat_group_id=draw(st.sampled_from([PRO, POWER])),
            is_judged=draw(st.booleans()),
        )
        for number, email in enumerate(emails)
    ]
    users = tuple(
        DirectoryUser(user_id, user_id, draw(EMAILS), None, draw(NAMES), "X", draw(st.sampled_from(["ENABLED", "DISABLED"])))
        for user_id in draw(st.lists(st.sampled_from(IDS), unique=True))
    )  # fmt: skip
    seats = {group: draw(st.frozensets(st.sampled_from(IDS))) for group in (PRO, POWER)}
    return members, Listing(users, seats)


@given(companies())
def test_each_difference_is_there_once_and_of_somebody_judged(company):
    members, listing = company
    judged = {member.pk for member in members if member.is_judged}

    found = compare(members, listing)

    assert len({difference.key for difference in found}) == len(found)
    assert {difference.member for difference in found} - {None} <= judged


@given(companies())
def test_after_everything_is_repaired_nothing_differs(company):
    members, listing = company

    assert compare(members, _repaired(members, listing)) == []


def _repaired(members, listing):
    """The directory as the founder's answers to every difference would make it."""
    users = {user.user_id: user for user in listing.users}
    seats = {group: set(ids) for group, ids in listing.seats.items()}
    by_pk = {member.pk: member for member in members}
    for difference in compare(members, listing):
        member, user_id = by_pk.get(difference.member), difference.user.user_id
        for ids in seats.values():
            ids.discard(user_id)
        if member is not None:
            users[user_id] = DirectoryUser(
                user_id, user_id, member.email, None, member.given_name, member.family_name, "ENABLED"
            )  # fmt: skip
            seats[member.seat_group_id].add(user_id)
    listing = Listing(
        tuple(users.values()), {group: frozenset(ids) for group, ids in seats.items()}
    )
    # A member whose user is back is no more looked for by e-mail: whoever had it is a stranger now.
    strangers = {d.user.user_id for d in compare(members, listing) if d.member is None}
    return Listing(listing.users, {group: ids - strangers for group, ids in listing.seats.items()})
