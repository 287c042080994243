"""What founders ask for and type in on the money pages."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from billing.models import CreditGrant
from billing.spending import periods
from billing.spending.periods import Period
from billing.spending.seats import PlanSeats
from billing.usage import seat_list

MOST_SEATS = 100_000


class PeriodForm(forms.Form):
    """`period=3m`, or `from` and `to` (both days included), which win over it."""

    period = forms.ChoiceField(
        choices=list(periods.NAMES.items()),
        required=False,
        error_messages={"invalid_choice": "There is no such period. These are the last 12 months."},
    )

    def __init__(self, data: Any, *, today: date) -> None:
        super().__init__(data)
        self.today = today
        # `from` cannot be the name of a class attribute.
        self.fields["from"] = _day("From")
        self.fields["to"] = _day("To")

    def clean(self) -> dict[str, Any]:
        start, end = self.cleaned_data.get("from"), self.cleaned_data.get("to")
        if start and end and start > end:
            raise forms.ValidationError("The first day lies after the last. Swap them.")
        return self.cleaned_data

    @property
    def chosen(self) -> Period:
        """What was asked for; the usual period where that makes no sense (see `sentences`)."""
        if not self.is_valid():
            return periods.named(periods.DEFAULT, today=self.today)
        start, end = self.cleaned_data["from"], self.cleaned_data["to"]
        if start or end:
            return Period(start, end or max(start, self.today))
        return periods.named(self.cleaned_data["period"] or periods.DEFAULT, today=self.today)

    @property
    def sentences(self) -> list[str]:
        """What was wrong, in sentences."""
        return [str(sentence) for errors in self.errors.values() for sentence in errors]


class WhatIfForm(forms.Form):
    """`pro=0&pro-plus=12`: how many seats each plan would have; those left out stay as they are."""

    def __init__(self, data: Any, *, plans: Sequence[PlanSeats]) -> None:
        asked = {plan.code: data[plan.code] for plan in plans if data.get(plan.code)}
        super().__init__({plan.code: str(plan.count) for plan in plans} | asked)
        for plan in plans:
            self.fields[plan.code] = forms.IntegerField(
                label=plan.name,
                min_value=0,
                max_value=MOST_SEATS,
                error_messages={"invalid": f"{plan.name}: a whole number of seats."},
            )
        self._now = {plan.code: plan.count for plan in plans}

    @property
    def wanted(self) -> Mapping[str, int] | None:
        """None when nothing else than the present was asked for, or nothing that makes sense."""
        if not self.is_valid() or self.cleaned_data == self._now:
            return None
        return self.cleaned_data

    @property
    def sentences(self) -> list[str]:
        return [str(sentence) for errors in self.errors.values() for sentence in errors]


class BudgetForm(forms.Form):
    """How much Kiro may use a month; nothing for no budget."""

    amount = forms.DecimalField(
        required=False, min_value=Decimal("0.01"), max_digits=11, decimal_places=2
    )
    currency = forms.RegexField("^[A-Z]{3}$", required=False)


class GrantForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy alone
    """A grant as its letter and the console's Credits page show it."""

    products = forms.CharField(
        label="Pays for",
        required=False,
        max_length=500,
        initial="Kiro",
        help_text="The applicable products, with commas between. Empty: everything on the account.",
    )
    amount = forms.DecimalField(
        label="Granted", min_value=Decimal("0.01"), max_digits=11, decimal_places=2
    )
    left_amount = forms.DecimalField(
        label="Left today",
        required=False,
        min_value=Decimal(0),
        max_digits=11,
        decimal_places=2,
        help_text="As the console shows it. Empty: worked out from the bills.",
    )
    currency = forms.RegexField(
        "^[A-Z]{3}$",
        initial="USD",
        error_messages={"invalid": "Three capital letters, like USD."},
    )

    class Meta:
        model = CreditGrant
        fields = [
            "name", "amount", "left_amount", "currency", "starts_on", "expires_on", "products"
        ]  # fmt: skip
        labels = {"name": "Name"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        grant = kwargs.get("instance")
        if grant is not None:
            kwargs["initial"] = {"products": ", ".join(grant.products)} | _cents(grant)
        super().__init__(*args, **kwargs)
        self.fields["starts_on"] = _day("Starts", required=True)
        self.fields["expires_on"] = _day("Last day", required=True)

    def clean_products(self) -> list[str]:
        names = self.cleaned_data["products"].split(",")
        return [name.strip() for name in names if name.strip()]

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        starts, expires = values.get("starts_on"), values.get("expires_on")
        if starts and expires and starts > expires:
            self.add_error("expires_on", "The last day lies before the first.")
        left, amount = values.get("left_amount"), values.get("amount")
        if left is not None and amount is not None and left > amount:
            self.add_error("left_amount", "More than was granted.")
        return values


def _cents(grant: CreditGrant) -> dict[str, Decimal | None]:
    """Amounts as they are typed, not with all the decimals that are stored."""
    cent, left = Decimal("0.01"), grant.left_amount
    return {
        "amount": grant.amount.quantize(cent),
        "left_amount": None if left is None else left.quantize(cent),
    }


def _day(label: str, *, required: bool = False) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class SeatsForm(forms.Form):
    """The seats page's search, from the URL; what makes no sense is left out, never an error."""

    month = forms.CharField(required=False, max_length=7)
    q = forms.CharField(required=False, max_length=200)
    show = forms.ChoiceField(required=False, choices=list(seat_list.SHOWS.items()))
    plan = forms.SlugField(required=False, max_length=30)
    sort = forms.ChoiceField(required=False, choices=list(seat_list.SORTS.items()))

    def __init__(self, data: Any, *, today: date) -> None:
        super().__init__(data)
        self.today = today

    @property
    def chosen(self) -> seat_list.Asked:
        self.is_valid()
        said = {name: self.cleaned_data.get(name, "") for name in ("q", "show", "plan", "sort")}
        return seat_list.Asked(month=self._month(self.cleaned_data.get("month", "")), **said)

    def _month(self, text: str) -> date:
        """`2026-11`; this month for anything else, and for what lies far away."""
        this_month = self.today.replace(day=1)
        try:
            month = date.fromisoformat(f"{text}-01")
        except ValueError:
            return this_month
        return month if 2000 < month.year <= self.today.year + 1 else this_month


class IdleRulesForm(forms.Form):
    """From when on a paid seat counts as idle."""

    after_days = forms.IntegerField(
        label="Idle after days without activity", min_value=1, max_value=365
    )
    grace_days = forms.IntegerField(
        label="Never in the first days after the invitation", min_value=0, max_value=365
    )
