import atexit
import gc

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"

    def ready(self) -> None:
        from portal import form_words

        form_words.speak()  # before anything below loads a form

        from portal import founders, jobs
        from portal.mailing import notices
        from portal.models import Delivery, Notice
        from portal.sign_in import confirmation, factors, sign_in_lines

        confirmation.listen()
        factors.listen()
        sign_in_lines.listen()
        notices.register(founders.KIND, founders.render)
        jobs.register(Notice, "portal.tasks.send_notice")
        jobs.register(Delivery, "portal.tasks.deliver")
        # Else Python looks once more through all that is loaded as it ends: 0.3 s of each command.
        atexit.register(gc.freeze)
