"""All members on one page: the board's own view and templates against the admin's changelist.

The portal shows fifty a page; here its view is asked for all of them at once, with the rows it has
made before and as a process that has just started. Both show the same eight columns.
"""

import statistics

from tests.bench import ground, site
from tests.bench.figures import Figure, spread

MEMBERS, ROUNDS = 1_000, 15
ADMIN, BOARD, ANEW = "/bench/admin/onboarding/member/", "/bench/board/", "/bench/board-anew/"


def measure():
    with ground.database():
        ground.team(MEMBERS)
        cookies = ground.cookies(ground.founder())
        times = {path: [] for path in (ADMIN, BOARD, ANEW)}
        with site.Site() as served:
            for path in times:
                served.get(path, cookies)
            for _ in range(ROUNDS):
                for path, taken in times.items():
                    taken.append(served.get(path, cookies)[0])
    beside = statistics.median(times[ADMIN])
    warm = [slow / fast for slow, fast in zip(times[ADMIN], times[BOARD], strict=True)]
    cold = [slow / fast for slow, fast in zip(times[ADMIN], times[ANEW], strict=True)]
    return [
        Figure("admin changelist", round(1000 * beside, 1), " ms"),
        Figure("board faster, rows made before", unit=" ×", least=10, **spread(warm)),
        Figure("board faster, every row made anew", unit=" ×", **spread(cold)),
    ]
