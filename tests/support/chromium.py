"""Which browser this machine has."""

import shutil

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""Without its windows, where Debian's package of that name is installed, it takes less of the processors."""


def program():
    """Its path, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)
