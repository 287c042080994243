"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from portal.celery import app as celery_app  # shared_task finds its app through this

application = get_wsgi_application()
__all__ = ["application", "celery_app"]
