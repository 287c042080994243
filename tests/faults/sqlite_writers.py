"""`python -m tests.faults.sqlite_writers FOLDER COUNT`: three processes on one SQLite file.

Each writes as its part does: web adds members, the worker claims and finishes rows, beat notes its
runs and sweeps. Prints how often SQLite was locked, what else failed, and what is there in the end.
"""

import json
import os
import sys
import traceback
from pathlib import Path


def prepare(folder):
    from tests.support import surroundings

    surroundings.clean()
    os.environ |= {
        **surroundings.FAKE_AWS,
        "ALLOWED_HOSTS": "testserver,127.0.0.1",
        "AWS_ENDPOINT_URL": surroundings.NOWHERE,
        "DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "LOG_LEVEL": "CRITICAL",
        "PORTAL_DOT_ENV": os.devnull,
        "PORTAL_RUN": "1",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SECRET_KEY": "only-for-tests-" + "x" * 50,
    }
    import django
    from django.core.management import call_command

    django.setup()
    surroundings.settle_files()
    call_command("migrate", verbosity=0)


def web(count):
    """Twice what is asked for is in flight: the row, its account and its audit event are one."""
    from django.test import Client

    from portal.models import User

    client = Client(raise_request_exception=True)
    client.force_login(User.objects.get(email="founder@lab.example"))
    for number in range(count):
        who = {"email": f"web{number}@lab.example", "given_name": "Lab", "family_name": "Person"}
        yield lambda who=who: client.post("/team/", {**who, "plan": "pro-plus"}).status_code == 302


def worker(count):
    """Claim, renew, finish with an audit event: what an attempt at a row writes."""
    from django.db import transaction
    from django.utils import timezone

    from portal import audit, jobs
    from portal.models import Notice

    def work(number):
        row = Notice.objects.create(
            kind="lab", key=f"lab:{number}", to="a@lab.example", next_try_at=timezone.now()
        )
        held = jobs.claim(Notice, row.pk)
        jobs.renew(held)
        with transaction.atomic():
            jobs.finish(held, sent_at=timezone.now())
            audit.record("lab.worked", subject=f"notice:{row.pk}")
        return True

    for number in range(count):
        yield lambda number=number: work(number)


def beat(count):
    from portal import jobs
    from portal.models import JobRun

    jobs.enqueue = lambda model, pks, **_: len(pks)  # there is no queue here

    def tick(number):
        jobs.sweep()
        JobRun.note("sweep")
        JobRun.note(f"lab-{number}")
        return True

    for number in range(count):
        yield lambda number=number: tick(number)


WRITERS = (web, worker, beat)


def write(writer, count):
    from django.db import OperationalError

    found = {"locked": 0, "errors": 0}
    for job in writer(count):
        try:
            found["errors"] += not job()
        except OperationalError as error:
            found["locked" if "locked" in str(error) else "errors"] += 1
        except Exception:  # noqa: BLE001  # counted, and the others go on
            traceback.print_exc()
            found["errors"] += 1
    return found


def kept():
    from onboarding.models import Member
    from portal.models import JobRun, Notice

    sent = Notice.objects.filter(kind="lab").exclude(sent_at=None)
    runs = JobRun.objects.filter(name__startswith="lab-")
    return Member.objects.count() + sent.count() + runs.count()


def main(folder, count):
    prepare(folder)
    from django.db import connection

    from portal.models import User

    User.objects.create_user("founder@lab.example", role=User.Role.FOUNDER)
    connection.close()
    pids = []
    for writer in WRITERS:
        pid = os.fork()
        if not pid:
            found = write(writer, count)
            (folder / f"{writer.__name__}.json").write_text(json.dumps(found))
            os._exit(0)
        pids.append(pid)
    for pid in pids:
        os.waitpid(pid, 0)
    told = [json.loads((folder / f"{each.__name__}.json").read_text()) for each in WRITERS]
    total = {name: sum(each[name] for each in told) for name in ("locked", "errors")}
    print(json.dumps({**total, "kept": kept()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
