"""What the browser journeys do over and over: come in, add a member, open their mail."""

import email
import email.policy
import re
import time
from pathlib import Path


def enter(page, role):
    page.goto("/")
    page.get_by_role("button", name=f"Continue as {role}").click()


def add_member(page, *, given, family, address):
    page.goto("/team/")
    page.get_by_text("Add a member", exact=True).click()
    page.get_by_label("E-mail", exact=True).fill(address)
    page.get_by_label("Given name").fill(given)
    page.get_by_label("Family name").fill(family)
    page.get_by_role("button", name="Add and invite").click()


def letters_to(portal_process, address):
    found = []
    for path in sorted((Path(portal_process.folder) / "mail").glob("*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        if message["To"] == address:
            found.append(message)
    return found


def wait_for(look, *, seconds=90):
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.1)
    return found


def link_in(message):
    return re.search(r"https?://\S+/invitation/\S+", message.get_body(("plain",)).get_content())[0]
