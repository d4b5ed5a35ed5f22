"""Fixed view: a node that talks to the peers it was given, and to no others.

Who knows whom is then the topology that a run was given, and gossip can be studied
without a membership protocol below it. Read next: ``rounds.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha1
from typing import Any, ClassVar

from p2pkit.core import (
    Address,
    Contact,
    Context,
    Edge,
    Joined,
    Operation,
    Rng,
    format_address,
)


class FixedView:
    """A node and its peers.

    `view` may hold the node's own address, which is passed over: so a thousand nodes
    of a complete graph can share one tuple.
    """

    carrier: ClassVar[str] = "datagram"
    topology: ClassVar[str] = "complete"  # of a cluster that is given none

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.view: tuple[Address, ...] = ()

    @staticmethod
    def choose_id(rng: Rng, address: Address, config: Any) -> int:
        """Return the SHA-1 of the address: who knows the one knows the other."""
        return int.from_bytes(sha1(format_address(address).encode()).digest(), "big")

    def bootstrap(self, contacts: Sequence[Address]) -> Operation[None]:
        """Keep `contacts` as the view."""
        others = any(address != self.ctx.me.address for address in contacts)
        self.view = tuple(contacts) if others else ()
        self.ctx.emit(Joined(len(self.view)))
        return done("bootstrap")

    def maintain(self) -> Operation[None]:
        """Do nothing: a fixed view needs no repair."""
        return done("maintain")

    def pick(self) -> Address:
        """Return a random peer; the view must not be empty."""
        peer = me = self.ctx.me.address
        while peer == me:
            peer = self.ctx.rng.choice(self.view)
        return peer

    def neighbors(self) -> Iterable[Edge]:
        """Yield the view."""
        for address in self.view:
            if address != self.ctx.me.address:
                number = self.choose_id(self.ctx.rng, address, None)
                yield Edge("view", Contact(number, address))

    def save(self) -> bytes:
        """Keep nothing; who has something worth keeping does otherwise."""
        return b""

    def restore(self, saved: bytes) -> None:
        """Take nothing up."""

    def stop(self) -> None:
        """Leave; nobody needs a goodbye."""


def done(verb: str) -> Operation[None]:
    """Return an operation that has ended already."""
    operation: Operation[None] = Operation(verb)
    operation.finish(None)
    return operation
