"""What a founder may send from the set-up pages, cleaned."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from django import forms

from onboarding.models import Plan, SetupTick
from onboarding.setup.connection import GROUP_NAMES
from onboarding.team import names
from portal.models import Workspace

_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
MOST_REGIONS = 10
SEPARATOR = " "


def _region(text: str) -> str:
    if not _REGION.fullmatch(text):
        raise forms.ValidationError(f"“{text}” is no Region's name; they look like eu-central-1.")
    return text


class LookForm(forms.Form):
    regions = forms.CharField(
        label="Also look in these Regions",
        required=False,
        max_length=200,
        help_text="Identity Center is in one Region; name others if it is not found.",
    )

    def clean_regions(self) -> list[str]:
        named = re.split(r"[\s,;]+", self.cleaned_data["regions"].strip().lower())
        return [_region(name) for name in named[:MOST_REGIONS] if name]


class ConnectForm(forms.Form):
    """`seen`: what the last look at AWS found. `workspace`: what is stored, proposed again."""

    company_name = forms.CharField(
        label="Your company",
        required=False,
        max_length=names.LONGEST_NAME,
        help_text="As invitations, mails and every page call it.",
    )
    instance = forms.ChoiceField(label="Identity Center instance")
    sign_in_url = forms.URLField(
        label="Sign-in URL",
        required=False,
        max_length=200,
        assume_scheme="https",
        help_text="AWS tells no program this address: check it in Identity Center's settings. Empty"
        " for the one AWS gives by default.",
    )
    kiro_region = forms.CharField(
        label="Kiro profile's Region",
        required=False,
        max_length=32,
        help_text="Where you signed up for Kiro: us-east-1 or eu-central-1. It may differ from"
        " Identity Center's.",
    )
    report = forms.CharField(
        label="Activity report",
        required=False,
        max_length=1000,
        help_text="s3://bucket/prefix, as set in the Kiro console. Tells who really uses Kiro.",
    )
    cost_service = forms.CharField(
        label="Service name in Cost Explorer",
        max_length=100,
        help_text="“Kiro”, unless your bill says otherwise.",
    )

    def __init__(
        self,
        *args: Any,
        seen: dict[str, Any],
        plans: Sequence[Plan],
        workspace: Workspace,
        typed: Mapping[str, Any] | None = None,
        made: Iterable[str] = (),
    ) -> None:
        """`typed`: what was asked for last and has not come about, as `asked` gives it. `made`:
        groups that connecting made after that look.
        """
        super().__init__(*args)
        self.initial = _initial(seen, workspace) | _as_typed(typed or {})
        # A browser asks for it; what `connect` does without it goes on here too.
        self.fields["company_name"].widget.attrs["required"] = not workspace.is_named
        self._plans = plans
        instance = cast(forms.ChoiceField, self.fields["instance"])
        instance.choices = _instance_choices(seen)
        groups = sorted({*_group_names(seen), *made}, key=str.casefold)
        for plan in plans:
            self.fields[f"group_{plan.code}"] = _group_field(plan, groups)

    @property
    def group_fields(self) -> list[forms.BoundField]:
        return [self[f"group_{plan.code}"] for plan in self._plans]

    def clean_company_name(self) -> str:
        return names.tidy(self.cleaned_data["company_name"])

    def clean_kiro_region(self) -> str:
        text = self.cleaned_data["kiro_region"].strip().lower()
        return _region(text) if text else ""

    def clean_report(self) -> tuple[str, str]:
        text = self.cleaned_data["report"].strip()
        if not text:
            return "", ""
        bucket, _, prefix = text.removeprefix("s3://").partition("/")
        if not _BUCKET.fullmatch(bucket):
            raise forms.ValidationError("Write it as s3://bucket/prefix.")
        return bucket, prefix.strip("/")

    @property
    def asked(self) -> dict[str, Any]:
        """As `connecting.connect` takes it; JSON."""
        data = self.cleaned_data
        arn, _, region = data["instance"].partition(SEPARATOR)
        return {
            "instance_arn": arn,
            "region": region,
            "company_name": data["company_name"],
            "sign_in_url": data["sign_in_url"],
            "kiro_region": data["kiro_region"],
            "report_bucket": data["report"][0],
            "report_prefix": data["report"][1],
            "cost_service": data["cost_service"],
            "groups": {plan.code: data[f"group_{plan.code}"] for plan in self._plans},
        }


def _instances(seen: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (region["name"], instance)
        for region in seen.get("regions", [])
        for instance in region["instances"]
    ]


def _instance_choices(seen: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (f"{each['arn']}{SEPARATOR}{region}", f"{each['store_id']} in {region}")
        for region, each in _instances(seen)
    ]


def _group_names(seen: dict[str, Any]) -> set[str]:
    return {name for _, each in _instances(seen) for name in each.get("groups", [])}


def _group_field(plan: Plan, groups: list[str]) -> forms.ChoiceField:
    proposed = plan.seat_group_name or GROUP_NAMES.get(plan.code, f"Kiro-{plan.code}")
    new = [] if proposed in groups else [(proposed, f"Create {proposed}")]
    return forms.ChoiceField(
        label=f"Group for {plan.name}",
        initial=proposed,
        choices=[*new, *((name, name) for name in groups)],
    )


def _initial(seen: dict[str, Any], workspace: Workspace) -> dict[str, Any]:
    found = _instances(seen)
    ours = next((each for each in found if each[1]["arn"] == workspace.instance_arn), None)
    region, instance = ours or (found[0] if found else ("", {}))
    is_other = instance and instance["store_id"] != workspace.identity_store_id
    proposed = instance.get("sign_in_url", "") if is_other else workspace.sign_in_url
    bucket, prefix = workspace.report_bucket, workspace.report_prefix
    return {
        "company_name": workspace.company_name if workspace.is_named else "",
        "instance": f"{instance['arn']}{SEPARATOR}{region}" if instance else "",
        "sign_in_url": proposed,
        "kiro_region": workspace.kiro_region or (region if region in KIRO else "us-east-1"),
        "report": f"s3://{bucket}/{prefix}".rstrip("/") if bucket else "",
        "cost_service": workspace.cost_service,
    }


def _as_typed(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as they were before `ConnectForm.asked` took them apart."""
    if not asked:
        return {}
    bucket, prefix = asked["report_bucket"], asked["report_prefix"]
    plain = ("company_name", "sign_in_url", "kiro_region", "cost_service")
    return {
        "instance": f"{asked['instance_arn']}{SEPARATOR}{asked['region']}",
        "report": f"s3://{bucket}/{prefix}".rstrip("/") if bucket else "",
        **{name: asked[name] for name in plain if name in asked},
        **{f"group_{code}": name for code, name in asked["groups"].items()},
    }


KIRO = ("us-east-1", "eu-central-1")


class TickForm(forms.Form):
    fact = forms.ChoiceField(choices=SetupTick.Fact.choices)
    done = forms.ChoiceField(choices=[("1", "done"), ("0", "undo")])


class ErrorForm(forms.Form):
    """An error as it was pasted; consent only matters for one that nobody knows."""

    text = forms.CharField(
        label="What you see",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 7, "spellcheck": "false", "autocomplete": "off"}),
        help_text="A message, a log, a whole stack trace: cut or wrapped as it is.",
    )
    consent = forms.BooleanField(label="Send this text to the founders", required=False)
