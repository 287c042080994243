"""The founder's own note to each step: plain text, in the browser, for every member."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from onboarding.models import Step, StepNote
from portal import audit
from portal.models import User

LONGEST = 2000


def texts() -> dict[str, str]:
    """The note of each step that has one."""
    return dict(StepNote.objects.values_list("step", "text"))


@transaction.atomic
def keep(given: Mapping[str, str], *, by: User) -> list[Step]:
    """Keep the notes given, an empty one takes its note away; the steps whose note changed."""
    before = texts()
    changed = [Step(step) for step, text in given.items() if text != before.get(step, "")]
    for step in changed:
        if given[step]:
            written = {"text": given[step], "written_by": by, "written_at": timezone.now()}
            StepNote.objects.update_or_create(step=step, defaults=written)
        else:
            StepNote.objects.filter(step=step).delete()
    if changed:
        audit.record("step.noted", actor=by, detail={"steps": [str(step) for step in changed]})
    return changed
