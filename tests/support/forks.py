"""`manage.py` in an environment of its own, forked from one process that has loaded libraries alone.

Settings, apps and whatever reads the environment are imported anew in each fork; Django, Celery and
boto3, which take most of a start, are there already.

    python -m tests.support.forks    arguments and environment in, how it ended out, a line of JSON each
"""

import json
import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from importlib import import_module

from portal.environment import BASE_DIR

LIBRARIES = (
    "allauth",
    "anymail.exceptions",
    "boto3",
    "celery",
    "celery.schedules",
    "django.core.handlers.wsgi",
    "django.core.management.commands.diffsettings",
    "django.core.management.commands.shell",
    "django.db.models",
    "django.forms",
    "django.views.generic",
    "environ",
    "limits",
    "psycopg",
    "redis",
    "requests",
)


class Forks:
    """The process, as a test sees it."""

    def __init__(self):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.forks"],
            cwd=BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def manage(self, *arguments, environment):
        self._process.stdin.write(json.dumps([arguments, environment]) + "\n")
        self._process.stdin.flush()
        return subprocess.CompletedProcess(arguments, **json.loads(self._process.stdout.readline()))

    def stop(self):
        self._process.communicate()


def serve():
    for name in LIBRARIES:
        import_module(name)
    for line in sys.stdin:
        print(json.dumps(_done(*json.loads(line))), flush=True)


def _done(arguments, environment):
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        given = (arguments, environment, output.fileno(), errors.fileno())
        process = multiprocessing.get_context("fork").Process(target=_manage, args=given)
        process.start()
        process.join()
        output.seek(0)
        errors.seek(0)
        return {
            "returncode": process.exitcode,
            "stdout": output.read(),
            "stderr": errors.read(),
        }


def _manage(arguments, environment, output, errors):
    os.dup2(output, 1)
    os.dup2(errors, 2)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["manage.py", *arguments]
    runpy.run_path("manage.py", run_name="__main__")


if __name__ == "__main__":
    serve()
