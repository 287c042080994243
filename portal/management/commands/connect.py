"""`manage.py connect`: the browser's AWS set-up from a shell."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from onboarding.setup import connecting
from onboarding.setup.connection import CannotConnect, Connection
from onboarding.team import names
from portal.aws import AwsError


class Command(BaseCommand):
    help = "Connect the portal to Identity Center: take the instance, find or create seat groups."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--instance", default="", metavar="ARN", help="which one, of several")
        parser.add_argument(
            "--seat-group", action="append", default=[], metavar="CODE=NAME", dest="groups"
        )
        parser.add_argument("--report", default="", metavar="s3://BUCKET/PREFIX")
        parser.add_argument("--company", default="", metavar="NAME", help="as invitations call it")

    def handle(self, *args: Any, **options: Any) -> None:
        asked = {
            "region": settings.AWS_REGION,
            "instance_arn": options["instance"],
            "groups": dict(_pair(text) for text in options["groups"]),
            "company_name": _company(options["company"]),
            **_report(options["report"]),
        }
        try:
            chosen = connecting.connect(asked, actor=None)
        except CannotConnect as error:
            raise CommandError(str(error)) from error
        except AwsError as error:
            raise CommandError(f"AWS said no to {error.operation}: {error.message}") from error
        self._print(chosen)

    def _print(self, chosen: Connection) -> None:
        workspace = chosen.workspace
        self.stdout.write(f"Company          {workspace.company_name}")
        self.stdout.write(f"Account          {workspace.account_id}")
        self.stdout.write(f"Instance         {workspace.instance_arn}")
        self.stdout.write(f"Identity store   {workspace.identity_store_id}")
        self.stdout.write(f"Region           {workspace.identity_center_region}")
        self.stdout.write(f"Sign-in URL      {workspace.sign_in_url}")
        for group in chosen.groups:
            how = "created" if group.is_new else "found"
            self.stdout.write(f"Seats of {group.plan.name:<8}{group.name} ({how}, {group.id})")
        if any(group.is_new for group in chosen.groups):
            self.stdout.write(
                "Subscribe each new group to its plan once, in the Kiro console;"
                " until then its members get no seat."
            )


def _pair(text: str) -> tuple[str, str]:
    code, is_there, name = text.partition("=")
    if not (is_there and code and name):
        raise CommandError(f"--seat-group wants CODE=NAME, such as pro-plus=KiroProPlus: {text}")
    return code, name


def _report(text: str) -> dict[str, str]:
    if not text:
        return {}
    bucket, _, prefix = text.removeprefix("s3://").partition("/")
    if not text.startswith("s3://") or not bucket:
        raise CommandError(f"--report wants s3://BUCKET/PREFIX: {text}")
    return {"report_bucket": bucket, "report_prefix": prefix.strip("/")}


def _company(text: str) -> str:
    name = names.tidy(text)
    if len(name) > names.LONGEST_NAME or names.has_odd_letter(name):
        raise CommandError(
            f"--company wants a name of at most {names.LONGEST_NAME} characters: {text}"
        )
    return name
