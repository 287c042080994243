from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"

    def ready(self) -> None:
        from portal import jobs
        from portal.models import Notice

        jobs.register(Notice, "portal.tasks.send_notice")
