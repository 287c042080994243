"""Loading, once, what web, worker and beat all need before they are forked from it."""

import ctypes
import gc
import os
from collections.abc import Mapping
from importlib import import_module

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.urls import get_resolver

from portal.celery import app
from portal.supervisor.refusal import Refusal

_MALLOC = {"M_ARENA_MAX": (-8, 1), "M_MMAP_THRESHOLD": (-3, 256 * 1024)}
"""malloc.h: threads share one heap, and what is large and gone is given back at once."""
USED_BY_CHILDREN = (
    "celery.app.amqp",
    "celery.app.control",
    "celery.app.log",
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.concurrency.thread",
    "celery.contrib.django.task",
    "celery.events.receiver",
    "celery.worker.components",
    "celery.worker.consumer",
    "celery.worker.strategy",
    "celery.worker.worker",
    "kombu.transport.redis",
    "gunicorn.app.wsgiapp",
    "portal.web_worker",
    "django.core.management.commands.migrate",
    "django.core.handlers.wsgi",
    "django.db.models.sql.compiler",
)


def load(environment: Mapping[str, str]) -> None:
    """Opens no connection and starts no thread: neither would survive forking. Raises: Refusal."""
    os.environ.clear()
    os.environ.update(environment)
    try:
        _load()
    except (ImproperlyConfigured, ValueError) as error:
        raise Refusal(f"The settings do not fit together: {error}") from error
    _set_up_malloc()
    gc.collect()
    gc.freeze()  # what the collector does not touch stays shared


def _load() -> None:
    """But not the WSGI application: that looks for static files, which are yet to be collected."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    for name in (*USED_BY_CHILDREN, *_modules_of_middleware()):
        import_module(name)
    app.loader.init_worker()
    app.finalize()
    _ = get_resolver().url_patterns


def _set_up_malloc() -> None:
    """Variables such as MALLOC_ARENA_MAX say so only to what is started, not forked."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for parameter, value in _MALLOC.values():
            mallopt(parameter, value)


def _modules_of_middleware() -> list[str]:
    return [name.rpartition(".")[0] for name in settings.MIDDLEWARE]
