#!/usr/bin/env python
"""The portal's command line: `manage.py run` starts everything, `manage.py help` lists the rest."""

import os
import sys

from portal.environment import read_run_environment


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    read_run_environment(sys.argv)
    if sys.argv[1:2] == ["run"]:
        # Before Django is loaded: the supervisor makes the settings possible, and stays small.
        from portal.supervisor import terminal

        sys.exit(terminal.main(sys.argv[2:]))
    # A command speaks to a person; the log's everyday lines are for web, worker and beat.
    if os.environ.get("LOG_LEVEL") in {None, "", "INFO"}:
        os.environ["LOG_LEVEL"] = "WARNING"
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
