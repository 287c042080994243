"""Running every check: one that cannot be answered says why, and none stops the others."""

import logging
from collections.abc import Iterator

from onboarding.models import Plan, SetupTick
from onboarding.setup import checks
from onboarding.setup.verdicts import Check, Finding, Site, Verdict, cannot_tell, failed
from portal import aws
from portal.models import Workspace

logger = logging.getLogger(__name__)

_OTHERS: list[Check] = []


def register(check: Check) -> None:
    """Another app's check, which onboarding cannot know; twice the same key is one check."""
    _OTHERS[:] = [each for each in _OTHERS if each.key != check.key] + [check]


def every_check() -> list[Check]:
    return [*checks.ALL, *_OTHERS]


def site() -> Site:
    return Site(
        workspace=Workspace.load(),
        plan=Plan.objects.filter(is_default=True).first() or Plan.objects.first(),
        ticks={tick.fact: tick for tick in SetupTick.objects.all()},
    )


def run() -> Iterator[Finding]:
    """Each check's finding, in the order in which trouble should be mended."""
    here, verdicts = site(), dict[str, Verdict]()
    titles = {check.key: check.title for check in every_check()}
    for check in every_check():
        blocked = [key for key in check.needs if verdicts.get(key) in _BLOCKING]
        finding = _waits_for(titles[blocked[0]]) if blocked else _answer(check, here)
        verdicts[check.key] = finding.verdict
        yield check.named(finding)


_BLOCKING = {Verdict.FAILED, Verdict.TO_DO}


def _waits_for(title: str) -> Finding:
    return cannot_tell(f"Waits for “{title}”.", "Mend that first.")


def _answer(check: Check, here: Site) -> Finding:
    try:
        return check.look(here)
    except aws.AwsDenied as error:
        return _not_allowed(check, error)
    except aws.AwsUnavailable as error:
        return cannot_tell(
            f"AWS did not answer {error.operation}: {error.message}",
            "Run the preflight again in a minute.",
        )
    except aws.AwsUnsupported as error:
        return cannot_tell(
            f"What answers in AWS's place does not know {error.operation}.",
            "Ask AWS itself: leave AWS_ENDPOINT_URL out of the portal's environment.",
        )
    except aws.AwsError as error:
        reason = f"AWS refused {error.operation}: {error.message} ({error.code})"
        return failed(reason, "Paste this into Troubleshoot, or send it to AWS Support.")
    except (LookupError, TypeError, ValueError) as error:
        logger.exception("Preflight %s", check.key)
        return cannot_tell(
            f"AWS's answer makes no sense to the portal ({type(error).__name__}).",
            "Run the preflight again in a minute; the log says more.",
        )


def _not_allowed(check: Check, error: aws.AwsDenied) -> Finding:
    if not error.is_permission:
        return cannot_tell("AWS does not accept the credentials.", "Mend the credentials first.")
    return cannot_tell(
        f"The portal may not ask: {error.message}",
        f"Add {check.permission} to the portal's policy.",
        missing=check.permission,
    )
