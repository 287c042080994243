"""`make bench`: how pages compare with a bare view, side by side in one run.

Everything runs in this process through the whole middleware against PostgreSQL, interleaved, so
that the machine's load hits all alike. Prints a table and the same as JSON. A run in which the bare
view itself wanders by more than 30% is rejected.
"""

import json
import os
import statistics
import sys
import time

from tests.support import surroundings

surroundings.prepare()

import django  # noqa: E402  # the settings have to stand

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.runner import DiscoverRunner  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from onboarding.models import Member, Plan, StepRecord  # noqa: E402
from portal.models import User  # noqa: E402

ROUNDS = 60
MEMBERS = (100, 1_000, 10_000)
BARE = "/healthz-bare/"
PAGES = {
    "board": "/team/",
    "board, search": "/team/?q=member7",
    "board, trouble": "/team/?status=trouble",
    "spend": "/spend/",
    "checklist": "/checklist/",
}
MOST_WANDER = 0.30


def main():
    runner = DiscoverRunner(verbosity=0, interactive=False)
    before = os.getloadavg()[0]
    databases = runner.setup_databases()
    try:
        results = {members: _measure(members) for members in MEMBERS}
    finally:
        runner.teardown_databases(databases)
    load = {"before": before, "after": os.getloadavg()[0]}
    _print(results, load)
    print(json.dumps({"load": load, "results": results}))
    return 1 if any(result["wander"] > MOST_WANDER for result in results.values()) else 0


def _measure(members):
    """Median times of each page over that of the bare view, queries, and bytes."""
    _fill(members)
    founder, member = Client(), Client()
    founder.force_login(User.objects.filter(role="founder").first())
    member.force_login(Member.objects.first().user)
    _add_bare_view()
    clients = {path: member if path == "/checklist/" else founder for path in PAGES.values()}
    times = {path: [] for path in [BARE, *PAGES.values()]}
    for path in times:
        clients.get(path, founder).get(path)  # the first view compiles templates
    for _ in range(ROUNDS):
        for path, taken in times.items():
            client = clients.get(path, founder)
            began = time.perf_counter()
            client.get(path)
            taken.append(time.perf_counter() - began)
    bare = statistics.median(times[BARE])
    thirds = [statistics.median(times[BARE][part::3]) for part in range(3)]
    return {
        "bare_ms": round(bare * 1000, 2),
        "wander": round((max(thirds) - min(thirds)) / bare, 2),
        "pages": {
            name: {
                "ratio": round(statistics.median(times[path]) / bare, 1),
                "queries": _queries(clients[path], path),
            }
            for name, path in PAGES.items()
        },
    }


def _queries(client, path):
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    return len(captured)


def _fill(members):
    """A team of that many: half of them half-way, a tenth in trouble."""
    if not User.objects.filter(role="founder").exists():
        User.objects.create_user("founder@example.com", role="founder", name="Founder")
    plan, there = Plan.objects.get(code="pro-plus"), Member.objects.count()
    numbers = range(there, members)
    users = User.objects.bulk_create(
        [User(email=f"member{n}@example.com", role="member", password="!") for n in numbers]
    )
    rows = Member.objects.bulk_create(
        [
            Member(
                email=user.email,
                user=user,
                given_name=f"Given{n}",
                family_name="Family",
                plan=plan,
                status=Member.Status.INVITED,
                directory_user_id=f"id-{n}",
                seat_group_id="group",
                steps_done=3 * (n % 2),
                trouble="stuck" if n % 10 == 0 else "",
            )
            for n, user in zip(numbers, users, strict=True)
        ]
    )
    steps = ["activate", "cancel-individual", "sign-out"]
    StepRecord.objects.bulk_create(
        StepRecord(member=row, step=step, told_at=row.added_at)
        for row in rows
        if row.steps_done
        for step in steps
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _add_bare_view():
    """An empty view behind the same middleware."""
    from django.http import HttpResponse
    from django.urls import clear_url_caches, path

    from portal import urls

    if not any(str(entry.pattern) == BARE.lstrip("/") for entry in urls.urlpatterns):
        urls.urlpatterns.append(path(BARE.lstrip("/"), lambda request: HttpResponse("")))
        clear_url_caches()


def _print(results, load):
    print(f"load before {load['before']:.1f}, after {load['after']:.1f}\n")
    print(f"{'members':>8}  {'page':<16}{'× bare view':>12}{'queries':>9}")
    for members, result in results.items():
        for name, page in result["pages"].items():
            print(f"{members:>8}  {name:<16}{page['ratio']:>12}{page['queries']:>9}")
        judged = "rejected" if result["wander"] > MOST_WANDER else "fine"
        wander = f"wanders {result['wander']:.0%}: {judged}"
        print(f"{'':>8}  bare view {result['bare_ms']} ms, {wander}\n")


if __name__ == "__main__":
    sys.exit(main())
