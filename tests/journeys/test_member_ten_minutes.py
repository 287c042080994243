"""The member's ten minutes, by keyboard alone on a phone without scripts, and by roles and names."""

import re

import pytest

from tests.support.visits import add_member, enter, letters_to, link_in, wait_for

pytestmark = pytest.mark.processes

FARTHEST = 60
"""Presses of Tab from one thing to the next."""

_FOCUS = "document.activeElement.textContent"
GRACE, ALAN = "grace.keys@northwind.example", "alan.tree@northwind.example"


@pytest.fixture(scope="module")
def invited(browser, portal_process):
    """Two members are added; the link in each one's mail."""
    founder = browser.new_context(base_url=portal_process.url).new_page()
    enter(founder, "the founder")
    add_member(founder, given="Grace", family="Keys", address=GRACE)
    add_member(founder, given="Alan", family="Tree", address=ALAN)
    founder.context.close()
    return {address: link_to(portal_process, address) for address in (GRACE, ALAN)}


def link_to(portal_process, address):
    return link_in(wait_for(lambda: letters_to(portal_process, address))[0])


class Keyboard:
    """A visitor with nothing but keys: Tab until it is there, then Enter, or type."""

    def __init__(self, page):
        self.page = page

    def go_to(self, role, name):
        wanted = self.page.get_by_role(role, name=name, exact=True)
        for _ in range(FARTHEST):
            self.page.keyboard.press("Tab")
            if wanted.evaluate_all("all => all.includes(document.activeElement)"):
                return
        pytest.fail(f"No way by Tab to the {role} “{name}”.")

    def press(self, name):
        self.go_to("button", name)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def fill(self, name, text):
        self.go_to("textbox", name)
        self.page.keyboard.type(text)


def account_in(page):
    """The company's identity store, as the sign-in URL on the page names it."""
    return re.search(r"https://(d-[0-9a-z]{10})", page.get_by_role("main").inner_text())[1]


def test_by_keyboard_alone_without_scripts_on_a_phone(browser, portal_process, invited):
    context = browser.new_context(
        base_url=portal_process.url,
        java_script_enabled=False,
        viewport={"width": 360, "height": 740},
        reduced_motion="reduce",
    )
    page = context.new_page()
    keys = Keyboard(page)
    page.goto(invited[GRACE])

    keys.press("Continue")
    account = account_in(page)
    for words in (
        "I can sign in",
        "I never had one",
        "I have signed out everywhere",
        "I have signed in",
    ):
        keys.press(words)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    keys.fill("Plan", "Pro+")
    keys.fill("Credits a month", "2 000")
    keys.fill("Account", account)
    keys.press("Check my plan")

    page.get_by_role("heading", name="You are all set, Grace").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()


def test_by_the_accessibility_tree(page, invited):
    """As a screen reader goes: headings, what is said aloud, and buttons by their names."""
    page.goto(invited[ALAN])
    page.get_by_role("heading", name="Hello Alan", level=1).wait_for()
    page.get_by_role("button", name="Continue", exact=True).click()
    account = account_in(page)

    for number, words in enumerate(
        ("I can sign in", "I never had one", "I have signed out everywhere", "I have signed in"), 1
    ):
        step = page.get_by_role("listitem").filter(has=page.get_by_role("button", name=words))
        step.get_by_role("heading", name=f"Step {number}:", level=2).wait_for()
        step.get_by_role("button", name=words, exact=True).click()
        page.get_by_role("heading", name=f"Step {number}, done:", level=2).wait_for()
        said = page.get_by_role("status").filter(has_text=f"{number} of 5 steps done")
        said.first.wait_for(state="attached")
        wait_for(lambda at=number + 1: page.evaluate(_FOCUS).startswith(f"Step {at}"))
    page.get_by_role("textbox", name="Plan", exact=True).fill("Pro+")
    page.get_by_role("textbox", name="Credits a month", exact=True).fill("2’000")
    page.get_by_role("textbox", name="Account", exact=True).fill(account)
    page.get_by_role("button", name="Check my plan", exact=True).click()

    page.get_by_role("heading", name="You are all set, Alan", level=2).wait_for()
    tree = page.get_by_role("main").aria_snapshot()
    assert tree.count("done: ") == 5
    assert 'progressbar "Steps done"' in tree
    assert "This is the right account and plan." in tree
