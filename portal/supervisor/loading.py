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

_M_ARENA_MAX = -8  # malloc.h
USED_BY_CHILDREN = (
    "celery.bin.celery",
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.concurrency.thread",
    "celery.worker.worker",
    "celery.worker.consumer",
    "kombu.transport.redis",
    "gunicorn.app.wsgiapp",
    "gunicorn.workers.gthread",
    "django.core.management.commands.migrate",
    "django.core.handlers.wsgi",
)


def load(environment: Mapping[str, str]) -> None:
    """Opens no connection and starts no thread: neither would survive forking. Raises: Refusal."""
    os.environ.clear()
    os.environ.update(environment)
    try:
        _load()
    except (ImproperlyConfigured, ValueError) as error:
        raise Refusal(f"The settings do not fit together: {error}") from error
    _share_arenas()
    gc.collect()
    gc.freeze()  # what the collector does not touch stays shared


def _load() -> None:
    """But not the WSGI application: that looks for static files, which are yet to be collected."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    for name in (*USED_BY_CHILDREN, *_modules_of_middleware()):
        import_module(name)
    app.loader.import_default_modules()
    _ = get_resolver().url_patterns


def _share_arenas() -> None:
    """Threads share two heaps; MALLOC_ARENA_MAX says so only to what is started, not forked."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 2)


def _modules_of_middleware() -> list[str]:
    return [name.rpartition(".")[0] for name in settings.MIDDLEWARE]
