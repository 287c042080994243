from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self) -> None:
        from billing import alerting, preflight
        from billing.models import CreditReading, Refresh
        from portal import jobs, notices

        jobs.register(Refresh, "billing.tasks.refresh_spend")
        jobs.register(CreditReading, "billing.tasks.read_credits")
        notices.register(alerting.NOTICE, alerting.render)
        preflight.register()
