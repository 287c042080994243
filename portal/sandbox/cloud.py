"""Wires the embedded AWS together and serves it on loopback, in a process of its own."""

from __future__ import annotations

import functools
import logging
import os
import signal
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from portal.sandbox import history, reports, sign_ins, world
from portal.sandbox.billing import Billing
from portal.sandbox.cloudtrail import CloudTrail
from portal.sandbox.console import Console
from portal.sandbox.control import Control
from portal.sandbox.cost_explorer import CostExplorer, lines_of
from portal.sandbox.directory import Directory
from portal.sandbox.faults import FaultBoard, TokenBucket
from portal.sandbox.front import Front
from portal.sandbox.identity_center import IdentityCenter
from portal.sandbox.identity_store import IdentityStore
from portal.sandbox.ledger import Ledger
from portal.sandbox.moto_bridge import MotoBridge, verify_senders
from portal.sandbox.permission_sets import PermissionSets
from portal.sandbox.service import Service
from portal.sandbox.wire import Answer, AwsError, Call, result
from portal.sandbox.world import World

HOST = "127.0.0.1"
QUOTA = 20  # requests a second for all Identity Center APIs together (FACTS §3)


class Cloud:
    """All services of one state folder, by boto3's service names."""

    def __init__(self, folder: Path, *, has_company: bool | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.world: World = world.load(folder, has_company=has_company)
        fill = (
            functools.partial(world.populate, anchor=self.world.anchor)
            if self.world.has_company
            else None
        )
        self.directory = Directory(folder, fill=fill)
        anchor, has_company = self.world.anchor, self.world.has_company
        lines = lines_of(anchor, today=world.today, has_company=has_company)
        sample = functools.partial(_trail_of, anchor) if has_company else lambda now: ()
        self.trail = CloudTrail(folder, sample=sample)
        self.cost_explorer = CostExplorer(lines, today=world.today)
        billing = Billing(anchor, today=world.today, has_company=has_company)
        services = (IdentityStore(self.directory), self.cost_explorer, billing, self.trail)
        self._own: dict[str, Service] = {service.name: service for service in services}
        self._moto = MotoBridge()
        self._shelf = reports.Shelf(anchor) if has_company else None
        sets = PermissionSets(self._moto, self.directory, folder, has_company=has_company)
        since = history.month_start(anchor, -16)
        self.identity_center = IdentityCenter(sets, since=since, has_company=has_company)

    def answer(self, call: Call) -> Answer:
        if not call.service:
            raise AwsError(
                "MissingAuthenticationToken", "Request is missing Authentication Token", status=403
            )
        if call.service in self._own:
            return result(call, self._own[call.service].answer(call))
        if call.service == "sso-admin":
            return self.identity_center.respond(call)
        if call.service == "s3" and self._shelf is not None:
            self._moto.load("s3")
            self._shelf.fill(datetime.now(UTC))
        if call.service == "ses":
            verify_senders(self._moto, call.region)
        return self._moto.answer(call)


def _trail_of(anchor: date, now: datetime) -> Iterator[sign_ins.Event]:
    return sign_ins.of_company(anchor, now=now)


def application(cloud: Cloud) -> Front:
    """The WSGI application in front of a cloud, with its ledger, faults, quota and control."""
    ledger, board, quota = Ledger(), FaultBoard(), TokenBucket(rate=QUOTA, burst=QUOTA)
    control = Control(ledger=ledger, board=board, quota=quota)
    Console(directory=cloud.directory, trail=cloud.trail, cost_explorer=cloud.cost_explorer).attach(
        control
    )
    cloud.identity_center.attach(control)
    return Front(cloud.answer, control=control, ledger=ledger, board=board, quota=quota)


class _Quiet(WSGIRequestHandler):
    """No line for each request: the ledger has them all."""

    def log(self, type: str, message: str, *args: Any) -> None:
        if type == "error":
            super().log(type, message, *args)


def serve(folder: Path, *, port: int, has_company: bool | None) -> None:
    """Serve until SIGTERM or SIGINT. Every answer given is in the journal by then, so the end may
    be abrupt.
    """
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))
    server = bind(application(Cloud(folder, has_company=has_company)), port=port)
    print(f"Embedded AWS: http://{HOST}:{server.server_port}", flush=True)
    server.serve_forever()


def bind(app: Front, *, port: int) -> BaseWSGIServer:
    return make_server(HOST, port, app, threaded=True, request_handler=_Quiet)
