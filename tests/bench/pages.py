"""Each page against the bare view, behind the same gunicorn, with 1,000 members."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from onboarding.models import Member
from tests.bench import ground, site, usage
from tests.bench.figures import Figure, spread

MEMBERS, ROUNDS = 1_000, 60
PAGES = {
    "board": "/team/",
    "board, second page": "/team/?page=2",
    "board, in trouble": "/team/?status=trouble",
    "board, search": "/team/?q=member7",
    "overview": "/",
    "a member": "/team/5/",
    "spend": "/spend/",
    "seats": "/spend/seats/",
    "activity": "/activity/",
    "checklist": "/checklist/",
}
RATIO = {"board": 5, "spend": 6, "seats": 6}
QUERIES = {"board": 4}


def measure():
    with ground.database():
        ground.team(MEMBERS)
        usage.fill()
        people = {"/checklist/": Member.objects.first().user}
        founder = ground.founder()
        pages = {
            name: (path, ground.cookies(people.get(path, founder)))
            for name, path in PAGES.items()
            if is_there(path)
        }
        with site.Site() as served:
            bare, ratios = served.side_by_side(pages, ROUNDS)
        figures = [
            Figure(name, unit=" ×", most=RATIO.get(name), **spread(ratios[name])) for name in pages
        ]
        counts = [
            Figure(
                f"{name}: queries", queries(path, people.get(path, founder)), most=QUERIES.get(name)
            )
            for name, path in PAGES.items()
            if is_there(path)
        ]
        return [*site.steadiness(bare), *figures, *counts]


def is_there(path):
    client = Client()
    client.force_login(ground.founder())
    return client.get(path).status_code != 404 or path == "/checklist/"


def queries(path, user):
    client = ground.signed_in(user)
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    return len(captured)
