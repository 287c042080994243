"""SMTP that tells the one doubtful moment: the message was handed over, and no answer came."""

import smtplib
from typing import Any

from django.core.mail.backends.smtp import EmailBackend


class Unanswered(smtplib.SMTPException):
    """The server had the whole message and broke off: it may or may not have taken it."""


class _Telling(smtplib.SMTP):
    _is_handed_over = False

    def data(self, msg: Any) -> tuple[int, bytes]:
        try:
            return super().data(msg)
        except smtplib.SMTPServerDisconnected as error:
            if self._is_handed_over:
                raise Unanswered(str(error)) from error
            raise

    def send(self, s: Any) -> None:
        super().send(s)
        self._is_handed_over = s[-5:] == b"\r\n.\r\n"


class _TellingSsl(_Telling, smtplib.SMTP_SSL):
    """The same over TLS from the start."""


class Backend(EmailBackend):
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _TellingSsl if self.use_ssl else _Telling
