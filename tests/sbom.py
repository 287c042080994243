"""`make sbom`: the production lock as CycloneDX 1.6, on standard output.

The same lock gives the same bytes: no time, no random serial number, everything in order.
"""

import json
import re
import sys
import tomllib
import uuid

from portal.environment import BASE_DIR
from tests.support import locks


def component(package):
    name = re.sub(r"[-_.]+", "-", package.name).lower()
    purl = f"pkg:pypi/{name}@{package.version}"
    made = {
        "type": "library",
        "bom-ref": purl,
        "name": package.name,
        "version": package.version,
        "purl": purl,
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in package.hashes],
    }
    if package.marker:
        made["properties"] = [{"name": "python:marker", "value": package.marker}]
    return made


def bill():
    about = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]
    reference = f"pkg:pypi/{about['name']}@{about['version']}"
    packages = sorted(locks.read(), key=lambda package: package.name.lower())
    content = locks.PRODUCTION.read_text()
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, content)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": reference,
                "name": about["name"],
                "version": about["version"],
                "licenses": [{"license": {"id": about["license"]}}],
            }
        },
        "components": [component(package) for package in packages],
        "dependencies": [
            {"ref": reference, "dependsOn": [component(package)["bom-ref"] for package in packages]}
        ],
    }


if __name__ == "__main__":
    json.dump(bill(), sys.stdout, indent=2, ensure_ascii=False)
    print()
