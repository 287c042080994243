"""The points at which fault runs end a worker: off unless asked for, and never in production."""

import os
import signal

import pytest

from portal import crash_points


@pytest.fixture
def killed(monkeypatch):
    """Whom the process would have killed, and how."""
    asked = []
    monkeypatch.setattr(os, "kill", lambda *whom: asked.append(whom))
    crash_points._shares.cache_clear()
    yield asked
    crash_points._shares.cache_clear()


def test_nothing_happens_by_default(killed, settings):
    for name in crash_points.NAMES:
        crash_points.reached(name)

    assert settings.CRASH_AT == ""
    assert killed == []


def test_the_point_named_is_the_end(killed, settings):
    settings.CRASH_AT = "before-call=0, after-call=1"

    crash_points.reached("before-call")
    crash_points.reached("before-ack")
    crash_points.reached("after-call")

    assert killed == [(os.getpid(), signal.SIGKILL)]


def test_a_share_is_that_of_the_passes_that_die(killed, settings, monkeypatch):
    dice = iter([0.2, 0.3])
    monkeypatch.setattr("random.random", lambda: next(dice))
    settings.CRASH_AT = "after-mail=0.25"

    crash_points.reached("after-mail")
    crash_points.reached("after-mail")

    assert len(killed) == 1


@pytest.mark.parametrize("words", ["after-lunch=1", "after-call=often", "after-call"])
def test_a_point_or_a_share_that_is_none_is_an_error(killed, settings, words):
    settings.CRASH_AT = words

    with pytest.raises(ValueError, match=r".+"):
        crash_points.reached("after-call")
