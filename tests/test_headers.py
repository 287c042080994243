"""Headers: every answer bears the whole set, and what the MDN HTTP Observatory makes of them."""

import http.client
import json
import logging
import re
import socket
import subprocess
import sys
from contextlib import suppress
from http.cookies import SimpleCookie
from io import BytesIO

import pytest
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse
from gunicorn.http.errors import InvalidRequestLine, LimitRequestLine

from portal.environment import BASE_DIR
from portal.middleware import whole_body
from portal.sign_in.accounts import one_time_path
from portal.web_worker import Worker
from tests import test_settings
from tests.factories import make_founder, make_member, make_workspace
from tests.test_access_matrix import MATRIX, path_of

pytestmark = pytest.mark.django_db

EVERYWHERE = {
    "Content-Security-Policy": "default-src 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "",
    "X-Request-ID": "",
}
IN_PRODUCTION = (
    "ALLOWED_HOSTS", "CSRF_COOKIE_HTTPONLY", "CSRF_COOKIE_NAME", "CSRF_COOKIE_SAMESITE",
    "CSRF_COOKIE_SECURE", "CONTENT_SECURITY_POLICY", "SECURE_HSTS_INCLUDE_SUBDOMAINS",
    "SECURE_HSTS_PRELOAD", "SECURE_HSTS_SECONDS", "SECURE_REDIRECT_EXEMPT",
    "SECURE_REFERRER_POLICY", "SECURE_SSL_REDIRECT", "SESSION_COOKIE_HTTPONLY",
    "SESSION_COOKIE_NAME", "SESSION_COOKIE_SAMESITE", "SESSION_COOKIE_SECURE",
)  # fmt: skip


def missing_in(response):
    return [name for name, value in EVERYWHERE.items() if value not in response.get(name, "\0")]


@pytest.fixture(scope="session")
def of_production():
    """What the settings are in production, read where they are made."""
    script = (
        "import json; from django.conf import settings; print(json.dumps({name:"
        f" getattr(settings, name) for name in {IN_PRODUCTION!r}}}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=BASE_DIR,
        env={
            **test_settings.PRODUCTION,
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "PORTAL_DOT_ENV": "/dev/null",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.fixture
def production(settings, of_production):
    """A browser before the portal as production serves it, over TLS."""
    for name, value in of_production.items():
        setattr(settings, name, value)
    make_workspace()
    return Client(headers={"host": "portal.example.com"}, raise_request_exception=False)


@pytest.fixture
def static_file(settings, tmp_path):
    (tmp_path / "site.css").write_text("a {}")
    settings.STATIC_ROOT = tmp_path
    return "/static/site.css"


# Everywhere ------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["founder", "member", "nobody"])
def test_every_address_answers_with_all_of_them(client, role):
    make_workspace()
    target = make_member()
    if role != "nobody":
        client.force_login(make_founder() if role == "founder" else target.user)

    lacking = {
        f"{method} {name}": missing
        for name in MATRIX
        for method in ("get", "post", "options")
        if (missing := missing_in(getattr(client, method)(path_of(name, target))))
    }

    assert lacking == {}


def names_of_allauth():
    """Those that need no argument."""
    for name in get_resolver().reverse_dict:
        if isinstance(name, str) and name.startswith(
            ("account_", "mfa_", "usersessions_", "saml_")
        ):
            with suppress(NoReverseMatch):
                reverse(name)
                yield name


@pytest.mark.parametrize("name", sorted(set(names_of_allauth())))
def test_so_do_the_ways_in(client, name):
    client.force_login(make_founder())

    assert missing_in(client.get(reverse(name))) == []


@pytest.mark.parametrize("path", ["/nothing/", "/static/nothing.css", "/static/", "/team"])
def test_so_does_what_is_not_there(client, path):
    assert missing_in(client.get(path)) == []


def test_what_is_not_there_is_not_kept(client):
    assert client.get("/static/nothing.css")["Cache-Control"] == "no-store"


@pytest.fixture
def fetch(static_file):
    def get(**headers):
        response = Client().get(static_file, headers=headers)
        response.close()
        return response

    return get


def test_so_does_a_static_file(fetch):
    assert missing_in(fetch()) == []


def test_a_static_file_may_be_kept(fetch):
    response = fetch()

    assert (response.status_code, "no-store" in response["Cache-Control"]) == (200, False)


def test_so_does_a_static_file_that_has_not_changed(fetch):
    response = fetch(if_modified_since=fetch()["Last-Modified"])

    assert (response.status_code, missing_in(response)) == (304, [])


def test_so_does_a_host_that_is_not_ours():
    response = Client(raise_request_exception=False).get("/", headers={"host": "evil.example"})

    assert (response.status_code, missing_in(response)) == (400, [])


def test_so_does_a_host_that_is_not_ours_over_plain_http(production):
    response = production.get("/", headers={"host": "evil.example"})

    assert (response.status_code, missing_in(response)) == (400, [])


def test_so_does_a_form_without_its_token():
    response = Client(enforce_csrf_checks=True).post("/accounts/login/")

    assert (response.status_code, missing_in(response)) == (403, [])


def test_so_does_an_upload_that_is_too_large(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    client.force_login(make_founder())

    response = client.post("/team/", {"email": "x" * 100})

    assert (response.status_code, missing_in(response)) == (400, [])


def test_so_does_an_error(monkeypatch):
    from portal.watch import health

    monkeypatch.setattr(health, "check", lambda: 1 / 0)
    response = Client(raise_request_exception=False).get("/healthz")

    assert (response.status_code, missing_in(response)) == (500, [])


@pytest.mark.parametrize(
    ("error", "status"),
    [(LimitRequestLine(9000, 4094), 414), (InvalidRequestLine("gibberish"), 400), (OSError(), 500)],
)
def test_so_does_what_gunicorn_answers_by_itself(of_gunicorn, error, status):
    response = of_gunicorn(error)

    assert (response.status, missing_in(response.headers)) == (status, [])
    assert b"<html>" in response.read()


@pytest.fixture
def of_gunicorn():
    """What its worker answers to a request that no Django sees."""
    worker = Worker.__new__(Worker)
    worker.log = logging.getLogger("gunicorn.error")

    def answer(error):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            worker.handle_error(None, ours, ("127.0.0.1", 1), error)
            ours.shutdown(socket.SHUT_WR)
            response = http.client.HTTPResponse(theirs)
            response.begin()
            response.fp = BytesIO(response.fp.read())
            return response

    return answer


def test_so_does_the_way_to_tls(production):
    response = production.get("/team/")

    assert (response.status_code, response["Location"]) == (301, "https://portal.example.com/team/")
    assert missing_in(response) == []


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/nothing/", "/static/nothing.css"])
def test_over_tls_browsers_are_told_to_stay_there(production, path):
    said = production.get(path, secure=True)["Strict-Transport-Security"]

    assert said == "max-age=63072000; includeSubDomains"


# Uploads ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "left"), [(5_000_000, 0), (40_000_000, 40_000_000)])
def test_an_upload_that_nobody_reads_is_taken_in_all_the_same(rf, size, left):
    body = BytesIO(bytes(size))
    request = rf.post("/", content_type="text/plain")
    request.META["CONTENT_LENGTH"], request._stream = str(size), body

    whole_body(lambda _request: None)(request)

    assert len(body.read()) == left


# Cookies ---------------------------------------------------------------------------------------


def test_cookies_are_bound_to_the_host_and_to_tls(production):
    cookies = production.get("/accounts/login/", secure=True).cookies
    cookies.update(production.post(one_time_path(make_founder()), secure=True).cookies)

    assert set(cookies) == {"__Host-csrf", "__Host-session"}
    for cookie in cookies.values():
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
        assert (cookie["path"], cookie["domain"]) == ("/", "")


# The Observatory -------------------------------------------------------------------------------


def observed(response):
    """The points of https://github.com/mdn/mdn-http-observatory (src/grader/charts.js) for the
    tests that headers and cookies decide; each is the best mark without preloading."""
    policy = {
        name: set(sources)
        for name, *sources in (part.split() for part in response["Content-Security-Policy"].split(";"))
    }  # fmt: skip
    return {
        "csp": 10 if is_strict(policy) else -25,
        "cookies": 5 if all(map(is_careful, cookies_in(response))) else -40,
        "referrer": 5 if response["Referrer-Policy"] == "same-origin" else 0,
        "framing": 5 if policy["frame-ancestors"] == {"'none'"} else 0,
        "corp": 10 if response["Cross-Origin-Resource-Policy"] == "same-origin" else 0,
        "hsts": 0 if hsts_seconds(response) >= 15_768_000 else -20,
        "sniffing": 0 if response["X-Content-Type-Options"] == "nosniff" else -5,
        "sri": points_for_scripts(response.content.decode()),
        "cors": -50 if "Access-Control-Allow-Origin" in response else 0,
    }


def is_strict(policy):
    active = set().union(*(policy[name] for name in policy if name != "img-src"))
    unsafe = {"'unsafe-inline'", "'unsafe-eval'", "data:", "http:", "https:", "*"}
    return policy["default-src"] == {"'none'"} and not active & unsafe


def is_careful(cookie):
    return cookie["secure"] and cookie["httponly"] and cookie["samesite"] in {"Lax", "Strict"}


def cookies_in(response):
    return SimpleCookie(response.cookies.output(header="")).values()


def hsts_seconds(response):
    return int(re.search(r"max-age=(\d+)", response["Strict-Transport-Security"]).group(1))


def points_for_scripts(page):
    scripts = re.findall(r"<script[^>]*src=[^>]*>", page)
    return 5 if scripts and all(" integrity=" in script for script in scripts) else 0


def test_the_front_page_earns_every_point_but_preloading(production):
    production.force_login(make_founder())

    response = production.get("/setup/", secure=True)

    assert 100 + sum(observed(response).values()) - observed(response)["cookies"] >= 135


def test_the_sign_in_page_earns_an_a_plus(production):
    points = observed(production.get("/accounts/login/", secure=True))

    assert min(points.values()) >= 0
    assert 100 + sum(points.values()) >= 135


def test_a_script_bears_the_hash_of_what_is_served(settings):
    import base64
    import hashlib

    from portal.templatetags.scripts import script

    content = (BASE_DIR / "static/js/portal.js").read_bytes()
    expected = base64.b64encode(hashlib.sha384(content).digest()).decode()

    assert f'integrity="sha384-{expected}"' in script("js/portal.js")
