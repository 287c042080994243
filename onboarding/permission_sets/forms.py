"""What a founder may send from the access page, cleaned."""

import re
from typing import Any, cast

from django import forms

from onboarding.models import AccessGroup, Member, PermissionSet
from onboarding.models.access import State
from onboarding.permission_sets import presets
from onboarding.permission_sets.assignments import Holder
from onboarding.permission_sets.sets import Refused, Wanted
from portal.models import normalise_email

OTHER = "other"
_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]+")
_DESCRIPTION = re.compile(r"[\t\n\r\u0020-\u007e\u00a1-\u00ff]*")
_ACCOUNT = re.compile(r"\d{12}", re.ASCII)


class AssignForm(forms.Form):
    """Who gets which account through what. `accounts`: known ones, the first proposed."""

    permission_set = forms.ModelChoiceField(
        PermissionSet.objects.none(), label="Permission set", empty_label="Choose one"
    )
    person = forms.CharField(
        label="Person",
        required=False,
        max_length=254,
        help_text="The e-mail of somebody on the team.",
    )
    group = forms.ModelChoiceField(
        AccessGroup.objects.none(), label="Or group", required=False, empty_label="No group"
    )
    account_id = forms.CharField(
        label="Account",
        max_length=20,
        help_text="The 12 digits of an account of your organization.",
    )

    def __init__(self, *args: Any, accounts: list[str], people: bool = False) -> None:
        super().__init__(*args)
        fields = self.fields
        sets = cast("forms.ModelChoiceField[PermissionSet]", fields["permission_set"])
        sets.queryset = PermissionSet.objects.filter(state=State.THERE)
        groups = cast("forms.ModelChoiceField[AccessGroup]", fields["group"])
        groups.queryset = AccessGroup.objects.all()
        fields["account_id"].initial = accounts[0] if accounts else ""
        fields["account_id"].widget.attrs |= {"list": "accounts", "inputmode": "numeric"}
        fields["person"].widget.attrs |= {"autocomplete": "off"} | (
            {"list": "people"} if people else {}
        )

    def clean_account_id(self) -> str:
        text = re.sub(r"[\s-]", "", self.cleaned_data["account_id"])
        if not _ACCOUNT.fullmatch(text):
            raise forms.ValidationError("An account's number has 12 digits.")
        return text

    def clean_person(self) -> Holder | None:
        email = normalise_email(self.cleaned_data["person"])
        if not email:
            return None
        member = Member.objects.on_team().filter(email=email).first()
        if member is None:
            raise forms.ValidationError(f"Nobody on the team has the e-mail {email}.")
        try:
            return Holder.of_member(member)
        except Refused as reason:
            raise forms.ValidationError(str(reason)) from reason

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "person" in data and bool(data["person"]) == bool(data.get("group")):
            raise forms.ValidationError("Name a person or pick a group, one of the two.")
        return data

    @property
    def holder(self) -> Holder:
        data = self.cleaned_data
        holder: Holder | None = data["person"]
        return holder or Holder.of_group(data["group"])


class SetForm(forms.Form):
    """A new permission set: one of the presets, or any policy of AWS's own."""

    preset = forms.ChoiceField(
        label="What it allows",
        choices=[
            *((preset.code, preset.label) for preset in presets.PRESETS),
            (OTHER, "Another policy of AWS, named below"),
        ],
    )
    policy = forms.CharField(
        label="Policy of AWS",
        required=False,
        max_length=2048,
        help_text="Its name or ARN, such as ViewOnlyAccess; only for “Another policy”.",
    )
    name = forms.CharField(
        label="Name",
        required=False,
        max_length=32,
        help_text="Shown to people when they sign in. Empty for the preset's own.",
    )
    description = forms.CharField(label="Description", required=False, max_length=700)
    hours = forms.TypedChoiceField(
        label="A sign-in lasts",
        coerce=int,
        choices=[(hours, presets.session_words(presets.session(hours))) for hours in presets.HOURS],
        initial=presets.DEFAULT_HOURS,
    )

    def __init__(self, *args: Any, instance_arn: str = "") -> None:
        super().__init__(*args)
        self._instance_arn = instance_arn

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        if name and not _NAME.fullmatch(name):
            raise forms.ValidationError("Letters, digits and _+=,.@- only; no spaces.")
        return name

    def clean_description(self) -> str:
        text = str(self.cleaned_data["description"]).strip()
        if not _DESCRIPTION.fullmatch(text):
            raise forms.ValidationError("AWS takes Western European letters only.")
        return text

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("preset") == OTHER:
            self._clean_other(data)
        return data

    def _clean_other(self, data: dict[str, Any]) -> None:
        if not presets.policy_arn(data.get("policy", ""), instance_arn=self._instance_arn):
            self.add_error("policy", "Name a policy of AWS's, such as ViewOnlyAccess, or its ARN.")
        if not data.get("name") and "name" not in self.errors:
            self.add_error("name", "Give it a name.")

    @property
    def wanted(self) -> Wanted:
        data = self.cleaned_data
        preset = presets.BY_CODE.get(data["preset"])
        policy = preset.policy if preset else data["policy"]
        return Wanted(
            name=data["name"] or (preset.name if preset else ""),
            description=data["description"] or (preset.description if preset else ""),
            session=presets.session(data["hours"]),
            policy=presets.policy_arn(policy, instance_arn=self._instance_arn),
        )
