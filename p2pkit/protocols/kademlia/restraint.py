"""Restraint: a long answer goes only to an address that has proved itself.

What it shows: whoever forges the source of a query has the answer sent to a victim, and
an answer may be ten times as long as its query: that is amplification. A node cannot
see the forgery, but it can ask. A ping to the address is shorter than the query, and
only who lives there repeats its transaction id; then the long answer follows.
Differs from BEP 5, where everybody is answered at once. It costs two messages and a
round trip with each peer that we have not heard from for `PROOF_S`. A read-only peer
answers no ping, so it gets what is short, without contacts or values.
Source: the same idea as in RFC 9000, section 8: three times what came in, until the
address is proved; RFC 7873 does it with cookies.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from p2pkit.core import Address, Contact, Recent
from p2pkit.protocols.kademlia import messages as m
from p2pkit.protocols.kademlia.krpc import write
from p2pkit.protocols.kademlia.messages import Query

if TYPE_CHECKING:
    from p2pkit.protocols.kademlia.peers import Peers

PROOF_S = 600.0  # as long as a write token counts (BEP 5)
MAX_PROVED = 10_000
MAX_WAITING = 4  # answers that wait for one address


class Restraint:
    """Sends the answers of one node, the long ones when their asker is proved."""

    def __init__(self, peers: Peers) -> None:
        self.peers, self.factor = peers, peers.config.max_reply_factor
        self.proved: Recent[Address, float] = Recent(MAX_PROVED)
        self.waiting: dict[Address, list[m.Reply]] = {}

    def note(self, address: Address) -> None:
        """Take note that a peer has answered us, at its address."""
        if self.factor:
            self.proved.put(address, self.peers.ctx.now())

    def send(self, to: Address, query: Query, answer: m.Reply | m.Error) -> None:
        """Send an answer, now or when `to` has answered a ping."""
        if isinstance(answer, m.Error) or self._may_have(to, query, answer):
            self.peers.ctx.send(to, answer)
        elif query.read_only:
            short = m.Reply(query.tid, answer.sender_id, token=answer.token)
            self.peers.ctx.send(to, short)
        else:
            self._ask_first(Contact(query.sender_id, to), answer)

    def _may_have(self, to: Address, query: Query, answer: m.Reply) -> bool:
        if not self.factor or self._is_proved(to):
            return True
        return len(write(answer)) <= self.factor * len(write(query))

    def _is_proved(self, address: Address) -> bool:
        return self.peers.ctx.now() - self.proved.get(address, -PROOF_S) < PROOF_S

    def _ask_first(self, asker: Contact, answer: m.Reply) -> None:
        waiting = self.waiting.get(asker.address)
        if waiting is not None:
            if len(waiting) < MAX_WAITING:
                waiting.append(answer)
        elif self.peers.checks.check(asker, partial(self._on_checked, asker.address)):
            self.waiting[asker.address] = [answer]

    def _on_checked(self, address: Address) -> None:
        answers = self.waiting.pop(address)
        if self._is_proved(address):
            for answer in answers:
                self.peers.ctx.send(address, answer)
