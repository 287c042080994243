"""`manage.py policy`: the IAM policy for exactly what is switched on, to paste into IAM."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from onboarding.setup import policy
from portal.models import Workspace


class Command(BaseCommand):
    help = "Print the least-privilege IAM policy for exactly what is switched on."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(json.dumps(policy.document(Workspace.load()), indent=2))
