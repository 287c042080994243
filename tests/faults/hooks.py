"""Messages to webhooks, while the worker that sends them is killed and the receiver fails."""

import contextlib
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from portal.models import Delivery, Webhook
from portal.webhooks import publishing
from portal.webhooks.events import Event
from tests.faults.lab import Lab
from tests.faults.outcome import Outcome, fault

CRASH = "before-webhook=0.05,after-webhook=0.05,before-commit=0.05,before-ack=0.05"


class Receiver(ThreadingHTTPServer):
    """Counts what it took by the message's id; answers every tenth with a 503 and keeps nothing."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.taken, self.asked = Counter(), 0
        threading.Thread(target=self.serve_forever, args=[0.02], daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/hook"

    def handle_error(self, request, client_address):
        """Callers are killed here."""

    def stop(self):
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked += 1
        is_well = self.server.asked % 10
        if is_well:
            self.server.taken[self.headers["X-Portal-Delivery"]] += 1
        with contextlib.suppress(OSError):
            self.send_response(200 if is_well else 503)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def log_message(self, *_):
        pass


@fault("webhooks under kill -9, one in ten answers 503")
def delivered(lab: Lab):
    lab.fresh()
    count, kills, receiver = lab.some(500, short=20), lab.some(40), Receiver()
    webhook = Webhook.objects.create(
        name="Lab", kind=Webhook.Kind.JSON, url=receiver.url, events=[Event.DRIFT_FOUND], salt="lab"
    )
    try:
        with lab.at_work(crash=CRASH, kills=kills, WEBHOOK_ALLOW_PRIVATE=True) as keeper:
            for number in range(count):
                publishing.publish(
                    Event.DRIFT_FOUND, key=f"lab:{number}", text=f"Message {number}.", path="/"
                )
            lab.until(lambda: not Delivery.objects.exclude(next_try_at=None).exists())
            recovery, died = keeper.recovery(), len(keeper.deaths)
    finally:
        receiver.stop()
    rows = list(webhook.deliveries.all())
    copies = sum(number - 1 for number in receiver.taken.values())
    lost = [row for row in rows if not receiver.taken[str(row.uuid)] and not row.last_error]
    unsent = sum(row.sent_at is None for row in rows if receiver.taken[str(row.uuid)])
    return Outcome(
        injected=died + receiver.asked - receiver.taken.total(),
        lost=len(lost) + count - len(rows),
        twice=max(0, copies - 8 * died),
        wrong=unsent,
        recovery=recovery,
        note=f"{count} messages, {died} kills, {copies} second copies",
    )
