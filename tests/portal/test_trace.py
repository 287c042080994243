"""Log lines: one id from the request to the worker, readable by machines, nothing secret in them."""

import json
import logging
from io import StringIO

import pytest
from django.contrib.auth import authenticate

from portal import tasks
from portal.celery import app, begin_trace, end_trace, pass_trace_on
from portal.logs import log_lines, trace
from portal.logs.masking import mask
from portal.sign_in.accounts import one_time_path
from tests.factories import make_founder

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines():
    """What production would write, each line as read back."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(log_lines.Json())
    root = logging.getLogger()
    root.addHandler(handler)
    level, root.level = root.level, logging.INFO
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.level = level
    root.removeHandler(handler)


def last(lines, logger="portal.requests"):
    return [line for line in lines() if line["logger"] == logger][-1]


def test_the_answer_bears_the_id_of_its_line(client, lines):
    response = client.get("/accounts/login/")

    assert response["X-Request-ID"] == last(lines)["request_id"]


@pytest.mark.parametrize("path", ["/nothing/", "/team/add/", "/static/nothing.css"])
def test_what_is_not_there_is_one_line(client, lines, path):
    client.get(path)

    said = [line for line in lines() if path in line["message"]]
    assert [(line["level"], line["status"], len(line["request_id"])) for line in said] == [
        ("INFO", 404, 16)
    ]


def test_each_request_has_an_id_of_its_own(client):
    assert client.get("/healthz")["X-Request-ID"] != client.get("/healthz")["X-Request-ID"]


def test_nobody_outside_chooses_the_id(client):
    response = client.get("/healthz", headers={"X-Request-ID": "chosen-by-somebody"})

    assert response["X-Request-ID"] != "chosen-by-somebody"


@pytest.mark.parametrize(
    ("said", "is_taken"),
    [("from-our-own-proxy", True), ("short", False), ("a" * 65, False), ("with\tx-tab-in", False)],
)
def test_our_proxy_may_choose_it(client, settings, said, is_taken):
    settings.TRUSTED_PROXY_HOPS = 1

    response = client.get("/healthz", headers={"X-Request-ID": said})

    assert (response["X-Request-ID"] == said) is is_taken


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (2, "203.0.113.9", "127.0.0.1"),
        (1, "", ""),
        (1, "nonsense", ""),
    ],
)
def test_from_where_is_counted_from_our_end(rf, settings, proxies, forwarded, address):
    settings.TRUSTED_PROXY_HOPS = proxies
    request = rf.get("/", headers={"X-Forwarded-For": forwarded})

    assert trace.address_of(request) == address


def test_the_line_names_the_user_by_id(client, lines):
    founder = make_founder(email="helen@example.com")
    client.force_login(founder)

    client.get("/status/?q=helen@example.com")

    line = last(lines)
    assert (line["user"], line["path"], line["status"]) == (founder.pk, "/status/", 200)
    assert "helen" not in json.dumps(line)


def test_a_job_goes_on_under_the_id_of_its_request(lines):
    headers, task = {}, tasks.heartbeat
    with trace.active(trace.Trace("asked-by-request", "127.0.0.1")):
        pass_trace_on(headers=headers)

    task.push_request(**headers)
    begin_trace(task_id="1", task=task)
    logging.getLogger("portal.jobs").warning("at work")
    end_trace(task_id="1")
    task.pop_request()

    line = last(lines, "portal.jobs")
    assert (line["request_id"], line["origin"]) == ("asked-by-request", "portal.tasks.heartbeat")


def test_a_job_of_the_clock_has_an_id_of_its_own(lines):
    begin_trace(task_id="1", task=tasks.heartbeat)
    logging.getLogger("portal.jobs").warning("at work")
    end_trace(task_id="1")
    logging.getLogger("portal.jobs").warning("afterwards")

    assert len(lines()[0]["request_id"]) == 16
    assert "request_id" not in lines()[1]


def test_a_message_on_the_queue_bears_the_id(queue):
    with trace.active(trace.Trace("asked-by-request", "127.0.0.1")):
        app.send_task("portal.tasks.heartbeat")

    message = json.loads(queue.lindex("celery", 0))
    assert message["headers"]["trace_id"] == "asked-by-request"


def test_a_sign_in_is_a_line(client, lines):
    founder = make_founder(email="helen@example.com")

    client.post(one_time_path(founder))

    said = last(lines, "portal.sign_in.sign_in_lines")
    assert said["message"] == f"User {founder.pk} signed in"
    assert said["origin"] == "127.0.0.1"


def test_a_refused_sign_in_is_a_line_that_names_nobody(lines):
    authenticate(None, email="helen@example.com", password="wrong")

    assert last(lines, "portal.sign_in.sign_in_lines")["message"] == "A sign-in was refused"
    assert "helen" not in json.dumps(lines())


def test_an_aws_call_has_a_line_with_its_id(aws, lines):
    from portal.aws import client

    client("sts").get_caller_identity()

    line = last(lines, "portal.aws")
    assert (line["operation"], line["status"]) == ("GetCallerIdentity", 200)
    assert line["aws_request_id"]


def test_an_exception_is_one_line(lines):
    try:
        int("first\nsecond, password=hunter22")
    except ValueError:
        logging.getLogger("portal").exception("It failed")

    (line,) = lines()
    assert "ValueError: invalid literal" in line["exception"]
    assert "hunter22" not in line["exception"]


@pytest.mark.parametrize("form", [log_lines.Words, log_lines.Json])
def test_nobody_writes_lines_of_their_own(form):
    said = "Not Found: /x\r\n2026-11-22 ERROR forged"
    record = logging.LogRecord("portal", logging.INFO, "", 0, said, (), None)

    assert len(form().format(record).splitlines()) == 1


def test_words_bear_the_id_too():
    record = logging.LogRecord("portal", logging.INFO, "", 0, "said", (), None)

    with trace.active(trace.Trace("abc", "")):
        assert log_lines.Words().format(record).endswith("INFO portal: said [abc]")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Not Found: /invitation/WzFd.xy:1a-_b/", "Not Found: /invitation/***/"),
        ("POST /accounts/link/MQ/abc-123/ 200", "POST /accounts/link/MQ/***/ 200"),
        ("/reminders/abc:def/", "/reminders/***/"),
        ("/team/reminders/12/", "/team/reminders/12/"),
        ("/accounts/password/reset/key/1-set-password/", "/accounts/password/reset/key/***/"),
        ("GET /team/?q=ada&page=2 HTTP/1.1", "GET /team/?*** HTTP/1.1"),
        ("redis://:pa55word@127.0.0.1:6379/0", "redis://***@127.0.0.1:6379/0"),
        ("with AKIAIOSFODNN7EXAMPLE", "with ***"),
        ("Authorization: AWS4-HMAC-SHA256 abc", "Authorization: ***"),
        ("aws_secret_access_key = wJalrXUtnFEMI", "aws_secret_access_key = ***"),
        ('{"LoginTo": "https://x.example/abc"}', '{"LoginTo": ***}'),
        ("Set-Cookie: session=abc; Path=/", "Set-Cookie: ***; Path=/"),
        ("mail to ada.lovelace@example.com", "mail to ***@example.com"),
        (
            "Member 12: the row changed hands meanwhile",
            "Member 12: the row changed hands meanwhile",
        ),
    ],
)
def test_what_must_not_be_kept_is_masked(said, kept):
    assert mask(said) == kept


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "again", ["secret-", "a-", "a", "a.", "a?", "://a:", "token=' \"", "a@", " "]
)
def test_a_long_line_is_read_once(again):
    line = again * (200_000 // len(again))

    assert mask(f"GET {line} password=hunter22").endswith("=***")


def test_our_own_secrets_are_masked_wherever_they_stand(monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG")

    assert mask("it said xwJalrXUtnFEMI/K7MDENGx") == "it said x***x"


def test_former_keys_are_masked_one_by_one(monkeypatch):
    monkeypatch.setenv("SECRET_KEY_FALLBACKS", "the-last-but-one, the-first")

    assert mask("it was the-first") == "it was ***"


def test_a_head_request_is_no_warning_in_the_log():
    assert not logging.getLogger("gunicorn.http.wsgi").isEnabledFor(logging.WARNING)


def test_gunicorns_own_lines_are_masked():
    handler = logging.StreamHandler(stream := StringIO())
    logger = logging.getLogger("gunicorn.access")
    logger.addHandler(handler)

    log_lines.take_over_gunicorn()
    logger.warning('"%(r)s"', {"r": "GET /invitation/abc:def/ HTTP/1.1"})

    logger.removeHandler(handler)
    assert "/invitation/***/" in stream.getvalue()
