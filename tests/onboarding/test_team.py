"""The board: who may look, adding one, searching, what the rows say."""

import re

import pytest
from django.utils import timezone

from onboarding.models import Member, Plan
from portal.models import AuditEvent
from tests.factories import make_founder, make_member, make_queued, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def founder(client):
    founder = make_founder()
    client.force_login(founder)
    return founder


def add(client, **data):
    values = {
        "email": "ada@example.com",
        "given_name": "Ada",
        "family_name": "Lovelace",
        "plan": "pro-plus",
        **data,
    }
    return client.post("/team/", values)


def test_a_member_is_added(client, founder):
    response = add(client)

    assert response.status_code == 302
    member = Member.objects.get()
    assert (member.email, member.plan.code, member.status) == (
        "ada@example.com",
        "pro-plus",
        "queued",
    )


def test_the_founder_is_on_record(client, founder):
    add(client)

    assert AuditEvent.objects.get(action="member.added").actor == founder.email


def test_the_work_is_asked_for_once_committed(
    client, founder, monkeypatch, django_capture_on_commit_callbacks
):
    enqueued = []
    monkeypatch.setattr(
        "portal.jobs.enqueue", lambda model, pks, **_: enqueued.append((model, pks))
    )

    with django_capture_on_commit_callbacks(execute=True):
        add(client)
        enqueued_before = list(enqueued)

    assert enqueued_before == []
    assert enqueued == [(Member, [Member.objects.get().pk])]


@pytest.mark.parametrize(
    "email",
    ["ada@example.com", "ADA@Example.com", "  ada@example.com ", "ａｄａ@example.com"],
)
def test_the_same_person_is_on_the_team_once(client, founder, email):
    add(client)

    page = add(client, email=email).content.decode()

    assert Member.objects.count() == 1
    assert "Ada Lovelace with this e-mail is on the team already" in page


def test_whoever_left_can_come_back(client, founder):
    add(client)
    Member.objects.update(status=Member.Status.REMOVED)

    add(client)

    assert Member.objects.on_team().count() == 1


@pytest.mark.parametrize(
    "bad",
    [
        {"email": ""},
        {"email": "not-an-address"},
        {"email": "a@example.com\nBcc: x@example.com"},
        {"email": "x" * 300 + "@example.com"},
        {"given_name": ""},
        {"given_name": "x" * 101},
        {"given_name": "nul\0"},
        {"plan": "gold"},
    ],
)
def test_bad_input_is_shown_and_nothing_is_kept(client, founder, bad):
    response = add(client, **bad)

    assert response.status_code == 200
    assert response.context["form"].errors
    assert not Member.objects.exists()


def test_without_a_plan_the_default_one_is_given(client, founder):
    add(client, plan="")

    assert Member.objects.get().plan.code == "pro-plus"


def test_a_script_as_a_name_is_text(client, founder):
    add(client, given_name="<script>alert(1)</script>")

    assert "<script>alert(1)</script>" not in client.get("/team/").content.decode()


def test_a_founder_who_joins_the_team_stays_a_founder(client, founder):
    add(client, email=founder.email)

    founder.refresh_from_db()
    assert founder.is_founder


@pytest.mark.parametrize("path", ["/team/", "/team/1/retry/", "/team/1/resend/"])
def test_members_find_nothing_here(client, path):
    client.force_login(make_user())

    assert client.get(path).status_code == 404
    assert client.post(path).status_code == 404


def test_strangers_are_asked_to_sign_in(client):
    assert client.get("/team/").url.startswith("/accounts/login/")


def names(client, query):
    page = client.get(f"/team/?{query}").text
    return re.findall(r'class="member__name"[^>]*>(\w+)', page)


@pytest.fixture
def three(founder):
    make_member(given_name="Ada", plan="pro", done=5)
    make_member(given_name="Tom", trouble="stuck", trouble_since=timezone.now())
    make_queued(given_name="Zoë", email="zoe@kiro.example")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sort=name", ["Ada", "Tom", "Zoë"]),
        ("sort=trouble", ["Tom", "Zoë", "Ada"]),
        ("", ["Zoë", "Tom", "Ada"]),
        ("q=zo", ["Zoë"]),
        ("q=KIRO.example", ["Zoë"]),
        ("q=ada+lovelace", ["Ada"]),
        ("q=nobody", []),
        ("status=trouble", ["Tom"]),
        ("status=verified", ["Ada"]),
        ("status=queued", ["Zoë"]),
        ("plan=pro", ["Ada"]),
        ("step=activate", ["Tom"]),
        ("status=nonsense&sort=nonsense&page=x", ["Zoë", "Tom", "Ada"]),
        ("page=999999999999999999999", ["Zoë", "Tom", "Ada"]),
        ("q=%00", ["Zoë", "Tom", "Ada"]),
    ],
)
def test_search(client, three, query, expected):
    assert names(client, query) == expected


def test_pages_hold_fifty(client, founder):
    for _ in range(51):
        make_member()

    assert len(names(client, "")) == 50
    assert len(names(client, "page=2")) == 1


@pytest.mark.parametrize("members", [1, 30])
def test_the_board_costs_the_same_queries_whatever_its_length(
    client, founder, members, django_assert_num_queries
):
    for _ in range(members):
        make_member(done=3)
    client.get("/team/")

    with django_assert_num_queries(4):
        client.get("/team/")


def test_it_costs_them_whatever_trouble_the_members_are_in(client, founder, queries_of):
    members = [make_member(done=3) for _ in range(30)]
    costs = set()

    for found in Member.Trouble:
        for some in (members[:1], members):
            Member.objects.update(trouble="")
            Member.objects.filter(pk__in=[each.pk for each in some]).update(trouble=found)
            costs.add(queries_of(lambda: client.get("/team/", headers={"HX-Request": "true"})))

    assert len(costs) == 1


def test_the_board_alone_answers_htmx(client, founder):
    make_queued()

    page = client.get("/team/", headers={"HX-Request": "true"}).content.decode()

    assert 'id="board"' in page
    assert "<html" not in page


def test_a_board_in_work_asks_again_by_itself(client, founder):
    make_queued()

    assert "every 2s" in client.get("/team/").content.decode()


def test_a_settled_board_is_quiet(client, founder):
    make_member()

    assert "every 2s" not in client.get("/team/").content.decode()


def test_retry_sets_a_failed_member_to_work_again(client, founder):
    member = make_queued(status="failed", failure_code="refused", last_error="no")
    Member.objects.update(next_try_at=None)

    client.post(f"/team/{member.pk}/retry/")

    member.refresh_from_db()
    assert (member.status, member.is_waiting) == ("queued", True)


def test_resend_makes_a_new_link(client, founder):
    member = make_member()

    client.post(f"/team/{member.pk}/resend/")

    old = member.invitation_nonce
    member.refresh_from_db()
    assert member.invitation_nonce != old


def test_resend_needs_somebody_invited(client, founder):
    assert client.post(f"/team/{make_queued().pk}/resend/").status_code == 404


@pytest.mark.parametrize("pk", ["0", "99999999999999999999999"])
def test_a_member_who_is_not_there(client, founder, pk):
    assert client.post(f"/team/{pk}/retry/").status_code == 404


def test_the_choice_of_one_look_is_not_that_of_the_next(client, founder):
    make_member()
    selected = '<option value="trouble" selected>'

    assert selected in client.get("/team/?status=trouble").content.decode()
    assert selected not in client.get("/team/").content.decode()


def test_a_renamed_plan_is_offered_by_its_new_name(client, founder):
    make_member()
    client.get("/team/")
    Plan.objects.filter(code="power").update(name="Boundless")

    page = client.get("/team/").content.decode()

    assert page.count(">Boundless</option>") == 3  # to add, to filter by, to change to
