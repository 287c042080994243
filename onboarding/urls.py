"""People's part of the URL map."""

from django.urls import path

from onboarding.views import checklist, invitation, team

app_name = "onboarding"
urlpatterns = [
    path("team/", team.team, name="team"),
    path("team/<int:pk>/retry/", team.retry, name="member-retry"),
    path("team/<int:pk>/resend/", team.resend, name="member-resend"),
    path("invitation/<str:token>/", invitation.invitation, name="invitation"),
    path("checklist/", checklist.show, name="checklist"),
    path("checklist/<slug:slug>/", checklist.tick_step, name="tick-step"),
]
