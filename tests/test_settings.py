"""Production starts only with its secrets, never with the sandbox, and passes Django's own check."""

import os
import sys

import pytest

from tests.support import surroundings
from tests.support.forks import Forks

PRODUCTION = {
    "SECRET_KEY": "k3yboard-Cat-" * 5,
    "ALLOWED_HOSTS": "portal.example.com",
    "BASE_URL": "https://portal.example.com",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "DATABASE_URL": "postgres://portal@127.0.0.1:1/portal",
}
DEMANDED = ("SECRET_KEY", "ALLOWED_HOSTS", "REDIS_URL", "EMAIL_URL")


@pytest.fixture(scope="module")
def forks():
    started = Forks()
    yield started
    started.stop()


@pytest.fixture
def manage(tmp_path, forks):
    """Run a command of manage.py in production's environment, changed as given."""

    def run(*arguments, **changes):
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in surroundings.OURS and not name.startswith("AWS_")
        }
        kept.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # the browser's, in this process
        environment = {**kept, **PRODUCTION, "DATA_DIR": str(tmp_path), **changes}
        given = {name: value for name, value in environment.items() if value is not None}
        return forks.manage(*arguments, environment=given)

    return run


@pytest.mark.parametrize(
    ("said", "level"),
    [("", "WARNING"), ("INFO", "WARNING"), ("DEBUG", "DEBUG"), ("ERROR", "ERROR")],
)
def test_a_command_prints_no_everyday_lines_of_the_log(monkeypatch, said, level):
    import manage as command_line

    monkeypatch.setenv("LOG_LEVEL", said)
    monkeypatch.setattr(sys, "argv", ["manage.py", "connect"])
    monkeypatch.setattr(command_line, "read_run_environment", lambda _argv: None)
    monkeypatch.setattr("django.core.management.execute_from_command_line", lambda _argv: None)

    command_line.main()

    assert os.environ["LOG_LEVEL"] == level


def test_production_passes_the_deployment_check(manage):
    done = manage("check", "--deploy", "--fail-level", "WARNING")

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", DEMANDED)
def test_production_does_not_start_without(manage, name):
    done = manage("check", **{name: None})

    assert done.returncode != 0
    assert f"{name} is not set" in done.stderr


def test_production_does_not_start_with_the_sandbox(manage):
    done = manage("check", AWS_SANDBOX="true")

    assert done.returncode != 0
    assert "AWS_SANDBOX is on" in done.stderr


def test_production_does_not_start_with_webhooks_to_private_addresses(manage):
    done = manage("check", WEBHOOK_ALLOW_PRIVATE="true")

    assert done.returncode != 0
    assert "WEBHOOK_ALLOW_PRIVATE is on" in done.stderr


def test_production_does_not_start_with_crash_points(manage):
    done = manage("check", CRASH_AT="after-call=0.1")

    assert done.returncode != 0
    assert "production refuses it" in done.stderr


@pytest.mark.parametrize("name", ["AWS_SANDBOX", "DEBUG", "BEHIND_TLS_PROXY"])
def test_a_switch_that_is_neither_yes_nor_no_is_refused(manage, name):
    done = manage("check", **{name: "maybe"})

    assert done.returncode != 0
    assert f"{name} is 'maybe'; it has to be true or false." in done.stderr


def test_an_address_without_its_scheme_is_refused(manage):
    done = manage("check", BASE_URL="portal.example.com")

    assert "BASE_URL is 'portal.example.com'" in done.stderr


def test_lists_and_switches_are_taken_from_the_environment(manage):
    done = manage(
        "diffsettings",
        "--all",
        ALLOWED_HOSTS="a.example.com, b.example.com,",
        SECRET_KEY_FALLBACKS="$the-last, the-first",
        HSTS_INCLUDE_SUBDOMAINS="false",
        HSTS_PRELOAD="true",
    )

    assert {
        "ALLOWED_HOSTS = ['a.example.com', 'b.example.com']",
        "SECRET_KEY_FALLBACKS = ['$the-last', 'the-first']",
        "SECURE_HSTS_INCLUDE_SUBDOMAINS = False",
        "SECURE_HSTS_PRELOAD = True",
    } <= {line.removeprefix("### ") for line in done.stdout.splitlines()}


@pytest.mark.parametrize(("seconds", "threshold"), [("60", "5"), ("0", "None")])
def test_only_a_connection_that_is_kept_prepares_statements(manage, seconds, threshold):
    done = manage("diffsettings", "--all", CONN_MAX_AGE=seconds)

    assert f"'prepare_threshold': {threshold}" in done.stdout


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("", "random_page_cost=1.1'"),
        ("?options=-c%20lock_timeout%3D3s", "random_page_cost=1.1 -c lock_timeout=3s'"),
    ],
)
def test_what_the_address_says_of_a_connection_comes_after_the_portals_own(manage, said, told):
    done = manage("diffsettings", "--all", DATABASE_URL=PRODUCTION["DATABASE_URL"] + said)

    assert "'options': '-c lock_timeout=10s " in done.stdout
    assert told in done.stdout


def test_a_run_left_behind_does_not_reach_production(manage, tmp_path):
    (tmp_path / "run.env").write_text('PORTAL_RUN="1"\nAWS_SANDBOX="true"\n')

    done = manage("diffsettings", "--all")

    assert "AWS_SANDBOX = False" in done.stdout
    assert "STARTED_BY_RUN = False" in done.stdout


def test_commands_without_a_secret_of_their_own_use_what_a_run_chose(manage, tmp_path):
    secret = r"""$HOME#"it's" \n back\slash"""
    (tmp_path / "run.env").write_text(_written(secret))

    done = manage(
        "shell", "-v0", "-c", "import os; print(os.environ['MAIL_FROM'])", SECRET_KEY=None
    )

    assert done.stdout.strip() == secret, done.stderr


def _written(value):
    from portal.supervisor.choices import quoted

    return f'PORTAL_RUN="1"\nSECRET_KEY="x"\nMAIL_FROM={quoted(value)}\n'


def test_in_the_sandbox_nothing_of_a_real_aws_set_up_remains(manage, tmp_path):
    (tmp_path / "run.env").write_text(
        'PORTAL_RUN="1"\nSECRET_KEY="x"\nAWS_SANDBOX="true"\nAWS_ENDPOINT_URL="http://127.0.0.1:1"\n'
    )
    asked = "import os; print(sorted(n for n in os.environ if n.startswith('AWS_')))"

    done = manage("shell", "-v0", "-c", asked, SECRET_KEY=None, AWS_PROFILE="real")

    assert done.stdout.strip() == "['AWS_ENDPOINT_URL', 'AWS_SANDBOX']", done.stderr
