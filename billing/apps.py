from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self) -> None:
        from billing.models import Refresh
        from portal import jobs

        jobs.register(Refresh, "billing.tasks.refresh_spend")
