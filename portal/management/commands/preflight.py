"""`manage.py preflight`: every check of the set-up, as a table; exit code 1 when one is red."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from onboarding.setup import preflight, runs
from onboarding.setup.verdicts import Finding, Verdict


class Command(BaseCommand):
    help = "Check the set-up at AWS. Asks Cost Explorer once, which costs $0.01."

    def handle(self, *args: Any, **options: Any) -> None:
        findings = []
        for finding in preflight.run():
            findings.append(finding)
            self._print(finding)
        runs.keep_preflight(findings)
        if any(finding.verdict == Verdict.FAILED for finding in findings):
            sys.exit(1)

    def _print(self, finding: Finding) -> None:
        self.stdout.write(f"{finding.verdict.label:<12} {finding.title:<42} {finding.evidence}")
        if finding.verdict != Verdict.DONE and finding.fix:
            self.stdout.write(f"{'':<12} {'':<42} → {finding.fix}")
        if finding.support_text:
            self.stdout.write(f"\n{finding.support_text}\n")
