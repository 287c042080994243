"""A founder's own note to each step."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from onboarding.models import Step
from onboarding.steps import step_notes
from portal.access import founder_required, user_of


class StepNotesForm(forms.Form):
    """One text a step; the fields are named by the steps."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed through
        for number, step in enumerate(Step, start=1):
            self.fields[step.value] = forms.CharField(
                label=f"{number}. {step.label}",
                required=False,
                max_length=step_notes.LONGEST,
                widget=forms.Textarea(attrs={"rows": 2}),
            )


@founder_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest) -> HttpResponseBase:
    form = StepNotesForm(request.POST or None, initial=step_notes.texts())
    if request.method != "POST" or not form.is_valid():
        return render(request, "onboarding/step_notes.html", {"form": form})
    given = {step: text.replace("\r\n", "\n") for step, text in form.cleaned_data.items()}
    changed = step_notes.keep(given, by=user_of(request))
    messages.success(request, "Saved." if changed else "Nothing was changed.")
    return redirect("onboarding:step-notes")
