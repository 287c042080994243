"""What founders and members may send, cleaned."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils import timezone

from onboarding.models import Plan
from onboarding.team import names, offboarding
from portal.models import normalise_email


class AddressField(forms.EmailField):
    """An e-mail address; width, case and surrounding space are evened out before it is judged."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(normalise_email(str(value or ""))))


class NameField(forms.CharField):
    """A name in any script, in one line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=names.LONGEST_NAME, **options)

    def to_python(self, value: Any) -> str:
        return names.tidy(str(super().to_python(value) or ""))

    def validate(self, value: Any) -> None:
        super().validate(value)
        if names.has_odd_letter(value):
            raise forms.ValidationError("This name contains a character that no name has.")


class PlanField(forms.ChoiceField):
    """One of the plans that are offered; the default one where none is named."""

    plans: Mapping[str, Plan] = {}
    default: Plan | None = None

    def offer(self, plans: Sequence[Plan]) -> None:
        self.plans = {plan.code: plan for plan in plans}
        self.default = next((plan for plan in plans if plan.is_default), None)
        self.choices = [(plan.code, plan.name) for plan in plans]
        self.initial = self.default.code if self.default else None

    def clean(self, value: Any) -> Plan | None:
        return self.plans.get(super().clean(value)) or self.default


class AddMemberForm(forms.Form):
    """One person for the team. `plans`: all plans, fetched once by the view."""

    email = AddressField(label="E-mail", max_length=254)
    given_name = NameField(label="Given name")
    family_name = NameField(label="Family name", required=False)
    plan = PlanField(label="Plan", required=False)

    def __init__(self, *args: Any, plans: Sequence[Plan], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(PlanField, self.fields["plan"]).offer(plans)

    def clean_plan(self) -> Plan:
        plan: Plan | None = self.cleaned_data["plan"]
        if plan is None:
            raise forms.ValidationError("Choose a plan.")
        return plan


class VerifyPlanForm(forms.Form):
    """What Kiro shows the member, as they read or paste it; compared, then forgotten."""

    plan = forms.CharField(label="Plan", required=False, max_length=200)
    credits = forms.CharField(label="Credits a month", required=False, max_length=200)
    account_id = forms.CharField(
        label="Account",
        required=False,
        max_length=2000,
        help_text="The whole line: a sign-in URL, an id like d-1234567890, or 12 digits.",
    )


class RenameForm(forms.Form):
    given_name = NameField(label="Given name")
    family_name = NameField(label="Family name", required=False)


class OffboardForm(forms.Form):
    on = forms.DateField(
        label="Last day begins on",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Leave empty for now. The day starts at 00:00 UTC.",
    )
    delete_user = forms.BooleanField(
        label="Also delete the user in Identity Center", required=False
    )
    typed_name = forms.CharField(label="Type the full name", required=False, max_length=201)

    def clean_on(self) -> date | None:
        """Today or later, within a year: a mistyped year would take the seat at once."""
        on: date | None = self.cleaned_data["on"]
        today = timezone.now().date()
        if on is not None and not today <= on <= today + offboarding.FARTHEST:
            raise forms.ValidationError("Choose today or a later day, within a year.")
        return on


class BulkOffboardForm(OffboardForm):
    """For several at once: users that were there before the portal are kept in any case."""

    typed_name = None  # type: ignore[assignment]  # Django's way to leave a field out

    delete_user = forms.BooleanField(
        label="Also delete the users that the portal created", required=False
    )


class PastedField(forms.CharField):
    """Text as it was pasted. A NUL in it is one row's trouble, not the whole list's."""

    def __init__(self, **options: Any) -> None:
        super().__init__(strip=False, **options)
        self.validators.clear()


class ImportForm(forms.Form):
    """A list of people: pasted, or a file. `plans`: all plans, fetched once by the view."""

    text = PastedField(
        label="Paste the list",
        required=False,
        widget=forms.Textarea(attrs={"rows": 9, "spellcheck": "false", "autocomplete": "off"}),
    )
    file = forms.FileField(
        label="Or choose a file",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/*"}),
    )
    plan = PlanField(label="Plan", required=False, help_text="For everybody whose row names none.")

    def __init__(self, *args: Any, plans: Sequence[Plan], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(PlanField, self.fields["plan"]).offer(plans)

    def clean(self) -> dict[str, Any]:
        given = [name for name in ("text", "file") if self.cleaned_data.get(name)]
        if not given and not self.errors:
            raise forms.ValidationError("Paste the list, or choose a file.")
        if len(given) > 1:
            raise forms.ValidationError("Either paste the list or choose a file, not both.")
        return self.cleaned_data


class PlanForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy alone
    """A plan's figures. Its code is part of URLs and imports, and stays."""

    class Meta:
        model = Plan
        fields = ["name", "price", "credits", "overage_price", "is_default"]
        labels = {
            "price": "Price a month",
            "credits": "Credits a month",
            "overage_price": "Price of a credit beyond them",
            "is_default": "Given when nobody says otherwise",
        }

    def clean_price(self) -> Decimal:
        return _not_negative(self.cleaned_data["price"])

    def clean_overage_price(self) -> Decimal:
        return _not_negative(self.cleaned_data["overage_price"])

    def clean_is_default(self) -> bool:
        """One plan is always the default: it is taken away by giving it to another."""
        return bool(self.cleaned_data["is_default"] or self.initial.get("is_default"))


def _not_negative(amount: Decimal) -> Decimal:
    if amount < 0:
        raise forms.ValidationError("A price is not negative.")
    return amount
