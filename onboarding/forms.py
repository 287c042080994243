"""What founders and members may send, cleaned."""

import unicodedata
from typing import Any

from django import forms

from onboarding.models import Plan
from portal.models import normalise_email


class AddressField(forms.EmailField):
    """An e-mail address; width, case and surrounding space are evened out before it is judged."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(normalise_email(str(value or ""))))


class NameField(forms.CharField):
    """A name in any script, in one line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=100, **options)

    def to_python(self, value: Any) -> str:
        text = unicodedata.normalize("NFC", str(super().to_python(value) or ""))
        return " ".join(text.split())

    def validate(self, value: Any) -> None:
        super().validate(value)
        if any(unicodedata.category(letter) in {"Cc", "Cs", "Co", "Cn"} for letter in value):
            raise forms.ValidationError("This name contains a character that no name has.")


class AddMemberForm(forms.Form):
    email = AddressField(label="E-mail", max_length=254)
    given_name = NameField(label="Given name")
    family_name = NameField(label="Family name", required=False)
    plan = forms.ModelChoiceField(
        label="Plan",
        queryset=Plan.objects.all(),
        to_field_name="code",
        empty_label=None,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if default := Plan.objects.filter(is_default=True).first():
            self.fields["plan"].initial = default.code

    def clean_plan(self) -> Plan:
        return self.cleaned_data["plan"] or Plan.objects.get(is_default=True)


class FilterForm(forms.Form):
    """The board's search, from the URL; what makes no sense is left out, never an error."""

    q = forms.CharField(required=False, max_length=200)
    status = forms.CharField(required=False, max_length=20)
    plan = forms.CharField(required=False, max_length=30)
    step = forms.CharField(required=False, max_length=20)
    sort = forms.CharField(required=False, max_length=20)

    @property
    def chosen(self) -> dict[str, str]:
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in self.fields}


class VerifyPlanForm(forms.Form):
    """What Kiro shows the member, as they read or paste it; compared, then forgotten."""

    plan = forms.CharField(label="Plan", required=False, max_length=200)
    credits = forms.CharField(label="Credits a month", required=False, max_length=200)
    account_id = forms.CharField(label="Account", required=False, max_length=2000)
