"""The whole URL map; the apps' own parts lie in their `urls.py`."""

from django.urls import include, path

from portal import views

urlpatterns = [
    path("", views.overview, name="overview"),
    path("healthz", views.healthz, name="healthz"),
    path("status/", views.status, name="status"),
    path("activity/", views.show_activity, name="activity"),
    path("activity/export.csv", views.export_activity, name="activity-export"),
    path("accounts/sandbox/", views.sandbox_sign_in, name="sandbox-sign-in"),
    path("accounts/link/<str:pk>/<str:token>/", views.one_time_link, name="one-time-link"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("", include("onboarding.urls")),
    path("", include("billing.urls")),
]
