"""A browser before the real processes of `manage.py run`."""

import os

import pytest

from tests.support import chromium
from tests.support.report import cannot_run
from tests.support.running import Running

QUIET = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="package")
def portal_process(tmp_path_factory):
    """`manage.py run` with its embedded defaults, on a folder and a port of its own."""
    running = Running(tmp_path_factory.mktemp("journey") / "var").wait()
    yield running
    running.stop()


@pytest.fixture(scope="package")
def browser():
    program = chromium.program()
    if program is None:
        cannot_run("the browser journeys (no chromium on this machine)")
    from playwright.sync_api import sync_playwright

    sandboxing = ["--no-sandbox"] if os.getuid() == 0 else []  # Chromium refuses root otherwise
    # Playwright's loop lives in this thread until the end, and Django takes it for asynchronous code.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        launched = playwright.chromium.launch(executable_path=program, args=[*QUIET, *sandboxing])
        yield launched
        launched.close()


@pytest.fixture
def page(browser, portal_process):
    """A fresh visitor; addresses are the portal's own. A script error fails the test."""
    context = browser.new_context(base_url=portal_process.url, reduced_motion="reduce")
    opened, errors = context.new_page(), []
    opened.on("pageerror", lambda error: errors.append(error))  # noqa: PLW0108  # playwright marks what it is given
    yield opened
    context.close()
    assert not errors
