"""Mailed codes: eight characters, ten minutes, five tries, one browser, the newest alone, once."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.models import MailedCode
from portal.sign_in import codes
from tests.factories import make_user

pytestmark = pytest.mark.django_db
ASK, TYPE = "/accounts/login/code/", "/accounts/login/code/confirm/"


@pytest.fixture
def ada():
    return make_user(email="ada@example.com")


def ask(client, email="ada@example.com"):
    return client.post(ASK, {"email": email})


def test_a_code_has_eight_characters_that_cannot_be_misread(client, ada, newest_code):
    ask(client)

    assert re.fullmatch(r"[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}", newest_code())


def test_the_subject_does_not_say_the_code(client, ada, newest_code):
    ask(client)

    assert newest_code() not in mail.outbox[-1].subject


@pytest.mark.parametrize("write", [str.lower, lambda code: code.replace("-", " ")])
def test_a_code_may_be_typed_as_one_likes(client, ada, newest_code, is_signed_in, write):
    ask(client)

    client.post(TYPE, {"code": write(newest_code())})

    assert is_signed_in(client)


def test_a_code_is_over_after_ten_minutes(client, ada, newest_code, is_signed_in):
    ask(client)

    with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=1), tick=False):
        client.post(TYPE, {"code": newest_code()})

    assert not is_signed_in(client)


def test_after_five_wrong_tries_the_right_one_is_wrong(client, ada, newest_code, is_signed_in):
    ask(client)
    for _ in range(5):
        client.post(TYPE, {"code": "WWWW-WWWW"})

    client.post(TYPE, {"code": newest_code()})

    assert not is_signed_in(client)


@pytest.mark.parametrize("right_after", [4])
def test_the_fifth_try_may_be_the_right_one(client, ada, newest_code, is_signed_in, right_after):
    ask(client)
    for _ in range(right_after):
        client.post(TYPE, {"code": "WWWW-WWWW"})

    client.post(TYPE, {"code": newest_code()})

    assert is_signed_in(client)


def test_a_code_is_bound_to_its_browser(client, ada, newest_code, is_signed_in):
    ask(client)
    other = Client()

    other.post(TYPE, {"code": newest_code()})

    assert not is_signed_in(other)


def test_a_code_of_one_browser_is_no_good_in_another_that_asked_too(
    client, ada, newest_code, is_signed_in
):
    other = Client()
    ask(other)
    ask(client)

    other.post(TYPE, {"code": newest_code()})

    assert not is_signed_in(other)


def test_a_newer_code_voids_the_older(client, ada, newest_code, is_signed_in):
    ask(client)
    older = newest_code()
    ask(Client())

    client.post(TYPE, {"code": older})

    assert not is_signed_in(client)


def test_a_code_mailed_again_voids_the_one_before(client, ada, newest_code, is_signed_in):
    ask(client)
    older = newest_code()
    client.post(TYPE, {"action": "resend"})

    client.post(TYPE, {"code": older})

    assert newest_code() != older
    assert not is_signed_in(client)


def test_a_code_works_once(client, ada, newest_code, is_signed_in):
    ask(client)
    code = newest_code()
    client.post(TYPE, {"code": code})
    client.logout()

    client.post(TYPE, {"code": code})

    assert not is_signed_in(client)


def test_who_was_deactivated_meanwhile_is_not_let_in(client, ada, newest_code, is_signed_in):
    ask(client)
    ada.is_active = False
    ada.save()

    client.post(TYPE, {"code": newest_code()})

    assert not is_signed_in(client)


def test_no_code_lies_in_the_table(client, ada, newest_code):
    ask(client)

    row = MailedCode.objects.get()

    assert newest_code().replace("-", "") not in f"{row.whom} {row.digest}"
    assert "ada" not in row.whom


# Known and unknown addresses -------------------------------------------------------------------


def statements(queries):
    """What was asked of the database, values aside."""
    return [query["sql"].split(" ", 1)[0] for query in queries if "MailedCode" not in query["sql"]]


def test_known_and_unknown_addresses_get_one_answer(client, ada):
    known, unknown = ask(client), ask(Client(), "nobody@example.com")

    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert known.headers.keys() == unknown.headers.keys()


def test_known_and_unknown_addresses_are_the_same_work(ada):
    with CaptureQueriesContext(
        connection,
    ) as known:
        ask(Client())
    with CaptureQueriesContext(connection) as unknown:
        ask(Client(), "nobody@example.com")

    assert statements(known) == statements(unknown)


def test_the_pages_after_it_are_the_same(client, ada):
    other = Client()
    ask(client)
    ask(other, "nobody@example.com")

    known = client.get(TYPE).content.decode().replace("ada@example.com", "X")
    unknown = other.get(TYPE).content.decode().replace("nobody@example.com", "X")

    hide = re.compile(r'value="[A-Za-z0-9]{64}"')
    assert hide.sub("", known) == hide.sub("", unknown)


def test_wrong_codes_get_one_answer(client, ada):
    other = Client()
    ask(client)
    ask(other, "nobody@example.com")

    answers = [
        [browser.post(TYPE, {"code": "WWWW-WWWW"}).status_code for _ in range(6)]
        for browser in (client, other)
    ]

    assert answers[0] == answers[1]


def test_after_five_wrong_codes_both_read_that_it_is_used_up_and_may_ask_anew(client, ada):
    pages = []
    for browser, email in ((client, "ada@example.com"), (Client(), "nobody@example.com")):
        ask(browser, email)
        for _ in range(5):
            answer = browser.post(TYPE, {"code": "WWWW-WWWW"}, follow=True)
        pages.append(re.sub(r'value="[A-Za-z0-9]{64}"', "", answer.content.decode()))

    assert "the mailed code is used up" in pages[0]
    assert "Mail me a code" in pages[0]
    assert pages[0] == pages[1]


def test_where_tries_were_used_up_elsewhere_the_page_says_so_and_offers_a_new_code(client, ada):
    ask(client)
    for _ in range(5):
        codes.count_try(whom="ada@example.com", now=timezone.now())

    page = client.post(TYPE, {"code": "WWWW-WWWW"}).content.decode()

    assert "or was tried too often" in page
    assert "Mail a new code" in page


def test_a_mail_server_that_is_down_shows_to_nobody(client, ada, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    assert ask(client).status_code == 302


# At the same moment ----------------------------------------------------------------------------


def at_once(count, act):
    def closing(number):
        try:
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(closing, range(count)))


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_guesses_sent_at_once_get_no_more_than_five_tries():
    now = timezone.now()
    codes.remember(whom="ada@example.com", code="BCDF-GHJK", now=now)

    taken = at_once(12, lambda _: codes.count_try(whom="ada@example.com", now=now))

    assert sum(taken) == 5


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_code_sent_twice_at_once_is_taken_once():
    now = timezone.now()
    codes.remember(whom="ada@example.com", code="BCDF-GHJK", now=now)

    taken = at_once(5, lambda _: codes.take(whom="ada@example.com", code="bcdfghjk", now=now))

    assert sum(taken) == 1


def test_a_new_password_is_set_in_our_words(client, ada):
    client.post("/accounts/password/reset/", {"email": "ada@example.com"})

    link = re.search(r"http\S+(/accounts/password/reset/key/\S+)", mail.outbox[-1].body)[1]
    assert "Set a new password here:" in mail.outbox[-1].body
    assert "Set a new password</h1>" in client.get(link, follow=True).content.decode()
