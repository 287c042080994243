"""The invitation link: a look changes nothing, the click signs in once."""

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.utils import timezone

from onboarding.models import Member
from onboarding.team import invitations
from portal.mailing import notices
from portal.models import Notice
from tests.factories import make_founder, make_member, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    make_workspace()
    return make_member(given_name="Jonas", email="jonas@example.com")


@pytest.fixture
def link(member):
    return f"/invitation/{invitations.token_of(member)}/"


def is_signed_in(client):
    return "_auth_user_id" in client.session


def test_looking_a_hundred_times_changes_nothing(client, member, link):
    before = Member.objects.values().get()

    for _ in range(50):
        client.get(link)
        client.head(link)

    assert Member.objects.values().get() == before
    assert not is_signed_in(client)


def test_the_click_signs_in_and_leads_to_the_checklist(client, link):
    response = client.post(link)

    assert response.url == "/checklist/"
    assert is_signed_in(client)


def test_a_link_works_once(client, link):
    client.post(link)
    client.logout()

    page = client.post(link)

    assert not is_signed_in(client)
    assert page.context["state"] == "used"


def test_of_two_clicks_at_the_same_moment_one_signs_in(member):
    token, others = invitations.token_of(member), []

    def be_quicker(execute, sql, *rest):
        if sql.startswith("UPDATE") and not others:
            others.append("at it")
            others.append(invitations.accept(token))
        return execute(sql, *rest)

    with connection.execute_wrapper(be_quicker):
        mine = invitations.accept(token)

    assert mine is None
    assert others[1] == member.user


def test_whoever_is_signed_in_already_goes_on_to_the_steps(client, link):
    client.post(link)

    page = client.get(link).content.decode()

    assert 'href="/checklist/"' in page
    assert "mailed code" not in page


def test_somebody_else_who_is_signed_in_is_told_before_the_click(client, link):
    client.force_login(make_founder(email="helen@example.com"))

    assert "“Continue” signs that person out" in client.get(link).content.decode()


def test_a_new_link_ends_the_old_one(client, member, link):
    invitations.resend(member, actor=make_founder())

    assert client.post(link).context["state"] == "replaced"
    assert not is_signed_in(client)


def test_an_old_link_says_that_it_is_expired(client, link):
    with time_machine.travel(timezone.now() + timezone.timedelta(days=15)):
        assert client.post(link).context["state"] == "expired"


@pytest.mark.parametrize("token", ["x", "a:b:c", "%00", "é" * 50, "W10:1abc:zzz"])
def test_a_made_up_link_says_what_to_do(client, token):
    page = client.get(f"/invitation/{token}/")

    assert page.status_code == 200
    assert page.context["state"] == "unknown"


def test_whoever_has_left_cannot_use_the_link(client, member, link):
    Member.objects.filter(pk=member.pk).update(status=Member.Status.REMOVED)

    client.post(link)

    assert not is_signed_in(client)


def test_the_mail_says_what_the_member_needs(member):
    notice = invitations.post(member)

    notices.send(notice.pk)

    text = mail.outbox[0].body
    for word in ["Northwind Labs", "https://d-9067c1a2b3.awsapps.com/start", "us-east-1"]:
        assert word in text
    assert "jonas@example.com" in text


def test_the_link_in_the_mail_works(client, member):
    notices.send(invitations.post(member).pk)
    line = next(line for line in mail.outbox[0].body.split() if "/invitation/" in line)

    response = client.post(line[line.index("/invitation/") :])

    assert response.url == "/checklist/"


def test_the_mail_has_a_html_part(member):
    notices.send(invitations.post(member).pk)

    assert mail.outbox[0].alternatives[0][1] == "text/html"


def test_asking_twice_for_the_same_link_sends_one_mail(member):
    assert invitations.post(member).pk == invitations.post(member).pk


def test_an_invitation_that_was_replaced_is_not_sent(member):
    old = invitations.post(member)
    invitations.resend(member, actor=make_founder())

    notices.send(old.pk)

    assert mail.outbox == []
    assert Notice.objects.get(pk=old.pk).failure_code == "obsolete"
