"""Peers: asking them, and keeping the table true to how they answer.

What it shows: a peer enters the table when it has answered *us*, at the address we
sent to, with a transaction id that nobody else saw. Whoever asks us, or is named by
others, is at most worth a ping. A full bucket's oldest contact is pinged before it
may be replaced, one such check a bucket at a time.
Source: "Kademlia", IPTPS 2002, section 2.2; BEP 5 "Routing Table".
Read next: ``checks.py``, then ``walk.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from p2pkit.core import Address, Contact, Context, RemoteProtocolError, Requests
from p2pkit.protocols.kademlia import bep42
from p2pkit.protocols.kademlia.bucket import Place
from p2pkit.protocols.kademlia.checks import Checks
from p2pkit.protocols.kademlia.config import KademliaConfig
from p2pkit.protocols.kademlia.hardened import make_table
from p2pkit.protocols.kademlia.messages import Error, Ping, Query, Reply
from p2pkit.protocols.kademlia.restraint import Restraint


class Peers:
    """Our side of every exchange: requests, and the routing table they feed.

    `on_new` is called with each contact that is new in the table.
    """

    def __init__(
        self, ctx: Context, config: KademliaConfig, on_new: Callable[[Contact], None]
    ) -> None:
        self.ctx, self.config, self.on_new = ctx, config, on_new
        self.table = make_table(ctx.me.id, config)
        self.requests = Requests(
            ctx, resend_s=config.resend_s, timeout_s=config.timeout_s
        )
        self.checks, self.restraint = Checks(self), Restraint(self)

    def ask(
        self,
        contact: Contact,
        query: Callable[[bytes], Query],
        on_reply: Callable[[Reply], None],
        on_failure: Callable[[], None],
        on_slow: Callable[[], None] | None = None,
        sends: int | None = None,
    ) -> None:
        """Send a query to a contact; exactly one of the first two will be called.

        With `sends` it is sent that often at most, though waited for as long.
        """
        if self.requests.full:  # that is our trouble, not the contact's
            self.ctx.after(0.0, on_failure)
            return

        def answered(answer: Reply | Error) -> None:
            if isinstance(answer, Error):
                on_failure()  # it refused, and is alive
            elif answer.sender_id != contact.id:
                failed()  # another node lives there now
            else:
                self.heard(contact)
                on_reply(answer)

        def failed() -> None:
            self.table.missed(contact.id)
            on_failure()

        self.requests.ask(contact.address, query, answered, failed, on_slow, sends)

    def greet(
        self,
        address: Address,
        query: Callable[[bytes], Query],
        on_reply: Callable[[Reply], None],
        on_failure: Callable[[], None],
    ) -> None:
        """Send a query to an address whose node id we do not know yet."""

        def answered(answer: Reply | Error) -> None:
            if isinstance(answer, Error) or answer.sender_id == self.ctx.me.id:
                on_failure()
                return
            self.heard(Contact(answer.sender_id, address))
            on_reply(answer)

        self.requests.ask(address, query, answered, on_failure)

    def on_answer(self, sender: Address, answer: Reply | Error) -> None:
        """Hand an answer to whoever waits for it."""
        pending = self.requests.settle(sender, answer.tid)
        if pending is None:
            reason = "answer nobody waits for"
            raise RemoteProtocolError(reason)
        pending.on_reply(answer)

    def admitted(self, contacts: Sequence[Contact]) -> Sequence[Contact]:
        """Return the contacts whose ids may be at their addresses."""
        if not self.config.bep42:
            return contacts
        exempt, fits = self.config.bep42 != "enforce", bep42.fits
        return [one for one in contacts if fits(one.id, one.address[0], exempt=exempt)]

    def would_take(self, contact: Contact) -> bool:
        """Tell whether the table would take a peer in, if it answered."""
        return self.table.would_take(contact) and bool(self.admitted([contact]))

    def heard(self, contact: Contact) -> None:
        """Take note that a peer answered us."""
        table, now = self.table, self.ctx.now()
        self.restraint.note(contact.address)
        misfit = self.config.bep42 and not self.admitted([contact])
        if misfit or contact.id == table.own:
            return
        place = table.heard(contact, now)
        if place is Place.NEW:
            self.on_new(contact)
        elif place is Place.WAITING:
            oldest = table.bucket(contact.id).oldest()
            if oldest and now - oldest.heard_s >= self.config.questionable_s:
                self.checks.check(oldest.contact)

    def ping(self, tid: bytes) -> Query:
        """Return a ping of ours."""
        return Ping(tid, self.ctx.me.id, self.config.read_only)
