"""Checks: pings that find out whether a peer belongs into the table, or still does.

What it shows: being asked by a peer proves little, so whoever would fit is pinged, at
most twice, for its address may be forged. Contacts that we doubt, or have not heard
from for long, are pinged until the time-out: they come back, or go for good.
Source: "Kademlia", IPTPS 2002, section 2.2; BEP 5 "Routing Table".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from p2pkit.core import Contact

if TYPE_CHECKING:
    from p2pkit.protocols.kademlia.messages import Reply
    from p2pkit.protocols.kademlia.peers import Peers


class Checks:
    """The pings of one node that are on their way; never two to one peer."""

    def __init__(self, peers: Peers) -> None:
        self.peers = peers
        self.running: dict[int, Contact] = {}

    def noticed(self, contact: Contact) -> None:
        """Take note that a peer asked us: ping it if the table would take it.

        A contact in doubt is pinged as well: it seems to be back.
        """
        node_id, table = contact.id, self.peers.table
        bucket = table.bucket(node_id)
        known = bucket.entries.get(node_id)
        if known is not None:
            if known.contact.address == contact.address:
                bucket.touch(node_id, self.peers.ctx.now())
                if known.misses:
                    self.check(contact)
        elif self.peers.would_take(contact) and node_id != self.peers.ctx.me.id:
            self.check(contact)

    def check(self, contact: Contact, on_end: Callable[[], None] | None = None) -> bool:
        """Ping a peer; tell whether that is done, and call `on_end` at its end."""
        node_id, config = contact.id, self.peers.config
        stranger = node_id not in self.peers.table.bucket(node_id).entries
        busy = stranger and len(self.running) >= config.max_checks
        if busy or node_id in self.running:
            return False

        def end(_: Reply | None = None) -> None:
            del self.running[node_id]
            if on_end is not None:
                on_end()

        self.running[node_id] = contact
        sends = config.check_sends if stranger else None
        self.peers.ask(contact, self.peers.ping, end, end, sends=sends)
        return True

    def check_silent(self, silent_s: float, on_end: Callable[[], None]) -> None:
        """Ping the contacts in doubt or silent for `silent_s`; then call `on_end`."""
        oldest_s = self.peers.ctx.now() - silent_s
        silent = [
            entry.contact
            for entry in self.peers.table
            if entry.misses or entry.heard_s <= oldest_s
        ]
        left = 1

        def end() -> None:
            nonlocal left
            left -= 1
            if not left:
                on_end()

        for contact in silent:
            left += self.check(contact, end)
        end()
