"""Founders have a second factor in production, and are led there; codes work once."""

import time
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.management import call_command
from django.test import Client

from portal.models import AuditEvent
from portal.sign_in import factors, second_factor
from tests.factories import make_founder, make_member

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


SEALED_BY_0_1 = (  # SECRET, under the key of `test_a_secret_kept_by_an_earlier_version_opens`
    "gAAAAABrA551wOZ-mpAKmbHXi7QHHTPfOfgk207k1y3YL0zj-1TCIQzqZWvemcl_PjLeFdG3h0IAdC22"
    "B1pdGnf4yiIJfJX4eGHQYc-GFzFJ8pQa--CjlxjIo7MRy-TyOAU5g-dlbvfU"
)


def totp_now(secret=SECRET):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def give_totp(user):
    return Authenticator.objects.create(
        user=user,
        type=Authenticator.Type.TOTP,
        data={"secret": factors.Adapter().encrypt(SECRET)},
    )


def sign_in(client, newest_code, email):
    client.post("/accounts/login/code/", {"email": email})
    return client.post("/accounts/login/code/confirm/", {"code": newest_code()})


def test_a_secret_kept_by_an_earlier_version_opens(settings):
    settings.SECRET_KEY = "a-secret-of-an-older-day"

    assert factors.Adapter().decrypt(SEALED_BY_0_1) == SECRET


@pytest.mark.parametrize("path", ["/", "/team/", "/settings/people/", "/activity/export.csv"])
def test_a_founder_without_one_is_led_there(client, in_production, path):
    client.force_login(make_founder())

    assert client.get(path).url == "/accounts/2fa/"


def test_a_founder_without_one_does_nothing_else(client, in_production):
    founder = make_founder()
    client.force_login(founder)

    client.post("/settings/people/", {"email": "new@example.com"})

    assert list(second_factor.User.objects.all()) == [founder]


def test_the_page_says_why(client, in_production):
    client.force_login(make_founder())

    assert "First, set up one of these two" in client.get("/accounts/2fa/").content.decode()


def test_with_one_everything_is_open(client, in_production):
    founder = make_founder()
    give_totp(founder)
    client.force_login(founder)

    assert client.get("/").status_code == 200


def test_recovery_codes_alone_are_none(client, in_production):
    founder = make_founder()
    Authenticator.objects.create(user=founder, type=Authenticator.Type.RECOVERY_CODES, data={})

    assert second_factor.is_missing(founder)


def test_members_need_none(client, in_production):
    client.force_login(make_member().user)

    assert client.get("/checklist/").status_code == 200


def test_elsewhere_founders_need_none(client):
    client.force_login(make_founder())

    assert client.get("/").status_code == 200


def test_enrolling_opens_the_door(client, in_production, django_capture_on_commit_callbacks):
    client.force_login(make_founder())
    client.get("/accounts/2fa/totp/activate/")
    secret = client.session["mfa.totp.secret"]

    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/2fa/totp/activate/", {"code": totp_now(secret)})

    assert client.get("/").status_code == 200
    events = AuditEvent.objects.filter(action="second_factor.added")
    assert {event.detail["kind"] for event in events} == {"totp", "recovery_codes"}


def test_a_password_that_anybody_has_forgotten_keeps_no_founder_from_enrolling(client):
    founder = make_founder(email="helen@example.com")
    Client().post("/accounts/password/reset/", {"email": founder.email})
    client.force_login(founder)

    assert client.get("/accounts/2fa/totp/activate/").status_code == 200


def test_the_secret_does_not_lie_open_in_the_database(client, in_production):
    client.force_login(make_founder())
    client.get("/accounts/2fa/totp/activate/")
    secret = client.session["mfa.totp.secret"]

    client.post("/accounts/2fa/totp/activate/", {"code": totp_now(secret)})

    assert secret not in str(Authenticator.objects.get(type="totp").data)


def test_the_code_is_asked_for_at_sign_in(client, newest_code, is_signed_in):
    founder = make_founder(email="helen@example.com")
    give_totp(founder)

    answer = sign_in(client, newest_code, "helen@example.com")

    assert answer.url.startswith("/accounts/2fa/authenticate/")
    assert not is_signed_in(client)


def test_the_code_signs_in(client, newest_code, is_signed_in):
    give_totp(make_founder(email="helen@example.com"))
    sign_in(client, newest_code, "helen@example.com")

    client.post("/accounts/2fa/authenticate/", {"code": totp_now()})

    assert is_signed_in(client)


def test_the_code_is_good_once(client, newest_code, is_signed_in):
    give_totp(make_founder(email="helen@example.com"))
    code, other = totp_now(), Client()
    for browser in (client, other):
        sign_in(browser, newest_code, "helen@example.com")
        browser.post("/accounts/2fa/authenticate/", {"code": code})

    assert is_signed_in(client)
    assert not is_signed_in(other)


def test_a_new_secret_key_fits_no_code_and_breaks_no_page(
    client, newest_code, is_signed_in, settings
):
    give_totp(make_founder(email="helen@example.com"))
    settings.SECRET_KEY = "another-" * 8
    sign_in(client, newest_code, "helen@example.com")

    answer = client.post("/accounts/2fa/authenticate/", {"code": totp_now()})

    assert answer.status_code == 200
    assert not is_signed_in(client)


def test_the_link_from_the_shell_ends_a_lock_out(client, in_production, is_signed_in):
    give_totp(make_founder(email="helen@example.com"))
    out = StringIO()
    call_command("founder", "helen@example.com", stdout=out)
    path = out.getvalue().split()[-1].partition("/accounts")[2]

    client.post(f"/accounts{path}")
    client.post("/accounts/2fa/totp/deactivate/")

    assert not Authenticator.objects.exists()
    assert client.get("/team/").url == "/accounts/2fa/"


def test_passkeys_are_offered_at_sign_in(client):
    page = client.get("/accounts/login/").content.decode()

    assert "Sign in with a passkey" in page


def test_a_made_up_passkey_signs_nobody_in(client, is_signed_in):
    client.get("/accounts/2fa/webauthn/login/")

    client.post("/accounts/2fa/webauthn/login/", {"credential": '{"id": "x", "rawId": "x"}'})

    assert not is_signed_in(client)


def test_only_the_page_with_the_qr_code_allows_pictures_in_its_text(client):
    client.force_login(make_founder())

    activate = client.get("/accounts/2fa/totp/activate/")["Content-Security-Policy"]
    others = client.get("/accounts/2fa/")["Content-Security-Policy"]

    assert "img-src 'self' data:" in activate
    assert "data:" not in others
