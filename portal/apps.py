from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"

    def ready(self) -> None:
        from portal import confirmation, factors, jobs, notices, people, sign_in_lines
        from portal.models import Delivery, Notice

        confirmation.listen()
        factors.listen()
        sign_in_lines.listen()
        notices.register(people.KIND, people.render)
        jobs.register(Notice, "portal.tasks.send_notice")
        jobs.register(Delivery, "portal.tasks.deliver")
