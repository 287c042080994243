"""Every AWS operation that the portal makes in a whole session of tests, held against its policy.

Each process notes what the portal's own clients call (those of tests name an endpoint and are not
counted); processes of pytest-xdist hand their notes to the first. Judged at the end, and only when
the whole suite ran and passed: a part of it makes only a part of the calls.
"""

from pathlib import Path

import boto3.session
import pytest

from onboarding.setup import policy

PREFIXES = {"sso-admin": "sso", "sesv2": "ses"}
"""boto3's service names that IAM knows by another name."""
ACTIONS = {"s3:ListObjectsV2": "s3:ListBucket", "s3:HeadObject": "s3:GetObject"}
"""Operations that IAM knows by another name."""
_KEY = "portal_asked"
_asked = set()
_verdict = pytest.StashKey()


def action_of(service, operation):
    """IAM's name of an operation."""
    name = f"{PREFIXES.get(service, service)}:{operation}"
    return ACTIONS.get(name, name)


def asked():
    """What this process has asked for so far."""
    return frozenset(_asked)


def differences(asked, allowed):
    """What is wrong, in words, both ways."""
    forbidden = [f"asked for, but not in the policy: {name}" for name in sorted(asked - allowed)]
    needless = [f"in the policy, but never asked for: {name}" for name in sorted(allowed - asked)]
    return [*forbidden, *needless]


def _note(model, **_event):
    _asked.add(action_of(model.service_model.service_name, model.name))


def pytest_configure(config):
    original = boto3.session.Session.client

    def client(self, *args, **kwargs):
        made = original(self, *args, **kwargs)
        if "endpoint_url" not in kwargs:
            made.meta.events.register("before-call", _note)
        return made

    boto3.session.Session.client = client
    config.add_cleanup(lambda: setattr(boto3.session.Session, "client", original))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """In the first process, as one of pytest-xdist's ends."""
    _asked.update(getattr(node, "workeroutput", {}).get(_KEY, ()))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session, exitstatus):
    config = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput[_KEY] = sorted(_asked)
    elif exitstatus == pytest.ExitCode.OK and is_whole(config):
        found = config.stash[_verdict] = differences(_asked, policy.actions())
        if found:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter):
    found = terminalreporter.config.stash.get(_verdict, None)
    if found is None:
        return
    for line in found:
        terminalreporter.write_line(f"POLICY: {line}", red=True)
    if not found:
        count = len(policy.actions())
        terminalreporter.write_line(f"policy: all of its {count} actions were made, and no others")


def is_whole(config):
    """No part was picked or left out, by words, marks, files or what failed last."""
    option = config.option
    picked = [option.keyword, option.markexpr, option.collectonly, option.ignore, option.deselect]
    picked += [option.ignore_glob, getattr(option, "lf", False)]
    folders = {(config.invocation_params.dir / word).resolve() for word in config.args}
    return not any(picked) and folders <= {Path(config.rootpath), Path(config.rootpath) / "tests"}
