"""Founders in the browser: invited, removed, signed out; never without one."""

import threading

import pytest
from django.core import mail
from django.db import connection
from django.test import Client

from portal import founders
from portal.mailing import notices
from portal.models import AuditEvent, Notice, User
from tests.factories import make_founder, make_member, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def helen(client):
    make_workspace()
    founder = make_founder(email="helen@example.com")
    client.force_login(founder)
    return founder


def invite(client, email="ann@example.com", name="Ann Lee"):
    return client.post("/settings/people/", {"email": email, "name": name})


def actions():
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


def test_an_invited_founder_is_one(client, helen):
    invite(client)

    assert User.objects.get(email="ann@example.com").is_founder
    assert actions() == ["founder.invited"]


def test_the_mail_leads_to_sign_in_and_bears_no_secret(client, helen):
    invite(client)

    notices.send(Notice.objects.get().pk)

    message = mail.outbox[0]
    assert message.to == ["ann@example.com"]
    assert "/accounts/login/?email=ann%40example.com" in message.body
    assert "/accounts/link/" not in message.body


def test_a_member_who_is_invited_keeps_their_checklist(client, helen):
    member = make_member(email="ann@example.com")

    invite(client)

    assert User.objects.get(member=member).is_founder


def test_whoever_is_one_already_is_not_invited(client, helen):
    answer = invite(client, "Helen@example.com")

    assert "is a founder already" in answer.content.decode()
    assert actions() == []


@pytest.mark.parametrize(
    "email", ["", "nonsense", "a@b\nc@example.com", "x" * 300 + "@example.com"]
)
def test_nonsense_is_not_invited(client, helen, email):
    invite(client, email)

    assert User.objects.count() == 1


def test_a_removed_founder_is_out_at_once(client, helen):
    ann = make_founder(email="ann@example.com")
    theirs = Client()
    theirs.force_login(ann)

    client.post(f"/settings/people/{ann.pk}/remove/")

    assert theirs.get("/").url == "/accounts/login/?next=/"
    assert actions() == ["founder.removed"]


def test_a_removed_founder_on_the_team_signs_in_again_as_a_member(client, helen):
    member = make_member()
    User.objects.filter(member=member).update(role=User.Role.FOUNDER)
    theirs = Client()
    theirs.force_login(User.objects.get(member=member))

    client.post(f"/settings/people/{member.user_id}/remove/")

    assert theirs.get("/team/").url.startswith("/accounts/login/")
    theirs.force_login(User.objects.get(member=member))
    assert theirs.get("/checklist/").status_code == 200
    assert theirs.get("/team/").status_code == 404


def test_the_last_founder_stays(client, helen):
    answer = client.post(f"/settings/people/{helen.pk}/remove/", follow=True)

    assert "You are the last founder" in answer.content.decode()
    assert User.objects.get().is_founder


def test_a_founder_who_cannot_sign_in_does_not_count(client, helen):
    gone = make_founder()
    gone.is_active = False
    gone.save()

    client.post(f"/settings/people/{helen.pk}/remove/")

    assert User.objects.get(pk=helen.pk).is_founder


def test_signed_out_everywhere(client, helen):
    ann = make_founder()
    theirs = Client()
    theirs.force_login(ann)

    client.post(f"/settings/people/{ann.pk}/sign-out/")

    assert theirs.get("/").status_code == 302
    assert client.get("/").status_code == 200
    assert actions() == ["sessions.ended"]


@pytest.mark.parametrize("act", ["remove", "sign-out"])
def test_a_members_id_is_not_there(client, helen, act):
    member = make_member()

    assert client.post(f"/settings/people/{member.user_id}/{act}/").status_code == 404
    assert User.objects.get(pk=member.user_id).is_active


def test_the_page_tells_who_has_no_second_factor(client, helen):
    page = client.get("/settings/people/").content.decode()

    assert "No second factor" in page


def test_the_page_asks_as_little_for_thirty_as_for_one(
    client, helen, django_assert_max_num_queries
):
    client.get("/settings/people/")
    with django_assert_max_num_queries(8):
        client.get("/settings/people/")
    for _ in range(30):
        make_founder()

    with django_assert_max_num_queries(8):
        client.get("/settings/people/")


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_two_who_remove_each_other_at_once_leave_one():
    one, two = make_founder(), make_founder()
    start, refused = threading.Barrier(2), []

    def remove(whom, by):
        start.wait()
        try:
            founders.remove(whom, actor=by)
        except founders.Refused as refusal:
            refused.append(str(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=remove, args=pair) for pair in ((one, two), (two, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert founders.active().count() == 1
    assert refused == ["You are no founder any more."]
