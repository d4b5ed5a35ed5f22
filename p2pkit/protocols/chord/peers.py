"""Peers: asking them, and telling who does not answer.

What it shows: who is *there* is only known from answers to questions of ours, which
repeat a number that nobody else saw; whoever does not answer leaves every table.
Read first: ``claims.py``. Read next: ``walk.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from p2pkit.core import Address, Contact, Context, RemoteProtocolError, Requests
from p2pkit.protocols.chord.claims import Claims
from p2pkit.protocols.chord.config import ChordConfig
from p2pkit.protocols.chord.messages import ANSWERS, Ping, Refused, Reply, Request
from p2pkit.protocols.chord.ring import Ring

Make = Callable[..., Request]
OnReply = Callable[[Any], None]
Call = Callable[[], None]


class Peers:
    """Our side of every exchange; `on_lost` hears of each peer that does not answer."""

    def __init__(
        self, ctx: Context, config: ChordConfig, on_lost: Callable[[Contact], None]
    ) -> None:
        self.ctx, self.config, self.on_lost = ctx, config, on_lost
        self.ring, self.claims = Ring(config.id_bits), Claims(config)
        self.requests = Requests(
            ctx, resend_s=config.resend_s, timeout_s=config.timeout_s
        )
        self.checking: set[int] = set()  # who is being asked whether it is there

    def ask(
        self,
        me: int,
        to: Contact,
        make: Make,
        on_reply: OnReply,
        on_failure: Call,
        on_slow: Call | None = None,
    ) -> None:
        """Send a request; exactly one of `on_reply` and `on_failure` will be called."""
        if self.requests.full:  # that is our trouble, not the peer's
            self.ctx.after(0.0, on_failure)
            return

        pack = self.ring.pack

        def answered(reply: Reply) -> None:
            if reply.sender_id != pack(to.id):
                failed()  # another node lives there now
            else:
                self._hand(reply, on_reply, on_failure)

        def failed() -> None:
            self.on_lost(to)
            on_failure()

        query = partial(make, sender_id=pack(me), to=pack(to.id))
        self.requests.ask(to.address, query, answered, failed, on_slow)

    def greet(
        self,
        me: int,
        address: Address,
        make: Make,
        on_reply: Callable[[Contact, Any], None],
        on_failure: Call,
    ) -> None:
        """Send a request to an address whose id we do not know yet."""

        def answered(reply: Reply) -> None:
            try:
                contact = self.claims.contact(reply.sender_id, address)
            except RemoteProtocolError:
                on_failure()
                raise
            self._hand(reply, partial(on_reply, contact), on_failure)

        query = partial(make, sender_id=self.ring.pack(me), to=b"")
        self.requests.ask(address, query, answered, on_failure)

    def check(
        self, me: int, contact: Contact, on_alive: Call, on_gone: Call | None = None
    ) -> None:
        """Ask a peer if it is a member, unless we are asking it, or too many, already.

        So whoever makes us ask, by a forged request, cannot make us ask much.
        """
        if len(self.checking) >= self.config.max_checks or contact.id in self.checking:
            return

        def end(call: Call | None, _: Any = None) -> None:
            self.checking.discard(contact.id)
            if call is not None:
                call()

        self.checking.add(contact.id)
        self.ask(me, contact, Ping, partial(end, on_alive), partial(end, on_gone))

    def on_reply(self, sender: Address, reply: Reply) -> None:
        """Hand an answer to whoever waits for it."""
        pending = self.requests.settle(sender, reply.tid)
        if pending is None:
            reason = "answer nobody waits for"
            raise RemoteProtocolError(reason)
        if not isinstance(reply, ANSWERS[type(pending.message)] | Refused):
            pending.on_failure()
            reason = "answer of another kind than asked for"
            raise RemoteProtocolError(reason)
        pending.on_reply(reply)

    def _hand(self, reply: Reply, on_reply: OnReply, on_failure: Call) -> None:
        if isinstance(reply, Refused):
            on_failure()  # it is there, and will not
            return
        try:
            on_reply(reply)
        except RemoteProtocolError:
            on_failure()
            raise
