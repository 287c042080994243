"""A real mail server for tests, that can be made to refuse, to stall or to break off."""

import asyncio
import email
import threading
from email import policy

from aiosmtpd.smtp import SMTP


class MailServer:
    """`mood`: `fine`; `down` (hangs up at once), `busy` (450), `refuses` (550), `drops` (takes the
    mail and hangs up), `slow` (takes it and falls silent)."""

    def __init__(self):
        self.mood, self.taken = "fine", []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._do(self._loop.create_server(self._answer_the_call, "127.0.0.1", 0))

    @property
    def port(self):
        return self._server.sockets[0].getsockname()[1]

    def stop(self):
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close(self):
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _do(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)

    def _answer_the_call(self):
        return _HangsUp() if self.mood == "down" else SMTP(self, hostname="mail.test")

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802  # aiosmtpd's name
        if self.mood == "busy":
            return "450 come back later"
        if self.mood == "refuses":
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  # the same
        self.taken.append(email.message_from_bytes(envelope.content, policy=policy.default))
        if self.mood == "drops":
            server.transport.abort()
        if self.mood == "slow":
            await asyncio.sleep(3600)
        return "250 taken"


class _HangsUp(asyncio.Protocol):
    def connection_made(self, transport):
        transport.abort()
