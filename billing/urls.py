from django.urls import path

from billing.views import alerts as alert_views
from billing.views import credits as credit_views
from billing.views import seats as seat_views
from billing.views import spend as spend_views

app_name = "billing"
urlpatterns = [
    path("spend/", spend_views.spend_page, name="spend"),
    path("spend/export.csv", spend_views.spend_export, name="spend-export"),
    path("spend/refresh/", spend_views.spend_refresh, name="spend-refresh"),
    path("spend/budget/", alert_views.set_budget, name="budget"),
    path("spend/alerts/<int:pk>/seen/", alert_views.mark_seen, name="alert-seen"),
    path("spend/credits/", credit_views.credits_page, name="credits"),
    path("spend/credits/read/", credit_views.read_credits, name="credits-read"),
    path("spend/credits/<int:pk>/", credit_views.edit_grant, name="grant"),
    path("spend/credits/<int:pk>/remove/", credit_views.remove_grant, name="grant-remove"),
    path("spend/seats/", seat_views.seats, name="seats"),
    path("spend/seats/export.csv", seat_views.export, name="seats-export"),
    path("spend/seats/idle/", seat_views.idle_seats, name="idle"),
    path("spend/seats/idle/mail/", seat_views.idle_mail, name="idle-mail"),
    path("spend/seats/fit/", seat_views.plan_fit, name="plan-fit"),
    path("spend/seats/activation/", seat_views.show_activation, name="activation"),
    path("spend/seats/reports/", seat_views.report_files, name="report-files"),
]
