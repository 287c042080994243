"""100, 1,000, 10,000 members: how pages and jobs grow, as slopes of log time over log size."""

import statistics
import time
from unittest import mock

from onboarding.drift import directory_reading
from onboarding.drift.reconciliation import Listing
from onboarding.gateways.identity_center import DirectoryUser
from onboarding.models import Member, Plan
from tests.bench import figures, ground, importing, pages, site
from tests.bench.figures import Figure, slope
from tests.factories import make_workspace

SIZES, ROUNDS = (100, 1_000, 10_000), 40
PAGES = {
    "board": "/team/",
    "board, by name": "/team/?sort=name",
    "board, last page": "/team/?page=999999",
    "board, search": "/team/?q=member7",
    "overview": "/",
    "a member": "/team/5/",
    "activity": "/activity/",
}
MOST = {"board": 0.05, "board, search": 0.10}


def measure():
    times, queries, memory = {}, {}, {}
    with ground.database():
        make_workspace()
        for size in SIZES:
            figures.say(f"pages and reconciliation, {size:,} members")
            ground.team(size)
            times[size], memory[size] = _pages_of(size)
            times[size]["reconcile"] = _reconcile(size)
            queries[size] = {
                name: pages.queries(path, ground.founder()) for name, path in PAGES.items()
            }
    for size in SIZES:
        with ground.database():
            times[size] |= importing.seconds_of(size)
    return [*_slopes(times), *_steps(queries), _memory(memory)]


def _pages_of(size):
    """{page: times the bare view}, and the MiB of the process that served them."""
    cookies = ground.cookies(ground.founder())
    with site.Site() as served:
        pages_there = {name: (path, cookies) for name, path in PAGES.items()}
        ratios = served.side_by_side(pages_there, ROUNDS)[1]
        return {name: statistics.median(found) for name, found in ratios.items()}, served.memory()


def _reconcile(size):
    """All but AWS's own answer, which comes by pages of a fixed size."""
    plan = Plan.objects.get(code="pro-plus")
    people = Member.objects.values_list("directory_user_id", "email", "given_name", "family_name")
    users = tuple(DirectoryUser(pk, mail, mail, given_name=given, family_name=family, status="ENABLED")
                  for pk, mail, given, family in people)  # fmt: skip
    listing = Listing(users, {plan.seat_group_id: frozenset(user.user_id for user in users)})
    taken = []
    for _ in range(3):
        with mock.patch.object(directory_reading, "_listing", return_value=listing):
            began = time.perf_counter()
            directory_reading.look()
            taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def _slopes(times):
    most = {
        **MOST,
        "reconcile": 1.02,
        "import: upload to preview": 1.02,
        "import: confirm to rows": 1.02,
    }
    for name in times[SIZES[0]]:
        found = {size: times[size][name] for size in SIZES}
        note = ", ".join(_shown(name, each) for each in found.values())
        yield Figure(name, slope(found), most=most.get(name), note=note)


def _shown(name, found):
    """Pages against the bare view beside them, so that the machine's load hits both; jobs in time."""
    return f"{found:.1f} ×" if name in PAGES else f"{1000 * found:.0f} ms"


def _steps(queries):
    """Pages whose number of queries grows with the team; there should be none."""
    growing = [name for name in PAGES if len({queries[size][name] for size in SIZES}) > 1]
    yield Figure(
        "pages with more queries for more members", len(growing), most=0, note=", ".join(growing)
    )


def _memory(memory):
    note = ", ".join(f"{size:,}: {found:.0f} MiB" for size, found in memory.items())
    return Figure("the web process, slope of its memory", slope(memory), note=note)
