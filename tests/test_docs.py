"""What the documents name is there: files, headings, modules."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\((?!https?:)([^)\s#]*)(?:#([^)]*))?\)")
CODE = re.compile(r"`([^`]+)`")
APPS = ("portal", "onboarding", "billing")


def anchors_of(path):
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in plain}


def dead_links(path):
    for target, anchor in LINK.findall(path.read_text()):
        there = (path.parent / target) if target else path
        if not there.exists() or (anchor and anchor not in anchors_of(there)):
            yield f"{target}#{anchor}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path):
    assert list(dead_links(path)) == []


def rows_of_the_map():
    """Of ARCHITECTURE.md's table: the places of a row, and what it names of them."""
    text = (ROOT / "ARCHITECTURE.md").read_text()
    lines = re.search(r"## Where things are\n(.*?)\n## ", text, re.DOTALL)[1].splitlines()
    for line in lines:
        if line.startswith("| `"):
            _, places, what, _ = line.split("|")
            yield CODE.findall(places), CODE.findall(what)


def folder_of(places):
    first = ROOT / places[0]
    return first if first.is_dir() else first.parent


def is_there(name, folder):
    """A file of the folder, or a path from the top, or a name that the apps' code defines."""
    module = name.replace(".", "/")
    at = [base / tail for base in (folder, ROOT) for tail in (name, module, f"{module}.py")]
    last = re.escape(name.split(".")[-1])
    defined = rf"^ *(def|class) {last}\b|^ *{last}( =|:)"
    return any(path.exists() for path in at) or re.search(defined, CODE_OF_APPS, re.MULTILINE)


CODE_OF_APPS = "\n".join(path.read_text() for app in APPS for path in (ROOT / app).rglob("*.py"))


@pytest.mark.parametrize(("places", "names"), list(rows_of_the_map()))
def test_the_map_shows_what_is_there(places, names):
    folder = folder_of(places)
    missing = [
        name for name in names if re.fullmatch(r"\w[\w./]*", name) and not is_there(name, folder)
    ]

    assert [place for place in places if not is_there(place, folder)] == []
    assert missing == []
