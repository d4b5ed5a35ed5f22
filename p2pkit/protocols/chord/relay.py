"""Recursive lookups: each peer passes the question on, the last one answers the asker.

Every peer on the way acknowledges at once, so whoever asked a dead one tries the next
best. The asker asks the owner itself, as after a walk, and walks if no answer comes.
The price: the answer goes where the question says, so a liar can have one datagram
sent to an address of its choice for each of its own. Walks answer who asked.
Source: I. Stoica et al., "Chord", ToN 2003, section 4.3 and 6.1.
Read next: ``stabilize.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from p2pkit.core import Contact, RemoteProtocolError, Step
from p2pkit.protocols.chord.messages import Relay, Routed
from p2pkit.protocols.chord.ring import unpack_host
from p2pkit.protocols.chord.successors import require_order
from p2pkit.protocols.chord.walk import Found, OnFound, Walk
from p2pkit.protocols.chord.wire import MAX_HOPS, Peer

if TYPE_CHECKING:
    from p2pkit.protocols.chord.node import Position

MAX_SEEN = 1024
"""Lookups passed on that are remembered, so that a resent one is passed on once."""


class Relays:
    """The recursive lookups of one position: its own, and those it passes on."""

    def __init__(self, position: Position) -> None:
        self.position, self.ctx = position, position.ctx
        self.waiting: dict[bytes, Callable[[Routed], None]] = {}
        self._seen: dict[tuple[Peer, bytes], None] = {}

    def find(self, key: int, on_end: OnFound) -> None:
        """Look up a key recursively."""
        position, ctx, began_s = self.position, self.ctx, self.ctx.now()
        route = ctx.rng.getrandbits(32).to_bytes(4, "big")

        def heard(reply: Routed) -> None:
            named = position.peers.claims.contacts(reply.successors)
            require_order(position.ring, key, named, reached=-1)
            del self.waiting[route]
            timer.cancel()
            path = self._steps(reply, began_s)
            walk = Walk(position, key, lambda end: on_end(_after(path, end)))
            walk.start([], named, hop=len(reply.path) + 1)

        def late() -> None:
            if self.waiting.pop(route, None) is not None:
                Walk(position, key, on_end).start(*position.next_hops(key))

        self.waiting[route] = heard
        timer = ctx.after(position.config.timeout_s, late)
        origin = position.peers.claims.name(position.me)
        self._pass_on(key, Relay(b"-", b"", b"", b"", origin, route))

    def on_relay(self, request: Relay) -> None:
        """Pass a peer's lookup on, or end it."""
        position, origin = self.position, request.origin
        position.peers.claims.contacts([origin])
        key = position.ring.unpack(request.key)
        if len(request.path) >= MAX_HOPS:
            reason = "lookup passed on too often"
            raise RemoteProtocolError(reason)
        name = (origin, request.route)
        if name not in self._seen:
            self._seen[name] = None
            if len(self._seen) > MAX_SEEN:
                del self._seen[next(iter(self._seen))]
            self._pass_on(key, request, position.ring.pack(position.me.id))

    def _pass_on(self, key: int, request: Relay, *ours: bytes) -> None:
        """Pass a lookup to the nearest before the key, or end it with those after."""
        ring, origin = self.position.ring, request.origin
        before, after = self.position.next_hops(key)
        names = tuple(map(self.position.peers.claims.name, after))
        path, own = (*request.path, *ours), ring.pack(self.position.me.id)

        def end() -> None:
            if names:  # if not, the asker will notice that nothing comes
                # Through the network even to ourselves: nothing ends while it begins.
                reply = Routed(request.route, own, names, path)
                self.ctx.send((unpack_host(origin.host), origin.port), reply)

        raw, route = ring.pack(key), request.route
        make = partial(Relay, key=raw, origin=origin, route=route, path=path)
        self._try(iter(before), make, end)

    def _try(
        self,
        left: Iterator[Contact],
        make: Callable[..., Relay],
        end: Callable[[], None],
    ) -> None:
        """Pass a lookup to the first peer that takes it; if there is none, end it."""
        to, tried = next(left, None), False
        if to is None:
            end()
            return

        def next_one() -> None:
            nonlocal tried
            if not tried:  # slow first, then failed: one of them is enough
                tried = True
                self._try(left, make, end)

        me = self.position.me.id
        self.position.peers.ask(me, to, make, lambda _: None, next_one, next_one)

    def _steps(self, reply: Routed, began_s: float) -> tuple[Step, ...]:
        """Return the way a lookup took; when each peer had it, the asker cannot see."""
        ids = [self.position.ring.unpack(raw) for raw in reply.path]
        return tuple(
            Step(
                node_id, hop, began_s, self.ctx.now(), "answered", tuple(ids[hop:][:1])
            )
            for hop, node_id in enumerate(ids, start=1)
        )


def _after(path: tuple[Step, ...], end: Found) -> Found:
    return end._replace(steps=path + end.steps)
