"""Walk: a lookup carried out with requests, and what each query gets on the way.

find_node, get_peers and get differ in the query, and in what is taken from replies.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from p2pkit.core import Contact, Id, PeerUnreachable, RemoteProtocolError
from p2pkit.protocols.kademlia.disjoint import make_lookup
from p2pkit.protocols.kademlia.lookup import Candidate
from p2pkit.protocols.kademlia.messages import Query, Reply

if TYPE_CHECKING:
    from p2pkit.protocols.kademlia.node import KademliaNode


class NotStored(PeerUnreachable):
    """No node took what was to be stored."""

    definite = False

    def __init__(self, target: int) -> None:
        super().__init__(
            f"no node near {Id(target)!r} took it: see the trace for who was asked, "
            "and whether the node has joined"
        )


class Walk:
    """The lookup of `target` by `node`.

    Parameters
    ----------
    query : callable
        Makes the query of a transaction id.
    on_end : callable
        Called with this walk, once, when it has ended.
    take : callable, optional
        Called with each reply before it counts; returns whether the walk may end;
        raises `RemoteProtocolError` to refuse the reply.
    alpha : int, optional
        Requests in flight, if not as the node's settings say.
    """

    def __init__(
        self,
        node: KademliaNode,
        target: int,
        query: Callable[[bytes], Query],
        on_end: Callable[[Walk], None],
        take: Callable[[Reply], bool] | None = None,
        alpha: int | None = None,
    ) -> None:
        self.node, self.query, self.on_end, self.take = node, query, on_end, take
        self.ended = False
        self.tokens: dict[int, bytes] = {}  # by node id: what lets us store there
        self.lookup = make_lookup(target, node.ctx.me, node.config, alpha)

    def start(self) -> None:
        """Ask the first peers."""
        self.lookup.add(self._seeds())
        self._step()

    def _seeds(self) -> list[Contact]:
        lookup = self.lookup
        return self.node.peers.table.closest(lookup.target, lookup.k)

    def _end(self) -> None:
        self.ended = True
        self.on_end(self)

    def _step(self) -> None:
        if self.ended:
            return
        for peer in self.lookup.step(self.node.ctx.now()):
            self.node.peers.ask(
                peer.contact,
                self.query,
                partial(self._on_reply, peer),
                partial(self._on_failure, peer),
                partial(self._on_slow, peer),
            )
        if self.lookup.done:
            self._end()

    def _on_reply(self, peer: Candidate, reply: Reply) -> None:
        if self.ended:
            return
        try:
            found = self.take is not None and self.take(reply)
        except RemoteProtocolError:
            self._on_failure(peer)
            raise
        if reply.token:
            self.tokens[reply.sender_id] = reply.token
        named = self.node.peers.admitted(reply.contacts)
        self.lookup.on_reply(peer, named, self.node.ctx.now())
        if found:
            self._end()
        else:
            self._step()

    def _on_slow(self, peer: Candidate) -> None:
        if not self.ended:
            self.lookup.on_slow(peer)
            self._step()

    def _on_failure(self, peer: Candidate) -> None:
        if not self.ended:
            self.lookup.on_failure(peer, self.node.ctx.now())
            self.lookup.add(self._seeds())  # it is in doubt now, others take its place
            self._step()

    def holders(self) -> tuple[list[Candidate], bool]:
        """Return which peers are to hold the key, and whether we are to.

        They are the k nearest of those that gave a token, and of ourselves.
        """
        lookup, k = self.lookup, self.node.config.k
        near = [c for c in lookup.closest() if c.contact.id in self.tokens]
        own = self.node.ctx.me.id ^ lookup.target
        closer = [c for c in near if c.contact.id ^ lookup.target < own]
        we_hold = len(closer) < k and not self.node.config.read_only
        return near[: k - we_hold], we_hold

    def store(
        self,
        peers: list[Candidate],
        query: Callable[..., Query],
        on_end: Callable[[int], None],
    ) -> None:
        """Send a storing query to each peer, with its token; tell how many took it."""
        left, taken = len(peers), 0

        def count(took: bool) -> None:
            nonlocal left, taken
            left, taken = left - 1, taken + took
            if not left:
                on_end(taken)

        for peer in peers:
            ask = partial(query, token=self.tokens[peer.contact.id])
            took, refused = (lambda _: count(True)), (lambda: count(False))
            self.node.peers.ask(peer.contact, ask, took, refused)
        if not peers:
            on_end(0)
