"""The sandbox's own HTTP control under /_sandbox/: health, ledger, faults, limits, and things only
a console can do.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from portal.sandbox.faults import Fault, FaultBoard, TokenBucket
from portal.sandbox.ledger import Ledger
from portal.sandbox.wire import Answer

Json = dict[str, Any] | list[Any]
Route = Callable[["Request"], Json]


class Request:
    """The parts of a control request that routes read."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self.query = {
            key: values[0] for key, values in parse_qs(environ.get("QUERY_STRING", "")).items()
        }
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        self.json: Any = json.loads(body) if body else {}


class Control:
    """Routes by method and path. Others add theirs with `add`; a ValueError or KeyError is a 400
    with its sentence.
    """

    def __init__(self, *, ledger: Ledger, board: FaultBoard, quota: TokenBucket) -> None:
        self._ledger, self._board, self._quota = ledger, board, quota
        self.latency_ms = 0.0
        self._routes: dict[tuple[str, str], Route] = {
            ("GET", "health"): lambda request: {"status": "ok"},
            ("GET", "ledger"): self._listed,
            ("GET", "ledger/summary"): lambda request: self._ledger.summary(),
            ("DELETE", "ledger"): self._clear_ledger,
            ("GET", "faults"): lambda request: self._board.listed(),
            ("POST", "faults"): self._add_faults,
            ("DELETE", "faults"): self._clear_faults,
            ("GET", "limits"): lambda request: self._limits(),
            ("POST", "limits"): self._set_limits,
        }

    def add(self, method: str, path: str, route: Route) -> None:
        self._routes[method, path] = route

    def answer(self, environ: dict[str, Any]) -> Answer:
        path = environ["PATH_INFO"].removeprefix("/_sandbox/").rstrip("/")
        route = self._routes.get((environ["REQUEST_METHOD"], path))
        if route is None:
            return _json(404, {"error": f"No {environ['REQUEST_METHOD']} /_sandbox/{path}."})
        try:
            return _json(200, route(Request(environ)))
        except (ValueError, KeyError, TypeError) as error:
            return _json(400, {"error": str(error)})

    def _listed(self, request: Request) -> Json:
        return self._ledger.listed(
            service=request.query.get("service", ""),
            operation=request.query.get("operation", ""),
            since=request.query.get("since", "0"),
        )

    def _clear_ledger(self, request: Request) -> Json:
        self._ledger.clear()
        return {}

    def _add_faults(self, request: Request) -> Json:
        """A list of faults, or {"seed": n, "faults": [...]} for the same dice each time."""
        given = request.json
        if isinstance(given, dict) and "faults" in given:
            if "seed" in given:
                self._board.seed(int(given["seed"]))
            given = given["faults"]
        self._board.add(
            [Fault.from_json(item) for item in (given if isinstance(given, list) else [given])]
        )
        return self._board.listed()

    def _clear_faults(self, request: Request) -> Json:
        self._board.clear()
        return []

    def _limits(self) -> dict[str, Any]:
        return {"rate": self._quota.rate, "burst": self._quota.burst, "latency_ms": self.latency_ms}

    def _set_limits(self, request: Request) -> Json:
        """{"rate": requests a second (0: no limit), "burst": n, "latency_ms": n}, each optional."""
        given = {**self._limits(), **request.json}
        self._quota.set(rate=float(given["rate"]), burst=float(given["burst"]))
        self.latency_ms = float(given["latency_ms"])
        return self._limits()


def _json(status: int, value: Json) -> Answer:
    body = json.dumps(value).encode()
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
    ]
    return Answer(status, headers, body)
