"""What `collectstatic` gathers is what the templates ask for."""

import re
from pathlib import Path

import allauth
from django.apps import apps
from django.contrib.staticfiles.finders import get_finders

from portal.environment import BASE_DIR

TEMPLATES = (BASE_DIR / "templates", Path(allauth.__file__).parent / "templates")
ASKED = re.compile(r"""{% (?:static|script) ['"]([^'"]+)['"]""")


def gathered():
    patterns = apps.get_app_config("staticfiles").ignore_patterns
    return {name for finder in get_finders() for name, _ in finder.list(patterns)}


def asked():
    pages = [path for folder in TEMPLATES for path in folder.rglob("*.html")]
    return {name for page in pages for name in ASKED.findall(page.read_text())}


def test_all_that_a_template_asks_for_is_gathered():
    assert asked() - gathered() == set()


def test_of_htmx_nothing_else_is_gathered():
    assert {name for name in gathered() - asked() if "htmx" in name} == set()
