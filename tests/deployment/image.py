"""The Dockerfile, read as Docker would: stages, instructions, and what of the folder they copy."""

import fnmatch
import itertools
import json
import re
import shlex

from portal.environment import BASE_DIR

DOCKERFILE = BASE_DIR / "Dockerfile"


def instructions(stage=-1):
    """(name, text) of the last stage, or of another."""
    text = re.sub(r"\\\n\s*", "", DOCKERFILE.read_text())
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    found = [tuple(line.strip().split(maxsplit=1)) for line in lines]
    begins = [number for number, (name, _) in enumerate(found) if name == "FROM"] + [len(found)]
    stages = [found[a:b] for a, b in itertools.pairwise(begins)]
    return stages[stage]


def every(name, stage=-1):
    return [text for found, text in instructions(stage) if found == name]


def environment():
    """What ENV says, over all lines of the last stage."""
    words = [word for text in every("ENV") for word in shlex.split(text)]
    return dict(word.split("=", 1) for word in words)


def command():
    return json.loads(every("CMD")[-1])


def health_check():
    """The words after `HEALTHCHECK … CMD`."""
    return json.loads(every("HEALTHCHECK")[-1].partition("CMD")[2])


def copies(stage=-1):
    """(sources, target) of each COPY out of the folder, those between stages aside."""
    for text in every("COPY", stage):
        if not text.startswith("--from"):
            *sources, target = text.split()
            yield sources, target


def is_ignored(relative):
    """Whether .dockerignore keeps this path, or a folder above it, away from Docker."""
    rules = [line for line in (BASE_DIR / ".dockerignore").read_text().split() if line]
    paths = [relative, *relative.parents][:-1]
    return any(_matches(path, rule) for path in paths for rule in rules)


def _matches(path, rule):
    name = str(path)
    if rule.startswith("**/"):
        return fnmatch.fnmatch(path.name, rule[3:])
    return fnmatch.fnmatch(name, rule)
