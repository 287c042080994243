"""How gunicorn serves in a run (`gunicorn -c python:portal.supervisor.web`)."""

import gc
import os
from typing import Any

from portal.supervisor.processes import die_with_parent

bind = f"fd://{os.environ.get('PORTAL_LISTENER', '')}"
worker_class = "portal.web_worker.Worker"
workers = 1
threads = 8
preload_app = False  # gunicorn's master stays smaller; it is forked with Django loaded anyway
graceful_timeout = 1
keepalive = 5
accesslog = None
control_socket_disable = True
proc_name = "portal-web"


def pre_fork(_server: Any, _worker: Any) -> None:
    """What is loaded by now stays shared with the worker: the collector need not touch it."""
    gc.collect()
    gc.freeze()


def post_fork(_server: Any, worker: Any) -> None:
    """The supervisor's hold ends at gunicorn's master; this one's at its worker."""
    die_with_parent(worker.ppid)
