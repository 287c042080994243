"""Links that sign in once, and where one lands after signing in: on this very host."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import quote, urlsplit

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import update_last_login
from django.db import connection
from django.test import Client
from django.utils import timezone

from portal.models import User
from portal.sign_in import accounts
from tests.factories import make_founder, make_member, make_user

pytestmark = pytest.mark.django_db

DISGUISES = [
    "https://evil.example/", "http://evil.example/", "HTTPS://EVIL.EXAMPLE/", "//evil.example/",
    "///evil.example/", "////evil.example/", "/\\evil.example/", "\\/evil.example/", "\\\\evil.example/",
    "/\\/evil.example", "//\\evil.example", "/\t/evil.example/", "/\n/evil.example/", "/\r/evil.example/",
    "\t//evil.example/", " //evil.example/", "\n//evil.example/", "\x00//evil.example/", "/\x00/evil.example/",
    "/\x0b/evil.example/", "/\x1f/evil.example", "\x01https://evil.example/", "https:evil.example", "https:/evil.example",
    "https:///evil.example", "https:////evil.example", "http:\\\\evil.example", "https:\\evil.example",
    "https://testserver@evil.example/", "https://testserver:x@evil.example/", "https://evil.example#testserver",
    "https://evil.example?testserver", "https://evil.example\\testserver", "https://testserver.evil.example/",
    "https://eviltestserver/", "//testserver@evil.example/", "//evil.example:80/", "//evil.example%2f..",
    "//[::1]/", "//0x7f000001/", "//2130706433/", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)", "\x01javascript:alert(1)", "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)", "file:///etc/passwd", "ftp://evil.example/", "mailto:eve@evil.example", "blob:https://evil.example/x",
    "evil.example", "www.evil.example/path", "@evil.example", ".evil.example", ":evil.example", "?//evil.example",
    "#//evil.example", "／／evil.example/", "//evil。example/", "https:\u2028//evil.example", "/\u2028/evil.example",
    "/\u00a0/evil.example", "/\ufeff/evil.example", "//evil.example/%0d%0aSet-Cookie:x=1", "//evil.example;@testserver/",
    "http://[evil.example", "https://evil.example:port/", "/" * 2000 + "evil.example",
]  # fmt: skip


@pytest.mark.parametrize("following", DISGUISES[::5])  # confirming takes all of them, the same way
def test_next_leads_to_no_other_host(client, newest_code, following):
    make_founder(email="helen@example.com")
    client.post("/accounts/login/code/", {"email": "helen@example.com", "next": following})

    answer = client.post(
        "/accounts/login/code/confirm/", {"code": newest_code(), "next": following}
    )

    assert answer.status_code == 302
    assert answer.url == "/"


def test_there_are_sixty_of_them():
    assert len(set(DISGUISES)) >= 60


@pytest.mark.parametrize("following", DISGUISES)
def test_nor_does_confirming(client, following):
    client.force_login(make_founder())

    answer = client.get("/accounts/confirm/", {"next": following})

    assert answer.url == "/"


PAGES = ["/accounts/login/", "/accounts/login/code/", "/accounts/login/code/confirm/", "/accounts/logout/",
         "/accounts/reauthenticate/", "/accounts/2fa/reauthenticate/"]  # fmt: skip


@pytest.fixture
def page(client):
    """One of the pages that take `next`, opened by somebody who sees it, with where it would lead."""

    def read(path, following):
        founder = make_founder(email="helen@example.com")
        founder.set_password("correct horse battery staple")
        founder.save()
        if "login" not in path:
            client.force_login(founder)
            session = client.session
            session["confirmed_at"] = 0
            session.save()
        if path.endswith("code/confirm/"):
            client.post("/accounts/login/code/", {"email": "helen@example.com"})
        if "2fa" in path:
            TOTP.activate(founder, "A" * 32)
        return client.get(path, {"next": following}).content.decode()

    return read


@pytest.mark.parametrize("path", PAGES)
def test_no_page_hands_on_what_leads_elsewhere(page, path):
    assert "evil.example" not in page(path, "https://evil.example/x")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_hands_on_where_one_wanted_to_go(page, path):
    assert 'name="next" value="/team/?q=a"' in page(path, "/team/?q=a")


@pytest.mark.parametrize(
    "following", ["/team/", "/team/?q=a%2Fb&page=2", "/spend/?from=2026-01-01"]
)
def test_next_leads_to_our_own_pages(client, newest_code, following):
    make_founder(email="helen@example.com")
    client.post("/accounts/login/code/", {"email": "helen@example.com", "next": following})

    answer = client.post(
        "/accounts/login/code/confirm/", {"code": newest_code(), "next": following}
    )

    assert answer.url == following


def test_signing_out_leads_to_no_other_host(client):
    client.force_login(make_user())

    answer = client.post(f"/accounts/logout/?next={quote('https://evil.example/')}")

    assert urlsplit(answer.url).netloc == ""


# The link of `manage.py founder` ---------------------------------------------------------------


@pytest.fixture
def link():
    return accounts.one_time_path(make_founder(email="helen@example.com"))


def test_it_is_over_after_three_days(client, link, is_signed_in):
    with time_machine.travel(timezone.now() + timedelta(days=3, minutes=1)):
        client.post(link)

    assert not is_signed_in(client)


def test_another_sign_in_ends_it(client, link, is_signed_in):
    update_last_login(None, User.objects.get())  # as Django notes each sign-in

    client.post(link)

    assert not is_signed_in(client)


def test_it_is_dead_within_the_second_of_its_use(client, is_signed_in):
    founder = make_founder()
    Client().force_login(founder)
    founder.refresh_from_db()
    link = accounts.one_time_path(founder)
    Client().post(link)

    client.post(link)

    assert not is_signed_in(client)


def test_it_is_dead_for_who_was_deactivated(client, link, is_signed_in):
    User.deactivate(User.objects.all())

    client.post(link)

    assert not is_signed_in(client)


@pytest.mark.parametrize("place", range(0, 40, 4))
def test_a_changed_one_is_dead(client, link, is_signed_in, place):
    token = link.rstrip("/").rpartition("/")[2]
    place %= len(token)
    letter = "a" if token[place] != "a" else "b"
    changed = token[:place] + letter + token[place + 1 :]

    client.post(link.replace(token, changed))

    assert not is_signed_in(client)


def test_it_signs_in_nobody_else(client, link, is_signed_in):
    member = make_member()
    theirs = accounts.one_time_path(member.user).split("/")[3]
    mine = link.split("/")[3]

    client.post(link.replace(f"/{mine}/", f"/{theirs}/"))

    assert not is_signed_in(client)


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_sign_in_once():
    founder = make_founder()

    def use(_):
        try:
            return accounts.use_up_link(founder)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        used = list(pool.map(use, range(4)))

    assert sum(used) == 1
