from django.urls import path

from billing.views import alerts as alert_views
from billing.views import credits as credit_views
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
]
