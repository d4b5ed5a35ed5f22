"""Growth: how a servent gets its links, and others in place of those it lost.

It tries addresses it has heard of, a few at a time, until it has enough links. Nobody
decides what the overlay looks like; old servents end up with many links. A servent
that is not to grow keeps to those it was told of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from p2pkit.core import (
    Address,
    BothContext,
    Joined,
    Operation,
    PeerUnreachable,
    format_address,
)
from p2pkit.protocols.gnutella import speech
from p2pkit.protocols.gnutella.config import GnutellaConfig
from p2pkit.protocols.gnutella.host_cache import HostCache, read_host
from p2pkit.protocols.gnutella.link import Link, Stage
from p2pkit.protocols.gnutella.links import Links
from p2pkit.protocols.gnutella.reports import Connected, Disconnected


class Joining:
    """Links that somebody waits for."""

    def __init__(self, peers: Iterable[Address], ended: Callable[[], None]) -> None:
        self.peers, self.ended = dict.fromkeys(peers), ended


class Growth:
    """Keeps the number of links up."""

    def __init__(
        self, ctx: BothContext, config: GnutellaConfig, hosts: HostCache, links: Links
    ) -> None:
        self.ctx, self.config, self.hosts, self.links = ctx, config, hosts, links
        self.told: dict[Address, None] = {}  # whom we were told to link to
        self._awaited: dict[Address, None] = {}  # who said that it dials us
        self._joining: list[Joining] = []

    def join(self, contacts: Sequence[Address]) -> Operation[int]:
        """Link to these; the operation ends when all are decided."""
        operation: Operation[int] = Operation("bootstrap", began_s=self.ctx.now())

        def ended() -> None:
            linked = len(self.links.open())
            if linked or not contacts:
                self.ctx.emit(Joined(linked))
                operation.finish(linked)
            else:
                reason = "none of the servents known beforehand answers: give others"
                operation.fail(PeerUnreachable(reason))

        self._dial(contacts, ended)
        return operation

    def connect(self, peer: Address) -> Operation[bool]:
        """Link to a peer; ends with whether it is."""
        operation: Operation[bool] = Operation("connect", began_s=self.ctx.now())
        self._dial([peer], lambda: operation.finish(self.is_linked(peer)))
        return operation

    def disconnect(self, peer: Address) -> bool:
        """Close the link to a peer, for good; return whether there was one."""
        self.told.pop(peer, None)
        self.hosts.forget(peer)
        links = self.links.to(peer)
        for link in links:
            self.links.close(link, 200, "Not needed")
        return bool(links)

    def grow(self) -> None:
        """Dial some of those we have heard of, if links are missing."""
        for peer in self.told:
            self.links.dial(peer)
        self._dial_some()

    def lacking(self) -> int:
        """Return how many links are missing; none, if it is not to grow."""
        wanted = self.config.degree if self.config.grow else 0
        return max(0, wanted - len(self.links.peers()))

    def is_linked(self, peer: Address) -> bool:
        """Whether there is an open link to a peer."""
        return any(link.is_open for link in self.links.to(peer))

    def on_up(self, link: Link) -> None:
        """Hear of a link that is open."""
        self._awaited.pop(link.peer, None)
        self.ctx.emit(Connected(link.peer, link.role))
        self._settle()

    def on_down(self, link: Link) -> None:
        """Hear of a link that is gone, or never came to be."""
        if link.is_open:
            self.ctx.emit(Disconnected(link.peer))
        elif link.ours and link.stage is Stage.OPENED:
            self._dial_some()  # nobody was there, which is one less to try
        elif link.ours and link.greeting.line == speech.TWICE:
            self._awaited[link.peer] = None  # its own stream to us is on its way
            self.ctx.after(self.config.handshake_s, lambda: self._give_up(link.peer))
        self._settle()

    def save(self) -> bytes:
        """Return whom we have heard of, for a restart."""
        return "\n".join(map(format_address, self.hosts.known())).encode()

    def restore(self, saved: bytes) -> None:
        """Take up what `save` returned."""
        for line in reversed(saved.decode().split("\n")):
            if (address := read_host(line)) is not None:
                self.hosts.add(address)

    def _dial(self, peers: Sequence[Address], ended: Callable[[], None]) -> None:
        for peer in peers:
            self.hosts.add(peer)
            if not self.config.grow:
                self.told[peer] = None
            self.links.dial(peer)
        self._joining.append(Joining(peers, ended))
        self._settle()

    def _dial_some(self) -> None:
        linked = self.links.peers()
        for peer in self.hosts.pick(self.ctx.rng, self.lacking(), linked):
            self.links.dial(peer)

    def _settle(self) -> None:
        for one in list(self._joining):
            if not any(self._is_pending(peer) for peer in one.peers):
                self._joining.remove(one)
                one.ended()

    def _is_pending(self, peer: Address) -> bool:
        if peer in self.links.dialing or peer in self._awaited:
            return True
        return any(not link.is_open for link in self.links.to(peer))

    def _give_up(self, peer: Address) -> None:
        if peer in self._awaited:
            del self._awaited[peer]
            self._settle()
