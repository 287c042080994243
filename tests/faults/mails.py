"""A mail server that is down, slow, refuses, or takes a mail and hangs up."""

import asyncio
import re
from collections import Counter
from dataclasses import replace

from onboarding.models import Member
from portal.models import Notice
from tests.faults import truth
from tests.faults.lab import Lab
from tests.faults.outcome import fault
from tests.support.mail_server import MailServer

MOODS = ("fine", "fine", "fine", "fine", "fine", "fine", "busy", "refuses", "drops", "slow")
"""How the server meets each tenth of the addresses."""


class Moody(MailServer):
    """Does to an address what its name says: `busy` and `drops` the first time, `slow` as well,
    `refuses` always. While `mood` is `down` it hangs up on everybody."""

    def __init__(self):
        super().__init__()
        self.met, self.hung_up = Counter(), 0

    def _answer_the_call(self):
        self.hung_up += self.mood == "down"
        return super()._answer_the_call()

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802  # aiosmtpd's name
        mood = _mood_of(address)
        if mood == "refuses" or (mood == "busy" and not self.met[address]):
            self.met[address] += 1
            return "450 come back later" if mood == "busy" else "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  # the same
        address = envelope.rcpt_tos[0]
        mood, self.met[address] = _mood_of(address), self.met[address] + 1
        self.taken.append(address)
        if self.met[address] == 1 and mood == "drops":
            server.transport.abort()
        if self.met[address] == 1 and mood == "slow":
            await asyncio.sleep(1)
        return "250 taken"


def _mood_of(address):
    return re.match("[a-z]*", address)[0]


@fault("mail server down, slow, refusing, dropping")
def at_its_worst(lab: Lab):
    """Down while the members are set up; then each letter meets what its address says."""
    lab.fresh()
    each = max(1, lab.some(1000, short=10) // len(MOODS))
    addresses = [
        address
        for mood, count in Counter(MOODS).items()
        for address in lab.addresses(each * count, mood)
    ]
    server = Moody()
    server.mood = "down"
    smtp = {"EMAIL_BACKEND": "portal.mailing.smtp.Backend", "EMAIL_HOST": "127.0.0.1"}
    try:
        with lab.at_work(
            **smtp, EMAIL_PORT=server.port, EMAIL_HOST_USER="", EMAIL_HOST_PASSWORD=""
        ):
            lab.add(addresses)
            lab.until(lambda: not Member.objects.exclude(next_try_at=None).exists())
            were_created = sum(map(truth.users(lab)[0].__getitem__, addresses))
            server.mood = "fine"
            took = lab.settle()
        return _judged(lab, addresses, server, were_created, took)
    finally:
        server.stop()


def _judged(lab, addresses, server, were_created, took):
    taken, notices = Counter(server.taken), {row.to: row for row in Notice.objects.all()}
    wanted = [address for address in addresses if _mood_of(address) != "refuses"]
    lost = sum(not taken[each] and not notices[each].last_error for each in wanted)
    # A server that took the letter and hung up gets one second copy, never a third.
    twice = sum(max(0, taken[each] - 1 - notices[each].doubts) for each in addresses)
    refused = [notices[each] for each in addresses if each not in wanted]
    unseen = sum(row.sent_at is not None or not row.last_error for row in refused)
    met = sum(server.met.values()) - len(taken) + server.hung_up
    outcome = truth.judge(lab, [], injected=met, recovery=took)
    return replace(
        outcome,
        lost=lost + len(addresses) - were_created,
        twice=twice,
        wrong=unseen + sum(notices[each].sent_at is None for each in wanted if taken[each] == 1),
        note=f"{len(addresses)} letters, {len(refused)} refused for good and shown",
    )
