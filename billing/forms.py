"""Which stretch of spend to look at, as it stands in the URL."""

from datetime import date
from typing import Any

from django import forms

from billing import periods
from billing.periods import Period


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


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "A day is written like 2026-11-21."},
    )
