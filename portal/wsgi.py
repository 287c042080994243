"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from portal.celery import app as celery_app  # shared_task finds its app through this
from portal.logs import log_lines

application = get_wsgi_application()
# All views, once and shared by the workers: else each loads them at its first page.
_ = get_resolver().url_patterns
log_lines.take_over_gunicorn()
__all__ = ["application", "celery_app"]
