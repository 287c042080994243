"""People's part of the URL map."""

from django.urls import path

from onboarding.views import checklist, invitation, member, team

app_name = "onboarding"
urlpatterns = [
    path("team/", team.team, name="team"),
    path("team/export.csv", team.export, name="team-export"),
    path("team/<int:pk>/", member.show, name="member"),
    path("team/<int:pk>/plan/", member.plan, name="member-plan"),
    path("team/<int:pk>/name/", member.rename, name="member-rename"),
    path("team/<int:pk>/remove/", member.remove, name="member-remove"),
    path("team/<int:pk>/retry/", team.retry, name="member-retry"),
    path("team/<int:pk>/resend/", team.resend, name="member-resend"),
    path("invitation/<str:token>/", invitation.invitation, name="invitation"),
    path("checklist/", checklist.show, name="checklist"),
    path("checklist/<slug:slug>/", checklist.tick_step, name="tick-step"),
]
