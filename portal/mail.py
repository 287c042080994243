"""Mail as files: one message each, for `manage.py run`, where no mail server is at hand."""

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone


class OneFileEach(BaseEmailBackend):
    """Writes each message to a file of its own, whole or not at all.

    Django's file backend puts several messages into one file and can be read half-written.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.folder = Path(settings.EMAIL_FILE_PATH)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            self._write(message.message().as_bytes())
        return len(email_messages)

    def _write(self, content: bytes) -> None:
        name = f"{timezone.now():%Y%m%d-%H%M%S-%f}-{secrets.token_hex(3)}.eml"
        unfinished = self.folder / f".{name}"
        unfinished.touch(mode=0o600)
        unfinished.write_bytes(content)
        unfinished.replace(self.folder / name)
