"""What `manage.py run` says, and with which exit code it ends."""

import argparse
import os
import sys
from functools import partial
from pathlib import Path

from portal.environment import BASE_DIR, data_dir
from portal.supervisor import ground
from portal.supervisor.choices import Choices, choose
from portal.supervisor.refusal import Refusal
from portal.supervisor.run import run

SANDBOX = """\
Open {address} and choose “Continue as the founder”.

  AWS    embedded, with a sample company; nothing here reaches the real one
         {aws}
           export AWS_ACCESS_KEY_ID=sandbox AWS_SECRET_ACCESS_KEY=sandbox AWS_REGION=us-east-1
           aws --endpoint-url {aws} identitystore list-users --identity-store-id d-9067c1a2b3
"""
REAL = """\
Open {address}

  You    in a second shell, {manage} founder you@example.com
         prints a link that signs you in as the first founder
  AWS    the account of this shell's credentials; choose with {manage} connect, or in the browser
"""
BOTH = """\
  Mail   {mail}
  Logs   {logs}

Ctrl-C stops everything."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="manage.py run",
        description="Start the portal on this machine: queue, embedded AWS, web, worker and beat. "
        "All settings come from the environment or .env; .env.example lists them.",
    )
    parser.parse_args(arguments)
    try:
        _run()
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except KeyboardInterrupt:  # before the signals were ours
        return 1
    return 0


def _run() -> None:
    with ground.held(data_dir()):
        chosen = choose()
        with ground.listening(chosen.port) as listener:
            run(chosen, listener, say=say, greet=partial(_greet, chosen))
    say("Stopped.")


def say(sentence: str) -> None:
    print(sentence, flush=True)


def _greet(chosen: Choices) -> None:
    first = SANDBOX if chosen.aws_url else REAL
    say(
        "\n"
        + (first + BOTH).format(
            address=f"http://127.0.0.1:{chosen.port}/",
            aws=chosen.aws_url,
            manage=f"{_short(Path(sys.executable))} manage.py",
            mail=chosen.environment.get("EMAIL_URL")
            or f"{_short(chosen.folder / 'mail')}, one file each",
            logs=_short(chosen.folder / "logs"),
        )
    )


def _short(path: Path) -> str:
    """As one would type it in the project's folder."""
    return os.path.relpath(path, BASE_DIR) if path.is_relative_to(BASE_DIR) else str(path)
