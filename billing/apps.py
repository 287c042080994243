from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self) -> None:
        from billing import first_looks, preflight
        from billing.alerts import raising
        from billing.models import CreditReading, Refresh, ReportFile
        from billing.usage import nudges, own_usage, proofs
        from portal import jobs
        from portal.mailing import notices

        jobs.register(Refresh, "billing.tasks.refresh_spend")
        jobs.register(CreditReading, "billing.tasks.read_credits")
        jobs.register(ReportFile, "billing.tasks.read_report_file")
        notices.register(raising.NOTICE, raising.render)
        notices.register(nudges.KIND, nudges.render)
        preflight.register()
        first_looks.register()
        proofs.register()
        own_usage.register()
