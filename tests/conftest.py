"""What every test stands on. The servers come first: the settings name them."""

from tests.support import surroundings

surroundings.prepare()

import django  # noqa: E402  # the settings have to stand

django.setup()

import os  # noqa: E402

import pytest  # noqa: E402
import redis  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.cache import cache  # noqa: E402

from portal import aws as door  # noqa: E402
from tests.support.cloud import Cloud  # noqa: E402

pytest_plugins = ["tests.support.asked", "tests.support.report", "tests.support.rows"]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes():
    """Else pytest-django reads the settings in each process before its own servers are named."""
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)


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
    """Neither counted sign-ins nor messages of the test before."""
    cache.clear()
    queue.flushdb()


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
