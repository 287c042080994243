"""The whole URL map; the apps' own parts lie in their `urls.py`."""

from django.conf import settings
from django.urls import include, path

from portal.views import activity, confirm, frame, member_data, notices, people, status, ways_in

urlpatterns = [
    path("", frame.overview, name="overview"),
    path("healthz", status.healthz, name="healthz"),
    path("metrics", status.show_metrics, name="metrics"),
    path("status/", status.status, name="status"),
    path("status/banner/", status.banner, name="status-banner"),
    path("activity/", activity.show_activity, name="activity"),
    path("activity/export.csv", activity.export_activity, name="activity-export"),
    path("settings/notices/", notices.show_all, name="notices"),
    path("settings/notices/<int:pk>/", notices.show, name="webhook"),
    path("settings/notices/<int:pk>/test/", notices.test, name="webhook-test"),
    path("settings/notices/<int:pk>/switch/", notices.switch, name="webhook-switch"),
    path("settings/notices/<int:pk>/again/", notices.send_again, name="webhook-again"),
    path("settings/notices/<int:pk>/secret/", notices.secret, name="webhook-secret"),
    path("settings/notices/<int:pk>/remove/", notices.remove, name="webhook-remove"),
    path("accounts/sandbox/", ways_in.sandbox_sign_in, name="sandbox-sign-in"),
    path("accounts/link/<str:pk>/<str:token>/", ways_in.one_time_link, name="one-time-link"),
    path("accounts/confirm/", confirm.confirm, name="confirm"),
    path("accounts/confirm/go-on/", confirm.go_on, name="confirm-go-on"),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
    path("accounts/sessions/<int:pk>/end/", confirm.end_session, name="session-end"),
    path("accounts/email/", ways_in.closed, name="account_email"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/totp/activate/", ways_in.activate_totp, name="mfa_activate_totp"),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("settings/people/", people.show, name="people"),
    path("settings/people/<int:pk>/remove/", people.remove, name="people-remove"),
    path("settings/people/<int:pk>/sign-out/", people.sign_out, name="people-sign-out"),
    path("team/<int:pk>/data.json", member_data.of_member, name="member-data"),
    path("checklist/data.json", member_data.own, name="own-data"),
    path("", include("onboarding.urls")),
    path("", include("billing.urls")),
]

if settings.SAML_METADATA_URL:
    urlpatterns.append(path("accounts/saml/", include("portal.saml.urls")))

handler500 = "portal.views.status.failed"
