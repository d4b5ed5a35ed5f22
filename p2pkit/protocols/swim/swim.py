"""What a member of a SWIM cluster is asked: whom it knows, and to look again.

Read first: ``node.py``. Read next: ``heartbeats.py``, its naive twin.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from p2pkit.core import Address, Edge, Operation, PeerUnreachable, format_address
from p2pkit.protocols.swim.members import State
from p2pkit.protocols.swim.messages import Ping, PushPull
from p2pkit.protocols.swim.node import SwimNode

EDGES = {State.ALIVE: "member", State.SUSPECT: "suspect"}
"""How the picture shows a member; who is given up is no neighbor."""


class Swim(SwimNode):
    """One member, with its verbs."""

    def maintain(self) -> Operation[int]:
        """Compare tables with a random member now; ends with the number that are up."""
        operation: Operation[int] = Operation("maintain")
        self.healing.check()
        some = self.members.some(1, lambda one: one.is_up)
        for member in some:
            self.sync.exchange(member.address, lambda _: operation.finish(self.size))
        if not some:
            operation.finish(self.size)
        return operation

    def adopt(self, table: PushPull) -> None:
        """Believe a table that everybody else has as well, so that nobody is told.

        So a large cluster can begin joined: of its own accord each member would tell
        each other of each, which takes n * n * log n claims.
        """
        self.sync.merge(table, asked=True)
        self.gossip.queue.drop([entry.node for entry in table.entries])

    def list_members(self) -> list[dict[str, Any]]:
        """Return what we believe of every member, ourselves first."""
        me = self.ctx.me.address
        own = {"name": self.name, "address": me, "state": "alive"}
        rows = [own | {"incarnation": self.own.incarnation}]
        for one in sorted(self.members, key=lambda one: one.name):
            row = {"name": one.name, "address": one.address, "state": str(one.state)}
            rows.append(row | {"incarnation": one.incarnation})
        return rows

    def ping(self, address: Address) -> Operation[float]:
        """Ask whether somebody is at `address`; ends with the seconds it took."""
        operation: Operation[float] = Operation("ping", began_s=self.ctx.now())
        began_s = self.ctx.now()
        seq = self.pings.expect(
            [address], lambda: operation.finish(self.ctx.now() - began_s)
        )
        where = format_address(address)
        error = PeerUnreachable(f"{where} does not answer: check that a node is there")

        def on_silence() -> None:
            self.pings.forget(seq)
            operation.fail(error)

        self.ctx.send(address, Ping(seq, "", self.ctx.me.address, self.name))
        self.ctx.after(self.config.answer_s, on_silence)
        return operation

    def neighbors(self) -> Iterator[Edge]:
        """Yield the members that are up."""
        for one in self.members:
            if one.is_up:
                yield Edge(EDGES[one.state], one.contact)

    def inspect(self) -> dict[str, Any]:
        """Return what we believe, and how we are, as plain data."""
        waiting = {"claims": len(self.gossip.queue), "pings": len(self.pings.waiting)}
        health = {"health": self.health.score, "id_bits": self.id_bits}
        return {"members": self.list_members(), **waiting, **health}

    def save(self) -> bytes:
        """Return our table as it goes over the wire, for a restart."""
        return self.codec.encode(self.sync.table())

    def restore(self, saved: bytes) -> None:
        """Take up our incarnation from `saved`, and whom to join through."""
        self.joining.remember(self.codec.decode(saved))
