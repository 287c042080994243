"""A line of the log for each sign-in, refusal and sign-out: who by id, from where by its trace."""

import logging
from typing import Any

from django.contrib.auth import signals

logger = logging.getLogger(__name__)


def _signed_in(user: Any, **_signal: Any) -> None:
    logger.info("User %s signed in", user.pk)


def _signed_out(user: Any, **_signal: Any) -> None:
    if user is not None:
        logger.info("User %s signed out", user.pk)


def _refused(**_signal: Any) -> None:
    """Not for whom: an address that is nobody's here is none of ours to keep."""
    logger.warning("A sign-in was refused")


def listen() -> None:
    signals.user_logged_in.connect(_signed_in, dispatch_uid="portal.sign_in.sign_in_lines.in")
    signals.user_logged_out.connect(_signed_out, dispatch_uid="portal.sign_in.sign_in_lines.out")
    signals.user_login_failed.connect(_refused, dispatch_uid="portal.sign_in.sign_in_lines.refused")
