"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from portal.celery import app as celery_app  # shared_task finds its app through this
from portal.logs import log_lines

application = get_wsgi_application()
log_lines.take_over_gunicorn()
__all__ = ["application", "celery_app"]
