"""Growth: how a servent gets its links, and others in place of those it lost.

It tries addresses it has heard of, a few at a time, until it has enough links. Nobody
decides what the overlay looks like; old servents end up with many links.
"""

from __future__ import annotations

from collections.abc import Sequence

from p2pkit.core import (
    Address,
    BothContext,
    Event,
    Joined,
    Operation,
    PeerUnreachable,
    format_address,
)
from p2pkit.protocols.gnutella.config import GnutellaConfig
from p2pkit.protocols.gnutella.host_cache import HostCache, read_host
from p2pkit.protocols.gnutella.link import Link
from p2pkit.protocols.gnutella.links import Links


class Linked(Event, frozen=True):
    """A link to a peer is open, or is gone."""

    peer: Address
    is_open: bool


class Growth:
    """Keeps the number of links up."""

    def __init__(
        self, ctx: BothContext, config: GnutellaConfig, hosts: HostCache
    ) -> None:
        self.ctx, self.config, self.hosts = ctx, config, hosts
        self.links: Links  # set by the node, for each of the two calls the other
        self._joining: Operation[int] | None = None

    def join(self, contacts: Sequence[Address]) -> Operation[int]:
        """Link to these; the operation ends when all are decided."""
        operation: Operation[int] = Operation("bootstrap", began_s=self.ctx.now())
        self._joining = operation
        for contact in contacts:
            self.hosts.add(contact)
            self.links.dial(contact)
        self._on_upkeep()
        self._settle()
        return operation

    def grow(self) -> None:
        """Dial some of those we have heard of, if links are missing."""
        linked = self.links.peers()
        lacking = self.config.degree - len(linked)
        if self.config.grow and lacking > 0:
            for peer in self.hosts.pick(self.ctx.rng, lacking, linked):
                self.links.dial(peer)

    def on_up(self, link: Link) -> None:
        """Hear of a link that is open."""
        self.ctx.emit(Linked(link.peer, True))
        self._settle()

    def on_down(self, link: Link) -> None:
        """Hear of a link that is gone, or never came to be."""
        if link.is_open:
            self.ctx.emit(Linked(link.peer, False))
        self._settle()

    def save(self) -> bytes:
        """Return whom we have heard of, for a restart."""
        hosts = self.hosts.newest(len(self.hosts))
        return "\n".join(map(format_address, hosts)).encode()

    def restore(self, saved: bytes) -> None:
        """Take up what `save` returned."""
        for line in reversed(saved.decode().split("\n")):
            if (address := read_host(line)) is not None:
                self.hosts.add(address)

    def _settle(self) -> None:
        operation = self._joining
        if operation is None or self.links.pending():
            return
        self._joining, linked = None, len(self.links.open())
        if linked or not len(self.hosts):
            self.ctx.emit(Joined(linked))
            operation.finish(linked)
        else:
            reason = "none of the servents known beforehand answers: give others"
            operation.fail(PeerUnreachable(reason))

    def _on_upkeep(self) -> None:
        self.grow()
        self.ctx.after(self.config.upkeep_s, self._on_upkeep)
