"""Run the embedded AWS: `python -m portal.sandbox --port N --state FOLDER [--company | --empty]`"""

from __future__ import annotations

import argparse
from pathlib import Path

from portal.sandbox import cloud


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m portal.sandbox", description=__doc__)
    parser.add_argument(
        "--port", type=int, required=True, help="on 127.0.0.1; 0 takes a free one and prints it"
    )
    parser.add_argument(
        "--state", type=Path, required=True, help="folder that keeps users, groups and memberships"
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--company",
        dest="company",
        action="store_true",
        default=None,
        help="with the sample company (the default)",
    )
    which.add_argument(
        "--empty",
        dest="company",
        action="store_false",
        help="an account where nothing but Identity Center is set up",
    )
    given = parser.parse_args()
    cloud.serve(given.state, port=given.port, has_company=given.company)


if __name__ == "__main__":
    main()
