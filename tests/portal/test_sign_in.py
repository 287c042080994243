"""Ways in: mailed codes, the founder's one-time link, one click in the sandbox on this machine."""

import re
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from portal.mailing import mail as door
from portal.models import User
from tests.factories import make_founder, make_member, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _mail_at_once(monkeypatch):
    """Sent before the answer, so that no test has to wait for it."""
    monkeypatch.setattr(door, "send_soon", door._send)


def is_signed_in(client):
    return "_auth_user_id" in client.session


def founder_link(email="founder@example.com"):
    out = StringIO()
    call_command("founder", email, stdout=out)
    return re.search(r"http://[^/]+(/accounts/link/\S+)", out.getvalue()).group(1)


def test_a_mailed_code_signs_in(client):
    make_user(email="ada@example.com")
    client.post("/accounts/login/code/", {"email": "Ada@example.com"})
    code = re.search(r"\b[A-Z]{4}-[A-Z]{4}\b", mail.outbox[0].body).group()

    client.post("/accounts/login/code/confirm/", {"code": code})

    assert is_signed_in(client)


def test_an_unknown_address_gets_the_same_answer_and_no_mail(client):
    make_user(email="ada@example.com")

    known = client.post("/accounts/login/code/", {"email": "ada@example.com"})
    unknown = client.post("/accounts/login/code/", {"email": "nobody@example.com"})

    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert [message.to for message in mail.outbox] == [["ada@example.com"]]


def test_nobody_signs_up_by_themselves(client):
    client.post("/accounts/signup/", {"email": "new@example.com"})

    assert not User.objects.exists()


def test_the_founders_link_signs_in_by_a_click(client):
    client.post(founder_link())

    assert is_signed_in(client)


def test_the_founders_link_does_nothing_by_a_look(client):
    link = founder_link()

    client.get(link)

    assert not is_signed_in(client)


def test_the_founders_link_works_once(client):
    link = founder_link()
    client.post(link)
    client.logout()

    client.post(link)

    assert not is_signed_in(client)


def test_the_command_promotes_a_member():
    make_member(email="ada@example.com")

    founder_link("Ada@Example.com")

    assert User.objects.get(email="ada@example.com").is_founder


def test_the_command_refuses_nonsense():
    with pytest.raises(CommandError, match="no e-mail address"):
        call_command("founder", "nonsense")


@pytest.mark.parametrize("link", ["/accounts/link/MQ/x/", "/accounts/link/x/x/"])
def test_a_made_up_link_says_so(client, link):
    assert client.get(link).context["state"] == "dead"


@pytest.fixture
def sandbox(settings):
    settings.AWS_SANDBOX = True


def one_click(client, role="founder", **extra):
    return client.post("/accounts/sandbox/", {"role": role}, **extra)


def test_one_click_signs_in_as_the_founder(client, sandbox):
    founder = make_founder()

    one_click(client)

    assert client.session["_auth_user_id"] == str(founder.pk)


def test_one_click_signs_in_as_a_member(client, sandbox):
    member = make_member()

    one_click(client, "member")

    assert client.session["_auth_user_id"] == str(member.user_id)


def test_one_click_is_not_there_without_the_sandbox(client):
    make_founder()

    assert one_click(client).status_code == 404
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "extra",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
    ],
)
def test_one_click_is_for_this_machine_alone(client, sandbox, extra):
    make_founder()

    assert one_click(client, **extra).status_code == 404


def test_one_click_is_not_offered_elsewhere(client, sandbox):
    assert "Continue as the founder" in client.get("/accounts/login/").content.decode()
    page = client.get("/accounts/login/", REMOTE_ADDR="192.0.2.7").content.decode()
    assert "Continue as the founder" not in page


def test_the_front_door_leads_founders_to_the_overview(client):
    client.force_login(make_founder())

    assert client.get("/").status_code == 200


def test_the_front_door_leads_members_to_their_checklist(client):
    client.force_login(make_member().user)

    assert client.get("/").url == "/checklist/"


def test_the_front_door_leads_strangers_to_sign_in(client):
    assert client.get("/").url == "/accounts/login/?next=/"


def test_the_address_of_a_button_is_a_page_with_words_for_who_opens_it(client):
    """As after signing in, when the button was pressed without being signed in any more."""
    client.force_login(make_founder())

    answer = client.get("/spend/refresh/")

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    assert "press it again" in answer.text
