"""What the Dockerfile copies and installs is enough to serve, and nothing else is in it."""

import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
import tomllib
from functools import partial
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import portal
from portal.environment import BASE_DIR
from portal.supervisor import asking
from portal.supervisor.choices import free_port
from portal.supervisor.processes import die_with_parent
from tests.deployment import image
from tests.deployment.composed import until

PRODUCTION = {
    "SECRET_KEY": "k3yboard-Cat-" * 5,
    "ALLOWED_HOSTS": "portal.example.com,127.0.0.1",
    "BASE_URL": "https://portal.example.com",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtp://127.0.0.1:1",
}


pytestmark = pytest.mark.timeout(300)  # it starts processes, on whatever machine


# What is in it ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """An empty folder with what COPY puts there: no tests, no .git, nothing of this checkout."""
    app = tmp_path_factory.mktemp("image") / "app"
    app.mkdir()
    for sources, target in image.copies():
        for source in sources:
            _copy(BASE_DIR / source, app / target if target != "./" else app / source)
    return app


def _copy(source, target):
    if source.is_file():
        shutil.copy2(source, target)
        return
    shutil.copytree(source, target, ignore=_ignored)


def _ignored(folder, names):
    relative = Path(folder).relative_to(BASE_DIR)
    return {name for name in names if image.is_ignored(relative / name)}


def test_nothing_that_is_not_needed_is_in_it(built):
    inside = {path.relative_to(built).parts[0] for path in built.rglob("*")}

    assert inside == {"manage.py", "portal", "onboarding", "billing", "templates", "static"}
    assert not list(built.rglob("__pycache__"))
    assert not list(built.rglob(".env"))


@pytest.mark.parametrize("name", [".git", ".env", "var", "tests", ".venv", "portal/__pycache__"])
def test_docker_never_even_sees(name):
    assert image.is_ignored(Path(name))


def test_every_package_of_ours_is_in_it(built):
    ours = {path.parent.name for path in BASE_DIR.glob("*/__init__.py")} - {"tests"}

    assert ours == {path.parent.name for path in built.glob("*/__init__.py")}


def test_it_runs_as_nobody_in_particular():
    assert image.every("USER") == ["portal"]
    names = [name for name, _ in image.instructions()]
    assert names.index("USER") > max(n for n, name in enumerate(names) if name in {"COPY", "RUN"})


def test_both_stages_are_of_one_slim_python_that_the_portal_supports():
    stages = [image.every("FROM", stage)[0].split()[0] for stage in (0, 1)]
    project = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]

    assert stages[0] == stages[1]
    assert re.fullmatch(r"python:3\.1[1-3]-slim", stages[0])
    assert project["requires-python"] == ">=3.11"


def test_no_secret_is_built_into_it():
    assert not {"SECRET_KEY", "DATABASE_URL"} & set(image.environment())


def test_the_version_it_shows_is_the_projects():
    project = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]

    assert project["version"] == portal.VERSION


# What is installed -----------------------------------------------------------------------------


def locked():
    """What the lock that the Dockerfile installs names for this Python."""
    text = (BASE_DIR / "requirements" / "prod.txt").read_text().replace("\\\n", "")
    lines = [line.partition("--hash")[0] for line in text.splitlines() if "==" in line]
    found = [Requirement(line) for line in lines if not line.lstrip().startswith("#")]
    return [wanted for wanted in found if wanted.marker is None or wanted.marker.evaluate()]


def test_the_lock_is_installed_by_its_hashes():
    (install,) = [text for text in image.every("RUN", 0) if "pip install" in text]
    (copied,) = image.copies(0)

    assert copied == (["requirements/prod.txt"], "/build/prod.txt")
    assert shlex.split(install)[-3:] == ["--require-hashes", "-r", "/build/prod.txt"]


@pytest.fixture(scope="module")
def venv(tmp_path_factory):
    """A fresh environment with exactly what the lock names.

    Their files are this environment's own, by links: same names, same versions, no download. What
    the lock leaves out is not there to be imported by accident.
    """
    site = tmp_path_factory.mktemp("venv") / "site"
    site.mkdir()
    for wanted in locked():
        _link(wanted, site)
    return site


def _link(wanted, site):
    found = distribution(wanted.name)
    assert found.version in wanted.specifier, f"{found.version} is here; the lock says {wanted}"
    for file in found.files or []:
        top = file.parts[0]
        if top not in {"..", "__pycache__"} and not (site / top).exists():
            (site / top).symlink_to(found.locate_file(top))


@pytest.fixture(scope="module")
def run(built, venv, tmp_path_factory):
    """Do a command in the image: its folder, its packages, its environment; nothing of ours."""
    state = tmp_path_factory.mktemp("state")
    environment = {
        **image.environment(),
        "PATH": os.defpath,
        "PYTHONPATH": str(venv),
        "DATA_DIR": str(state),
        "HOME": str(state),
        "LC_ALL": "C.UTF-8",
    }

    def do(words, **more):
        words = [sys.executable, "-S", *words[1:]] if words[0] == "python" else words
        return subprocess.run(
            words,
            cwd=built,
            env={**environment, **more},
            capture_output=True,
            text=True,
            check=False,
        )

    do.environment = environment
    return do


@pytest.fixture(scope="module")
def collected(built, run):
    """The RUN steps of the last stage that need no root; afterwards nothing there can be written."""
    (step,) = [text for text in image.every("RUN") if "collectstatic" in text]
    for part in step.split("&&"):
        words = shlex.split(part)
        named = dict(word.split("=", 1) for word in words if re.match(r"^[A-Z_]+=", word))
        done = run([word for word in words if word.partition("=")[0] not in named], **named)
        assert done.returncode == 0, done.stdout + done.stderr
    for path in [built, *built.rglob("*")]:
        path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    yield built
    for path in [built, *built.rglob("*")]:
        path.chmod(path.stat().st_mode | stat.S_IWUSR)


@pytest.fixture(scope="module")
def looked(collected, run):
    """The tasks that the worker finds, and then Django's check, by one process."""
    ask = (
        "import django; django.setup(); import portal.celery as c;"
        " c.app.loader.import_default_modules(); print(*c.app.tasks);"
        " from django.core.management import execute_from_command_line as do;"
        " do(['manage.py', 'check', '--deploy', '--fail-level', 'WARNING'])"
    )
    return run(["python", "-c", ask], DJANGO_SETTINGS_MODULE="portal.settings", **PRODUCTION)


@pytest.mark.processes
@pytest.mark.long
def test_the_deployment_check_is_clean_with_what_is_installed(looked):
    assert looked.returncode == 0, looked.stderr


@pytest.mark.processes
@pytest.mark.long
def test_the_worker_finds_every_task(looked):
    assert "onboarding.tasks.provision_member" in looked.stdout, looked.stderr


@pytest.mark.processes
@pytest.mark.long
def test_it_serves_from_a_folder_that_cannot_be_written_and_needs_not_be(collected, run):
    before, port = snapshot(collected), free_port()
    words = [word.replace("0.0.0.0:8000", f"127.0.0.1:{port}") for word in image.command()]
    process = subprocess.Popen(
        [sys.executable, "-S", "-m", *words],
        cwd=collected,
        env={**run.environment, **PRODUCTION},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=partial(die_with_parent, os.getpid()),
    )
    try:
        until(lambda: asking.http_status(port, "/healthz") in {200, 503}, process)
    finally:
        process.terminate()
        process.wait(60)

    assert snapshot(collected) == before


def snapshot(folder):
    """For root, whom no mode of a file keeps from writing."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
