"""What a lock of requirements/ holds: names, versions, hashes."""

import re
from dataclasses import dataclass
from importlib import metadata

from packaging.markers import Marker

from portal.environment import BASE_DIR

PRODUCTION = BASE_DIR / "requirements" / "prod.txt"
_PINNED = re.compile(
    r"^(?P<name>[\w.-]+)(?:\[[^]]*])?==(?P<version>[^\s;]+)(?:\s*;\s*(?P<marker>[^\\]+))?"
)


@dataclass(frozen=True)
class Locked:
    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]

    @property
    def is_for_here(self):
        return not self.marker or Marker(self.marker).evaluate()

    @property
    def license(self):
        """As the package itself says, in SPDX's words where it uses them. "" when not installed."""
        try:
            about = metadata.metadata(self.name)
        except metadata.PackageNotFoundError:
            return ""
        said = about.get("License-Expression") or _classified(about) or about.get("License") or ""
        return said.strip().splitlines()[0] if said.strip() else "unknown"


def _classified(about):
    lines = about.get_all("Classifier") or []
    found = [line.rpartition(" :: ")[2] for line in lines if line.startswith("License :: ")]
    return " OR ".join(name for name in found if name != "OSI Approved")


def read(path=PRODUCTION):
    found = []
    for entry in path.read_text().replace("\\\n", " ").splitlines():
        if pinned := _PINNED.match(entry):
            hashes = tuple(sorted(re.findall(r"--hash=sha256:([0-9a-f]{64})", entry)))
            marker = (pinned["marker"] or "").partition("--hash")[0].strip()
            found.append(Locked(pinned["name"], pinned["version"], marker, hashes))
    return found
