"""What the portal is made of: hashed, licensed so that it can ship, and listed alike every time."""

import re

import pytest

from tests import licenses, sbom
from tests.support import locks


def test_everything_locked_bears_its_hashes():
    packages = locks.read()

    assert len(packages) > 40
    assert [package.name for package in packages if not package.hashes] == []


def test_the_lock_is_read_whole():
    pins = re.findall(r"^[\w.-]+(?:\[[^]]*])?==", locks.PRODUCTION.read_text(), re.MULTILINE)

    assert len(locks.read()) == len(pins)


@pytest.mark.parametrize(
    ("said", "judged"),
    [
        ("MIT", "ok"),
        ("BSD-3-Clause", "ok"),
        ("Apache Software License OR BSD License", "ok"),
        ("LGPL-3.0-only", "ok"),
        ("GNU Lesser General Public License v3 (LGPLv3)", "ok"),
        ("MPL-2.0", "ok"),
        ("GPL-3.0-or-later OR MIT", "ok"),
        ("GPL-3.0-or-later", "does not go with MIT"),
        ("GNU Affero General Public License v3", "does not go with MIT"),
        ("SSPL-1.0", "does not go with MIT"),
        ("Proprietary", "nobody has looked at this one"),
        ("unknown", "nobody has looked at this one"),
    ],
)
def test_what_may_ship(said, judged):
    assert licenses.verdict(said) == judged


def test_everything_in_the_production_lock_may_ship(capsys):
    assert licenses.main() == 0, capsys.readouterr().out


def test_the_bill_holds_what_the_lock_holds():
    listed = {(each["name"], each["version"]) for each in sbom.bill()["components"]}

    assert listed == {(package.name, package.version) for package in locks.read()}


def test_the_same_lock_makes_the_same_bill():
    assert sbom.bill() == sbom.bill()
    assert "timestamp" not in sbom.bill()["metadata"]
