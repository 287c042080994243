"""People's part of the URL map."""

from django.urls import path

from onboarding.views import (
    bulk,
    checklist,
    drift,
    imports,
    invitation,
    member,
    notes,
    reminders,
    setup,
    team,
)
from onboarding.views import help as stuck

app_name = "onboarding"
urlpatterns = [
    path("team/", team.team, name="team"),
    path("team/export.csv", team.export, name="team-export"),
    path("team/drift/", drift.show, name="drift"),
    path("team/drift/check/", drift.check, name="drift-check"),
    path("team/drift/<int:pk>/adopt/", drift.adopt, name="drift-adopt"),
    path("team/drift/<int:pk>/ignore/", drift.ignore, name="drift-ignore"),
    path("team/drift/<int:pk>/repair/", drift.repair, name="drift-repair"),
    path("team/bulk/", bulk.act, name="bulk"),
    path("team/offboard/", bulk.offboard, name="bulk-offboard"),
    path("team/import/", imports.upload, name="import"),
    path("team/import/<int:pk>/", imports.show, name="import-batch"),
    path("team/import/<int:pk>/confirm/", imports.confirm, name="import-confirm"),
    path("team/import/<int:pk>/pause/", imports.pause, name="import-pause"),
    path("team/import/<int:pk>/resume/", imports.resume, name="import-resume"),
    path("team/import/<int:pk>/result.csv", imports.result, name="import-result"),
    path("team/<int:pk>/", member.show, name="member"),
    path("team/<int:pk>/plan/", member.plan, name="member-plan"),
    path("team/<int:pk>/name/", member.rename, name="member-rename"),
    path("team/<int:pk>/remove/", member.remove, name="member-remove"),
    path("team/<int:pk>/retry/", team.retry, name="member-retry"),
    path("team/<int:pk>/resend/", team.resend, name="member-resend"),
    path("invitation/<str:token>/", invitation.invitation, name="invitation"),
    path("checklist/", checklist.show, name="checklist"),
    path("checklist/help/", stuck.ask, name="help"),
    path("team/help/", stuck.calls, name="help-requests"),
    path("team/help/<int:pk>/", stuck.answer, name="help-answer"),
    path("team/notes/", notes.edit, name="step-notes"),
    path("team/reminders/", reminders.show, name="reminders"),
    path("team/reminders/<int:pk>/", reminders.of_member, name="member-reminders"),
    path("reminders/<str:token>/", reminders.stop, name="reminders-stop"),
    path("checklist/<slug:slug>/", checklist.tick_step, name="tick-step"),
    path("setup/", setup.show, name="setup"),
    path("setup/preflight/", setup.preflight, name="setup-preflight"),
    path("setup/confirm/", setup.confirm, name="setup-confirm"),
    path("setup/aws/", setup.connect, name="setup-aws"),
    path("setup/troubleshoot/", setup.troubleshoot, name="setup-troubleshoot"),
    path("setup/troubleshoot/<int:pk>/settle/", setup.settle_unknown, name="setup-settle"),
    path("setup/policy.json", setup.policy_json, name="setup-policy"),
]
