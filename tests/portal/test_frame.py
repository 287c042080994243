"""The list of pages beside a page: made once for each place, and never another place's."""

import re

import pytest

from onboarding.models import Member
from tests.factories import make_founder, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def founder(client):
    found = make_founder()
    client.force_login(found)
    return found


def here(client, path):
    """The entry that is marked, and how."""
    page = client.get(path).content.decode()
    nav = page[page.index('<ul class="nav">') :]
    return re.findall(r'href="([^"]+)" aria-current="(\w+)"', nav[: nav.index("</ul>")])


@pytest.mark.parametrize(
    ("path", "marked"),
    [
        ("/", ("/", "page")),
        ("/team/", ("/team/", "page")),
        ("/team/drift/", ("/team/", "true")),
        ("/spend/", ("/spend/", "page")),
        ("/spend/seats/", ("/spend/", "true")),
    ],
)
def test_each_place_marks_its_own_entry(client, founder, path, marked):
    client.get("/activity/")

    assert here(client, path) == [marked]


def test_the_count_is_todays(client, founder):
    member = make_member(trouble="stuck")
    before = client.get("/status/").content.decode()
    Member.objects.filter(pk=member.pk).update(trouble="")

    after = client.get("/status/").content.decode()

    assert 'nav__count">1<' in before
    assert "nav__count" not in after
