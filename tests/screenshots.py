"""`make screenshots`: every page as founder and member, light and dark, wide and narrow.

Starts `manage.py run` on a folder of its own; needs Chromium. Without `ARGS=FOLDER` only the
README's own pictures are made, into docs/screenshots.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from portal.environment import BASE_DIR
from tests.support import chromium
from tests.support.running import Running

PAGES = {
    "the founder": {
        "overview": "/",
        "team": "/team/",
        "member": "/team/3/",
        "differences": "/team/drift/",
        "import": "/team/import/",
        "setup": "/setup/",
        "spend": "/spend/",
        "credits": "/spend/credits/",
        "activity": "/activity/",
        "status": "/status/",
    },
    "a member": {"checklist": "/checklist/"},
}
WIDTHS = (1280, 360)
SETTLING = 20
"""Seconds for the worker to set up the newest member and to read the spend."""


README_SHOWS = {"overview", "team", "spend", "checklist"}


def main(folder, names):
    program = chromium.program()
    if program is None:
        sys.exit("make screenshots needs Chromium: apt-get install chromium")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as state:
        running = Running(Path(state) / "var").wait()
        try:
            time.sleep(SETTLING)
            _photograph(program, running.url, folder, names)
        finally:
            running.stop()


def _photograph(program, url, folder, names):
    sandboxing = ["--no-sandbox"] if os.getuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--disable-gpu", *sandboxing]
        )
        for scheme in ("light", "dark"):
            for width in WIDTHS:
                for role, pages in PAGES.items():
                    context = browser.new_context(
                        base_url=url, color_scheme=scheme, viewport={"width": width, "height": 800}
                    )
                    wanted = {name: path for name, path in pages.items() if name in names}
                    _walk(context.new_page(), role, wanted, folder, f"{scheme}-{width}")
                    context.close()
        browser.close()


def _walk(page, role, pages, folder, suffix):
    page.goto("/accounts/login/")
    page.get_by_role("button", name=f"Continue as {role}").click()
    for name, path in pages.items():
        if page.goto(path).status == 200:
            page.screenshot(path=folder / f"{name}-{suffix}.png", full_page=True)
            print(f"{name}-{suffix}.png")


if __name__ == "__main__":
    if sys.argv[1:]:
        main(Path(sys.argv[1]), {name for pages in PAGES.values() for name in pages})
    else:
        main(BASE_DIR / "docs" / "screenshots", README_SHOWS)
