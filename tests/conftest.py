"""What every test stands on. The servers come first: the settings name them."""

from tests.support import surroundings

surroundings.prepare()

import django  # noqa: E402  # the settings have to stand

django.setup()

import gc  # noqa: E402
import os  # noqa: E402

import boto3  # noqa: E402
import pytest  # noqa: E402
import redis  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from portal import aws as door  # noqa: E402
from portal import fragment_cache, limits  # noqa: E402
from tests.support import emptying, signing_in  # noqa: E402
from tests.support.cloud import Cloud  # noqa: E402

pytest_plugins = [
    "tests.support.asked",
    "tests.support.beside",
    "tests.support.report",
    "tests.support.rows",
]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes():
    """Else pytest-django reads the settings in each process before its own servers are named."""
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)


def pytest_collection_finish():
    """What is loaded by now stays: looking through it again and again took a tenth of all time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """A file at a time for each process, but all journeys for one: they share a portal and a browser."""
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):
        def _split_scope(self, nodeid):
            is_journey = nodeid.startswith("tests/journeys/")
            return "tests/journeys" if is_journey else super()._split_scope(nodeid)

    return ByFile(config, log) if config.getvalue("dist") == "loadfile" else None


_clients = {}


def _remembered(service, region, make=door._make):
    """A client takes longer to make than most calls to answer; the same environment makes the same."""
    if boto3.DEFAULT_SESSION is None:
        return make(service, region)
    said = sorted(item for item in os.environ.items() if item[0].startswith("AWS_"))
    key = (service, region, *said)
    return _clients.get(key) or _clients.setdefault(key, make(service, region))


door._make = _remembered
emptying.by_rows()
signing_in.at_once()
limits._PATIENCE = 30  # a machine of CI may stand still

WAIT_FOR_PROCESSES = {"deployment", "journeys", "test_run.py"}


def pytest_collection_modifyitems(items):
    """What mostly waits for other processes begins first, so that no processor idles at the end."""
    items.sort(key=lambda item: not WAIT_FOR_PROCESSES.intersection(item.path.parts))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Nobody is left in the test database when it is dropped, such as a thread that still ends."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture
def queries_of():
    """How many queries a call makes, once what a process remembers is warm."""

    def count(call):
        call()
        with CaptureQueriesContext(connection) as queries:
            call()
        return len(queries)

    return count


@pytest.fixture(autouse=True)
def _no_real_aws(monkeypatch):
    """No test can reach AWS by accident: fake keys, an address where nothing answers."""
    for name, value in surroundings.FAKE_AWS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", surroundings.NOWHERE)
    door.client.cache_clear()
    yield
    door.client.cache_clear()


@pytest.fixture(autouse=True)
def _nothing_remembered(queue):
    """Neither counted sign-ins, nor pages, nor messages of the test before."""
    fragment_cache.forget()
    queue.flushdb()  # and with it the cache
    limits._alone.storage.reset()
    limits._away_until = 0.0


@pytest.fixture(scope="session")
def queue():
    """This process's database on the session's Valkey."""
    with redis.Redis.from_url(settings.REDIS_URL) as connection:
        yield connection


@pytest.fixture(scope="session")
def aws_cloud(tmp_path_factory):
    """One embedded AWS with the sample company for all tests of this process."""
    cloud = Cloud(tmp_path_factory.mktemp("aws"))
    cloud.wait()
    yield cloud
    cloud.stop()


@pytest.fixture
def aws(aws_cloud, monkeypatch, _no_real_aws):
    """The portal talks to the embedded AWS, which has no trouble and remembers no request.

    Users made by earlier tests are still there: take addresses of your own.
    """
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws_cloud.url)
    door.client.cache_clear()
    aws_cloud.settle()
    return aws_cloud
