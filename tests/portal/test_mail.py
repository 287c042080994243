"""Mail as files: one message each, whole, for the owner's eyes."""

import email
import stat

import pytest
from django.core.mail import EmailMessage


@pytest.fixture
def folder(settings, tmp_path):
    settings.EMAIL_BACKEND = "portal.mailing.mail.OneFileEach"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    return tmp_path / "mail"


def send(subject):
    EmailMessage(subject, "Text", "a@example.com", ["b@example.com"]).send()


def test_each_message_is_a_file_of_its_own(folder):
    for number in range(20):
        send(f"Number {number}")

    assert len(list(folder.glob("*.eml"))) == 20


def test_the_file_is_the_message(folder):
    send("Grüße")

    message = email.message_from_bytes(next(folder.glob("*.eml")).read_bytes())
    assert message["To"] == "b@example.com"


def test_only_the_owner_can_read_it(folder):
    send("Secret link")

    mode = next(folder.glob("*.eml")).stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_a_folder_named_by_url_gets_one_file_each():
    from portal.settings import Env

    assert Env.email_url_config("filemail:///some/folder")["EMAIL_BACKEND"].endswith("OneFileEach")
