"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from portal import log_lines
from portal.celery import app as celery_app  # shared_task finds its app through this

application = get_wsgi_application()
log_lines.take_over_gunicorn()
__all__ = ["application", "celery_app"]
