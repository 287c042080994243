"""The environment of a test session: servers of its own, nothing of the developer's.

The first process of a session starts the servers; those that pytest-xdist starts find them in
the environment and take a database of their own on each.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from tests.support import postgres
from tests.support.postgres import Postgres
from tests.support.valkey import Valkey

NOWHERE = "http://127.0.0.1:1"
"""An address where nothing ever answers: a test that forgot its fake AWS fails, at once."""
SERVERS = {}
"""The session's own `queue` and `database`, in the process that started them alone."""
OURS = (
    "ACCESS", "ALLOWED_HOSTS", "AUDIT_RETENTION_MONTHS", "BASE_URL", "BEHIND_TLS_PROXY", "COST_EXPLORER_DAILY_LIMIT", "CRASH_AT", "DATABASE_URL",
    "DATA_DIR", "DEBUG", "EMAIL_URL", "LOG_FORMAT", "LOG_LEVEL", "MAIL_FROM", "PORT", "PORTAL_RUN", "REDIS_URL",
    "SAML_ENTITY_ID", "SAML_METADATA_FILE", "SAML_METADATA_URL", "SAML_NAME", "SECRET_KEY", "SECRET_KEY_FALLBACKS", "HSTS_INCLUDE_SUBDOMAINS", "HSTS_PRELOAD", "TRUSTED_PROXY_HOPS", "FOUNDERS_NEED_SECOND_FACTOR", "USAGE_RETENTION_MONTHS", "WEBHOOK_ALLOW_PRIVATE", "WEBHOOK_PORTS",
)  # fmt: skip
FAKE_AWS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


def prepare():
    """Before the settings are read."""
    if "PORTAL_TEST_FOLDER" not in os.environ:
        _start_session()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    folder = Path(os.environ["PORTAL_TEST_FOLDER"]) / (worker or "main")
    (folder / "static").mkdir(parents=True, exist_ok=True)
    clean()
    os.environ |= {
        **FAKE_AWS,
        "ALLOWED_HOSTS": "testserver,127.0.0.1,localhost",
        "AWS_ENDPOINT_URL": NOWHERE,
        "DATA_DIR": str(folder),
        "DATABASE_URL": os.environ["PORTAL_TEST_DATABASE"] or f"sqlite:///{folder}/portal.sqlite3",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "PORTAL_DOT_ENV": os.devnull,
        "PORTAL_RUN": "1",
        "REDIS_URL": f"{os.environ['PORTAL_TEST_REDIS']}/{_number(worker)}",
        "SECRET_KEY": "only-for-tests-" + "x" * 50,
    }
    settle()


def clean():
    """Nothing of what a developer's shell says about the portal or AWS."""
    for name in list(os.environ):
        if name in OURS or name.startswith("AWS_"):
            del os.environ[name]


def settle():
    """What tests need otherwise than the portal itself."""
    from django.conf import settings
    from django.contrib.auth.hashers import PBKDF2PasswordHasher

    settle_files()
    PBKDF2PasswordHasher.iterations = 1000  # a million take a quarter of a second
    settings.REDIS_TIMEOUT = settings.ENQUEUE_TIMEOUT = 30  # a machine of CI may stand still
    settings.CACHES["default"]["OPTIONS"] = {"socket_connect_timeout": 30, "socket_timeout": 30}
    if "sqlite3" in settings.DATABASES["default"]["ENGINE"]:
        # A file, as in `manage.py run`: threads of one database in memory lock each other out.
        test_database = settings.DATABASES["default"].setdefault("TEST", {})
        test_database["NAME"] = settings.DATA_DIR / "test.sqlite3"


def settle_files():
    """Nothing is collected for tests."""
    from django.conf import settings

    backend = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES["staticfiles"]["BACKEND"] = backend


def _start_session():
    folder = Path(tempfile.mkdtemp(prefix="portal-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    SERVERS["queue"] = Valkey(folder)
    if is_on_postgres():
        (folder / "postgres").mkdir()
        SERVERS["database"] = Postgres(folder / "postgres")
    folder.chmod(0o755)
    for server in SERVERS.values():
        server.start()
        atexit.register(server.stop)
    os.environ["PORTAL_TEST_FOLDER"] = str(folder)
    os.environ["PORTAL_TEST_REDIS"] = SERVERS["queue"].url(0).rpartition("/")[0]
    os.environ["PORTAL_TEST_DATABASE"] = SERVERS["database"].url if is_on_postgres() else ""


def is_on_postgres():
    return os.environ.get("TEST_DATABASE", "") != "sqlite" and postgres.is_installed()


def _number(worker):
    """gw0 → 1, gw1 → 2; 0 is for a session without xdist."""
    return int(worker.removeprefix("gw")) + 1 if worker else 0
