from django.urls import path

from billing import views

app_name = "billing"
urlpatterns = [
    path("spend/", views.spend_page, name="spend"),
    path("spend/export.csv", views.spend_export, name="spend-export"),
    path("spend/refresh/", views.spend_refresh, name="spend-refresh"),
]
