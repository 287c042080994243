"""The access page: our own tables alone, a row for a worker with each form, reasons when hidden."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from onboarding.models import AccessGroup, AccessReading, AccountAssignment, PermissionSet
from onboarding.models.access import State
from tests.factories import make_founder, make_member, make_workspace

pytestmark = pytest.mark.django_db

URL = "/access/"
INSTANCE = "arn:aws:sso:::instance/ssoins-7223c1a2b3d4e5f6"
ACCOUNT = "123456789012"


@pytest.fixture
def browser(client):
    make_workspace(instance_arn=INSTANCE)
    client.force_login(make_founder())
    return client


def make_reading(outcome="done", **fields):
    return AccessReading.objects.create(
        instance_arn=INSTANCE, outcome=outcome, finished_at=timezone.now(), **fields
    )


def make_set(name="Viewer", **fields):
    values = {
        "arn": f"{INSTANCE.replace('instance', 'permissionSet')}/ps-{name:0<16}",
        "session": "PT4H",
        "policies": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
        "description": "Looks around",
        "accounts": [ACCOUNT],
    }
    return PermissionSet.objects.create(name=name, **{**values, **fields})


def make_assignment(permission_set, number=1, **fields):
    values = {
        "account_id": ACCOUNT,
        "principal_type": "USER",
        "principal_id": f"user-{number}",
        "principal_name": f"Person {number}",
    }
    return AccountAssignment.objects.create(permission_set=permission_set, **{**values, **fields})


def page(browser):
    return browser.get(URL).content.decode()


# What it shows -----------------------------------------------------------------------------------


def test_it_says_who_has_which_account_through_what(browser):
    make_reading()
    make_assignment(make_set())

    said = page(browser)

    assert "Person 1" in said
    assert ACCOUNT in said
    assert "Viewer" in said
    assert "4 hours" in said
    assert "Looks around" in said
    assert "ReadOnlyAccess" in said
    assert "As of" in said


def test_a_member_is_linked_and_a_group_unfolds(browser):
    make_reading()
    member = make_member()
    AccessGroup.objects.create(
        group_id="group-1", name="Builders", user_ids=[member.directory_user_id]
    )
    found = make_set()
    make_assignment(found, principal_id=member.directory_user_id)
    make_assignment(
        found, principal_type="GROUP", principal_id="group-1", principal_name="Builders"
    )

    said = page(browser)

    assert f'href="/team/{member.pk}/"' in said
    assert "Group of 1" in said
    assert said.count(member.full_name) >= 2


def test_opening_it_asks_aws_nothing(aws, browser):
    make_reading()
    make_assignment(make_set())
    aws.forget()

    page(browser)

    assert aws.ledger() == []


@pytest.mark.parametrize("count", [1, 30])
def test_as_many_queries_for_one_as_for_thirty(browser, count):
    make_reading()
    for number in range(count):
        make_assignment(make_set(f"Set{number}"), number)
    page(browser)

    with CaptureQueriesContext(connection) as queries:
        page(browser)

    assert len(queries) <= 20, "\n".join(query["sql"][:120] for query in queries)


def test_before_the_first_reading_it_says_what_to_do(browser):
    assert "Press Read now" in page(browser)


def test_read_now_leaves_a_row_for_a_worker(browser):
    browser.post("/access/read/")

    assert AccessReading.objects.under_way().count() == 1
    assert "Reading…" in page(browser)


def test_a_failed_reading_says_that_nothing_changed(browser):
    make_reading()
    make_assignment(make_set())
    make_reading("failed", reason="AWS gave no answer.", missing="")

    said = page(browser)

    assert "changed nothing" in said
    assert "Person 1" in said


# Hidden with a reason ----------------------------------------------------------------------------


def test_hidden_where_there_are_no_permission_sets(browser):
    make_reading("not-offered", reason="This instance has none.")

    said = page(browser)

    assert "This instance has none." in said
    assert "Give access" not in said


def test_hidden_for_want_of_a_permission_that_is_named(browser):
    make_reading("failed", reason="The portal may not ask.", missing="sso:ListPermissionSets")

    said = page(browser)

    assert "sso:ListPermissionSets" in said
    assert "/setup/policy.json" in said
    assert "Give access" not in said


def test_hidden_before_connecting(client):
    client.force_login(make_founder())

    assert "AWS is not connected yet." in client.get(URL).content.decode()


def test_a_reading_of_another_instance_tells_nothing(browser):
    make_reading()
    make_workspace(instance_arn=INSTANCE.replace("7223", "9999"))

    assert "Press Read now" in page(browser)


def test_switched_off_it_is_neither_in_the_menu_nor_shown(browser, settings):
    settings.ACCESS = "off"

    said = page(browser)

    assert "switched off" in said
    assert 'href="/access/"' not in said


def test_where_it_only_reads_there_is_nothing_to_press(browser, settings):
    settings.ACCESS = "read"
    make_reading()
    make_assignment(make_set())

    said = page(browser)

    assert "Person 1" in said
    assert "Give access" not in said
    assert "Remove" not in said


# Asking ------------------------------------------------------------------------------------------


@pytest.fixture
def ready(browser):
    make_reading()
    return browser


def give(browser, permission_set, **changes):
    values = {"permission_set": permission_set.pk, "account_id": ACCOUNT, **changes}
    return browser.post(URL, {"action": "assign", **values})


def test_access_for_a_member(ready):
    member, found = make_member(), make_set()

    assert give(ready, found, person=f" {member.email.upper()} ").status_code == 302

    row = AccountAssignment.objects.get()
    assert (row.principal_id, row.principal_type) == (member.directory_user_id, "USER")
    assert (row.state, row.is_in_work) == (State.WANTED, True)
    assert "Being made" in page(ready)


def test_access_for_a_group(ready):
    group = AccessGroup.objects.create(group_id="group-1", name="Builders")

    give(ready, make_set(), group=group.pk, account_id="1234 5678 9012")

    assert AccountAssignment.objects.get().principal_id == "group-1"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Name a person or pick a group"),
        ({"person": "nobody@example.com"}, "Nobody on the team has the e-mail"),
        ({"person": "ada@example.com", "account_id": "12345"}, "12 digits"),
        ({"person": "ada@example.com", "account_id": "١٢٣٤٥٦٧٨٩٠١٢"}, "12 digits"),
    ],
)
def test_what_cannot_be_given_is_said_at_the_form(ready, changes, said):
    make_member(email="ada@example.com")

    answer = give(ready, make_set(), **changes)

    assert said in answer.content.decode()
    assert not AccountAssignment.objects.exists()


def test_a_person_and_a_group_at_once_is_refused(ready):
    group = AccessGroup.objects.create(group_id="group-1", name="Builders")
    member = make_member()

    answer = give(ready, make_set(), person=member.email, group=group.pk)

    assert "one of the two" in answer.content.decode()


def test_a_set_that_is_not_there_yet_cannot_be_given(ready):
    answer = give(ready, make_set(state=State.WANTED), person=make_member().email)

    assert answer.status_code == 200
    assert not AccountAssignment.objects.exists()


def create(browser, **changes):
    values = {"preset": "read-only", "hours": "4", "name": "", "description": "", **changes}
    return browser.post(URL, {"action": "create", **values})


def test_a_preset_brings_its_name_and_policy(ready):
    assert create(ready).status_code == 302

    row = PermissionSet.objects.get()
    assert (row.name, row.session, row.state) == ("ReadOnly", "PT4H", State.WANTED)
    assert row.policies == ["arn:aws:iam::aws:policy/ReadOnlyAccess"]


def test_any_policy_of_aws_by_name(ready):
    create(ready, preset="other", policy="ViewOnlyAccess", name="Look", hours="12")

    row = PermissionSet.objects.get()
    assert row.policies == ["arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"]
    assert row.session == "PT12H"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"preset": "other", "name": "Look"}, "policy"),
        ({"preset": "other", "policy": "ViewOnlyAccess"}, "name"),
        ({"preset": "other", "policy": "arn:aws:iam::123456789012:policy/Own", "name": "x"}, "policy"),
        ({"name": "two words"}, "name"),
        ({"name": "x" * 33}, "name"),
        ({"description": "日本"}, "description"),
        ({"hours": "13"}, "hours"),
        ({"preset": "admin"}, "preset"),
    ],
)  # fmt: skip
def test_nonsense_is_said_at_its_field(ready, changes, field):
    answer = create(ready, **changes)

    assert answer.context["create"].errors[field]
    assert not PermissionSet.objects.exists()


def test_a_name_that_is_taken_is_said_at_the_form(ready):
    make_set("ReadOnly", policies=[])

    assert "Choose another name" in create(ready).content.decode()


def test_removing_access_leaves_a_row_for_a_worker(ready):
    row = make_assignment(make_set())

    ready.post(f"/access/assignments/{row.pk}/", {"do": "remove"})

    row.refresh_from_db()
    assert (row.state, row.is_in_work) == (State.LEAVING, True)


def test_a_set_in_use_is_not_removed_and_says_why(ready):
    found = make_set()
    make_assignment(found)

    answer = ready.post(f"/access/sets/{found.pk}/", {"do": "remove"}, follow=True)

    assert "Somebody has access through Viewer" in answer.content.decode()


def test_what_stopped_shows_its_reason_and_can_be_tried_again(ready):
    row = make_assignment(make_set(), state=State.WANTED, last_error="AWS could not do it.")
    assert "AWS could not do it." in page(ready)
    assert "Try again" in page(ready)

    ready.post(f"/access/assignments/{row.pk}/", {"do": "retry"})

    row.refresh_from_db()
    assert (row.is_in_work, row.last_error) == (True, "")


# While something is under way --------------------------------------------------------------------


def test_what_may_change_asks_for_itself_and_the_forms_stay(ready):
    make_assignment(make_set(), state=State.WANTED, next_try_at=timezone.now())

    said = page(ready)

    assert 'hx-select="#access-who"' in said
    assert said.count('hx-get="/access/') == 1


def test_before_the_first_reading_the_whole_page_asks_for_itself(browser):
    browser.post("/access/read/")

    assert 'hx-get="/access/" hx-trigger="every 2s" hx-swap="outerHTML"' in page(browser)


def test_a_hidden_page_that_is_read_again_asks_for_itself(browser):
    make_reading("not-offered", reason="This instance has none.")
    browser.post("/access/read/")

    assert 'hx-get="/access/' in page(browser)


def test_when_all_is_quiet_it_asks_for_nothing(ready):
    make_assignment(make_set())

    assert 'hx-get="/access/' not in page(ready)
