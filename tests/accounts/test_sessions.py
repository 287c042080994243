"""Sessions: new at sign-in, listed, ended one by one, and gone with the right to have one."""

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from onboarding.team import members, offboarding
from portal.models import User
from tests.factories import get_plan, make_founder, make_member, make_user

pytestmark = pytest.mark.django_db
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


def sign_in(client, newest_code, email="ada@example.com"):
    client.post("/accounts/login/code/", {"email": email})
    client.post("/accounts/login/code/confirm/", {"code": newest_code()}, HTTP_USER_AGENT=CHROME)


@pytest.fixture
def ada():
    return make_user(email="ada@example.com")


def test_signing_in_makes_a_new_session(client, ada, newest_code):
    client.get("/accounts/login/")
    client.post("/accounts/login/code/", {"email": "ada@example.com"})
    before = client.session.session_key

    client.post("/accounts/login/code/confirm/", {"code": newest_code()})

    assert client.session.session_key != before


def test_sessions_are_listed(client, ada, newest_code):
    sign_in(client, newest_code)

    page = client.get("/accounts/sessions/").content.decode()

    assert "Chrome on Linux" in page
    assert "This one" in page


def test_another_session_can_be_ended(client, ada, newest_code, is_signed_in):
    other = Client()
    sign_in(other, newest_code)
    sign_in(client, newest_code)
    session = UserSession.objects.get(session_key=other.session.session_key)

    client.post(f"/accounts/sessions/{session.pk}/end/")

    assert not is_signed_in(other)
    assert is_signed_in(client)


def test_all_others_can_be_ended(client, ada, newest_code, is_signed_in):
    other = Client()
    sign_in(other, newest_code)
    sign_in(client, newest_code)

    client.post("/accounts/sessions/")

    assert not is_signed_in(other)
    assert is_signed_in(client)


def test_nobody_elses_session_is_there(client, ada, newest_code, is_signed_in):
    make_user(email="eve@example.com")
    sign_in(client, newest_code)
    other = Client()
    sign_in(other, newest_code, "eve@example.com")
    session = UserSession.objects.get(user__email="ada@example.com")

    assert other.post(f"/accounts/sessions/{session.pk}/end/").status_code == 404
    assert is_signed_in(client)


def test_who_is_deactivated_is_out_at_once(client, ada, is_signed_in):
    client.force_login(ada)

    User.deactivate(User.objects.filter(pk=ada.pk))

    assert not is_signed_in(client)


def test_who_left_and_came_back_has_to_sign_in_again(client, is_signed_in):
    member, founder = make_member(email="ada@example.com"), make_founder()
    client.force_login(member.user)
    offboarding.offboard(member, actor=founder)
    member.refresh_from_db()
    offboarding._close(member)

    members.add(
        email="ada@example.com",
        given_name="Ada",
        family_name="L",
        plan=get_plan(),
        actor=founder,
    )

    assert User.objects.get(email="ada@example.com").is_active
    assert not is_signed_in(client)


@pytest.mark.parametrize("role", [User.Role.MEMBER, User.Role.FOUNDER])
def test_another_role_is_another_session(client, is_signed_in, role):
    user = make_founder() if role == User.Role.MEMBER else make_user()
    client.force_login(user)

    User.objects.filter(pk=user.pk).update(role=role)

    assert not is_signed_in(client)


def test_a_new_password_ends_the_other_sessions(client, ada, is_signed_in):
    client.force_login(ada)

    ada.set_password("correct horse battery")
    ada.save()

    assert not is_signed_in(client)
