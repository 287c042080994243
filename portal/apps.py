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
        # What is loaded by now stays, and so does, as Python ends, what was loaded later: looking
        # through it again took a fifth of each command's time.
        gc.freeze()
        atexit.register(gc.freeze)
