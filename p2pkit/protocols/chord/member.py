"""A member of the ring: it joins, looks keys up, mends what is broken, and leaves.

Source: I. Stoica et al., "Chord", ToN 2003, figures 5 and 6.
Read first: ``node.py``. Read next: ``dht.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from p2pkit.core import (
    Address,
    Contact,
    Context,
    Id,
    Operation,
    PeerUnreachable,
    format_address,
)
from p2pkit.protocols.chord import messages as m
from p2pkit.protocols.chord.config import ChordConfig
from p2pkit.protocols.chord.host import ChordHost
from p2pkit.protocols.chord.joining import Membership
from p2pkit.protocols.chord.leaving import leave
from p2pkit.protocols.chord.timers import (
    Work,
    check_predecessor,
    fix_all,
    in_turn,
    stabilize,
)
from p2pkit.protocols.chord.walk import Found, LookupFailed


class ChordMember(ChordHost):
    """One node of the ring, without values put by people."""

    def __init__(self, ctx: Context, config: ChordConfig | None = None) -> None:
        super().__init__(ctx, config)
        self.members = Membership(self)  # how we come, and stay

    def bootstrap(self, contacts: Sequence[Address]) -> Operation[int]:
        """Join through any of these addresses; none for the first node.

        Ends with how many edges we have to others.
        """
        operation: Operation[int] = self._begin("bootstrap", self.ctx.me.id)
        known = dict.fromkeys([*contacts, *self.members.known])
        known.pop(self.ctx.me.address, None)
        self.members.join(list(known), operation)
        return operation

    def maintain(self) -> Operation[int]:
        """Do a round of each repair at once; ends with how many edges we have."""
        operation: Operation[int] = Operation("maintain")
        self.members.round(lambda: operation.finish(len(list(self.neighbors()))))
        return operation

    def stabilize(self) -> Operation[int]:
        """Ask our successors who stands before them, and follow the nearest."""
        return self._each("stabilize", stabilize)

    def fix_fingers(self) -> Operation[int]:
        """Look up all our fingers."""
        return self._each("fix_fingers", fix_all)

    def lookup(self, key: Id) -> Operation[Contact]:
        """Find the node that `key` belongs to: the first at or after it."""
        operation: Operation[Contact] = self._begin("lookup", self.ring.key_of(key))

        def end(found: Found) -> None:
            operation.steps = found.steps
            if found.owner is None:
                operation.fail(LookupFailed(operation.target, self.config.id_bits))
            else:
                operation.finish(found.owner)

        self.find(operation.target, end)
        return operation

    def ping(self, address: Address) -> Operation[Id]:
        """Ask whoever is at `address` for its id."""
        operation: Operation[Id] = self._begin("ping")
        where = format_address(address)
        error = PeerUnreachable(f"{where} does not answer: check that a node is there")
        self.peers.greet(
            self.ctx.me.id,
            address,
            m.Ping,
            lambda contact, _: operation.finish(Id(contact.id)),
            lambda: operation.fail(error),
        )
        return operation

    def _on_lost(self, contact: Contact) -> None:
        self.members.reunion.on_lost(contact.address)
        super()._on_lost(contact)

    def _each(self, verb: str, work: Work) -> Operation[int]:
        operation: Operation[int] = self._begin(verb)
        end = partial(operation.finish, len(self.positions))
        in_turn(self.positions, work, end)
        return operation

    def check_predecessor(self) -> Operation[int]:
        """Find out whether our predecessors are there."""
        return self._each("check_predecessor", check_predecessor)

    def leave(self) -> Operation[int]:
        """Hand our values over and leave the ring; ends with how many were handed.

        Afterwards the node refuses what it is asked, until it joins again.
        """
        operation: Operation[int] = self._begin("leave", self.ctx.me.id)
        leave(self, operation)
        return operation
