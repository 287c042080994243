"""Somebody signed in, before the real gunicorn."""

import http.client
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client

CSRF = "f" * 32
PATIENCE = 60


@dataclass(frozen=True)
class Answer:
    """`status` is 0 when there was none. `at`: when it came, by the monotonic clock."""

    status: int
    location: str
    seconds: float
    at: float

    @property
    def is_good(self):
        return self.status in {200, 302}


class Browser:
    """A connection of its own for each request, so that threads may share it."""

    def __init__(self, port, user):
        self._port, client = port, Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        cookies = {settings.SESSION_COOKIE_NAME: session, settings.CSRF_COOKIE_NAME: CSRF}
        self._cookies = "; ".join(f"{name}={value}" for name, value in cookies.items())

    def get(self, path):
        return self._ask("GET", path, None)

    def post(self, path, **fields):
        return self._ask("POST", path, urlencode({**fields, "csrfmiddlewaretoken": CSRF}))

    def _ask(self, method, path, body):
        headers = {"Cookie": self._cookies, "Content-Type": "application/x-www-form-urlencoded"}
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        began = time.monotonic()
        try:
            line.request(method, path, body, headers)
            answer = line.getresponse()
            answer.read()
            status, location = answer.status, answer.headers.get("Location", "")
        except (OSError, http.client.HTTPException):
            status, location = 0, ""
        finally:
            line.close()
        ended = time.monotonic()
        return Answer(status, location, ended - began, ended)


def at_once(jobs):
    """Each in a thread of its own, from the same moment on; what they gave."""
    start = threading.Barrier(len(jobs))

    def run(job):
        start.wait(60)
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [each.result() for each in [pool.submit(run, job) for job in jobs]]


class Crowd:
    """Requests at a steady rate until `stop`; `ask(number)` makes one. `answers` by their time."""

    def __init__(self, ask, *, each_second, threads=4):
        self.answers, self._ask, self._pause = [], ask, threads / each_second
        self._over, self._lock, self._number = threading.Event(), threading.Lock(), 0
        self._threads = [threading.Thread(target=self._go_on, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def _go_on(self):
        while not self._over.is_set():
            with self._lock:
                number, self._number = self._number, self._number + 1
            answer = self._ask(number)
            with self._lock:
                self.answers.append((number, answer))
            self._over.wait(max(0.0, self._pause - answer.seconds))

    def stop(self):
        self._over.set()
        for thread in self._threads:
            thread.join()
        return sorted(self.answers, key=lambda pair: pair[1].at)
