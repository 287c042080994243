"""What botocore tells its clients about AWS, without what the portal never looks at."""

import gzip
import json
from contextlib import suppress
from typing import Any

import botocore.session
from botocore.loaders import JSONFileLoader, Loader

ENDPOINTS = ("billing", "ce", "cloudtrail", "identitystore", "s3", "sso", "sts")
"""As endpoints.json calls the services in use. Another one would be found by its rules alone."""


def session() -> botocore.session.Session:
    made = botocore.session.get_session()
    made.register_component("data_loader", Loader(file_loader=_Descriptions()))
    return made


class _Descriptions(JSONFileLoader):
    def load_file(self, file_path: str) -> Any:
        for path, opened in ((f"{file_path}.json", open), (f"{file_path}.json.gz", gzip.open)):
            with suppress(FileNotFoundError), opened(path, "rb") as file:
                return json.loads(file.read(), object_pairs_hook=_slim)
        return None


def _slim(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """No texts for people, and of endpoints.json only the services in use."""
    found = dict(pairs)
    if isinstance(found.get("documentation"), str):
        found["documentation"] = ""
    if "regionRegex" in found and "services" in found:
        every = found["services"]
        found["services"] = {name: every[name] for name in ENDPOINTS if name in every}
    return found
