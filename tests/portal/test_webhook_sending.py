"""One POST to a receiver over real TLS: friendly, broken, hanging, dripping, huge, or elsewhere."""

import socket

import pytest

from portal.webhooks import sending
from portal.webhooks.sending import NotDelivered
from tests.support.sink import Sink

PATIENCE = 1.0
"""Seconds, in the tests in which the sink never comes to an end."""


@pytest.fixture
def sink(tmp_path, monkeypatch, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    made = Sink(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.certificate))
    yield made
    made.stop()


def post(url, body=b"{}"):
    return sending.post(url, body=body, headers={"X-Portal-Event": "test"})


def test_it_arrives_with_body_and_headers(sink):
    answer = post(sink.url("/ok?a=1"), b'{"text": "hello"}')

    assert answer.status == 200
    ((path, headers, body),) = sink.got
    assert (path, body) == ("/ok?a=1", b'{"text": "hello"}')
    assert headers["X-Portal-Event"] == "test"
    assert headers["Host"] == f"localhost:{sink.port}"


def test_an_error_is_an_answer_with_what_it_said(sink):
    answer = post(sink.url("/500"))

    assert (answer.status, answer.text) == (500, "no_such_channel")


def test_a_redirect_is_not_followed(sink):
    answer = post(sink.url("/redirect"))

    assert answer.status == 302
    assert len(sink.got) == 1


def test_of_a_huge_answer_only_the_beginning_is_read(sink):
    answer = post(sink.url("/huge"))

    assert answer.text == "y" * sending.MOST_READ
    assert "all of it was read" not in sink.got


@pytest.mark.parametrize("path", ["/hang", "/drip"])
def test_a_receiver_that_never_ends_is_cut_off(sink, monkeypatch, path):
    monkeypatch.setattr(sending, "SECONDS", PATIENCE)

    with pytest.raises(NotDelivered, match="did not answer within") as caught:
        post(sink.url(path))

    assert not caught.value.is_final


def test_one_that_never_speaks_tls_is_cut_off_too(monkeypatch, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    monkeypatch.setattr(sending, "SECONDS", PATIENCE)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]

        with pytest.raises(NotDelivered, match="did not answer within"):
            post(f"https://localhost:{port}/")


def test_a_name_server_that_hangs_is_not_waited_for(sink, monkeypatch):
    monkeypatch.setattr(sending, "SECONDS", PATIENCE)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: sink.is_over.wait(60) or [])

    with pytest.raises(NotDelivered, match="did not answer within"):
        post(sink.url())


def test_a_connection_that_breaks_off_says_so(sink):
    with pytest.raises(NotDelivered, match="broke off"):
        post(sink.url("/nothing"))


def test_nobody_there_says_so(settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with socket.create_server(("127.0.0.1", 0)) as short:
        port = short.getsockname()[1]

    with pytest.raises(NotDelivered, match="Nothing takes calls"):
        post(f"https://127.0.0.1:{port}/")


def test_a_certificate_nobody_vouches_for_is_refused(sink, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")

    with pytest.raises(NotDelivered, match="certificate is not valid"):
        post(sink.url())

    assert sink.got == []


# The address that was checked is the one that is called ----------------------------------------


class Names:
    """A name server whose answer to `name` changes with each question."""

    def __init__(self, monkeypatch, name, *answers):
        self.name, self.answers, self.asked = name, list(answers), 0
        self.real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self)

    def __call__(self, host, port, *args, **more):
        if host != self.name:
            return self.real(host, port, *args, **more)
        self.asked += 1
        return self.real(self.answers.pop(0), port, *args, **more)


def test_the_name_is_looked_up_once_and_checked_against_the_certificate(sink, monkeypatch):
    names = Names(monkeypatch, "hooks.example.com", "127.0.0.1", "127.0.0.9")

    answer = post(sink.url(host="hooks.example.com"))

    assert answer.status == 200
    assert names.asked == 1
    assert sink.got[0][1]["Host"] == f"hooks.example.com:{sink.port}"


def test_another_name_at_the_same_address_is_refused(sink, monkeypatch):
    Names(monkeypatch, "other.example.com", "127.0.0.1")

    with pytest.raises(NotDelivered, match="certificate is not valid"):
        post(sink.url(host="other.example.com"))


def test_a_private_address_gets_no_connection_at_all(sink, monkeypatch, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = False
    settings.WEBHOOK_PORTS = [443, sink.port]
    Names(monkeypatch, "hooks.example.com", "127.0.0.1")

    with pytest.raises(NotDelivered, match="public Internet") as caught:
        post(sink.url(host="hooks.example.com"))

    assert caught.value.is_final
    assert sink.got == []
