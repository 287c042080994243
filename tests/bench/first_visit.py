"""The first visit to each page: requests, and bytes on the wire, of the page and all it needs."""

import gzip
import re

from onboarding.models import Member
from tests.bench import ground, pages, site, usage
from tests.bench.figures import Figure

NEEDED = re.compile(rb'<(?:link|script|img)[^>]+?(?:href|src)="(/static/[^"]+)"')
HEAD = 500
"""Bytes of an answer's headers, about; they count, since they travel."""
MOST_REQUESTS, MOST_KB = 8, 60


def measure():
    with ground.database():
        ground.team(60)  # the first screen is full
        usage.fill()
        member, founder = Member.objects.first().user, ground.founder()
        with site.Site() as served:
            return [
                figure
                for name, path in {"sign-in": "/accounts/login/", **pages.PAGES}.items()
                if pages.is_there(path)
                for figure in _visit(served, name, path, _cookies(path, member, founder))
            ]


def _cookies(path, member, founder):
    if path.startswith("/accounts/"):
        return ""
    return ground.cookies(member if path == "/checklist/" else founder)


def _visit(served, name, path, cookies):
    body = served.get(path, cookies)[1]
    needed = sorted(set(NEEDED.findall(_plain(body))))
    sizes = [len(body), *(len(served.get(each.decode(), cookies)[1]) for each in needed)]
    kilobytes = round(sum(size + HEAD for size in sizes) / 1000, 1)
    yield Figure(f"{name}: requests", len(sizes), most=MOST_REQUESTS)
    yield Figure(f"{name}: bytes", kilobytes, " kB", most=MOST_KB)


def _plain(body):
    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
