"""A node of the Kademlia overlay: it joins, answers, and finds the nodes near a key.

What it shows: a table of peers that have answered us, and a walk toward a key.
Source: P. Maymounkov and D. Mazieres, "Kademlia", IPTPS 2002; BEP 5, BEP 43.
Simplified: only our own range splits (paper 4.2); IPv6 is an overlay apart (BEP 32).
Read first: ``distance.py``, ``bucket.py``, ``table.py``, ``lookup.py``.
Read next: ``peers.py``, ``walk.py``, ``responder.py``, ``upkeep.py``, ``dht.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from p2pkit.core import (
    Address,
    Contact,
    Context,
    Edge,
    Id,
    Operation,
    PeerUnreachable,
    RemoteProtocolError,
    Rng,
    format_address,
)
from p2pkit.protocols.kademlia import bep42
from p2pkit.protocols.kademlia.config import KademliaConfig
from p2pkit.protocols.kademlia.distance import ID_BITS, key_of
from p2pkit.protocols.kademlia.krpc import KrpcCodec
from p2pkit.protocols.kademlia.messages import Error, Query, Reply
from p2pkit.protocols.kademlia.peers import Peers
from p2pkit.protocols.kademlia.responder import Answerable, Responder
from p2pkit.protocols.kademlia.storage import Storage
from p2pkit.protocols.kademlia.upkeep import Upkeep
from p2pkit.protocols.kademlia.walk import Walk


class KademliaNode:
    """One node of the overlay."""

    codec: ClassVar[KrpcCodec] = KrpcCodec()
    carrier: ClassVar[str] = "datagram"
    id_bits: ClassVar[int] = ID_BITS
    Config: ClassVar[type[KademliaConfig]] = KademliaConfig

    def __init__(self, ctx: Context, config: KademliaConfig | None = None) -> None:
        self.ctx = ctx
        self.config: KademliaConfig = self.Config.of(config)
        self.storage = Storage(self.config)
        self.upkeep = Upkeep(self)
        self.peers = Peers(ctx, self.config, self._on_new)
        self.responder = Responder(ctx, self.config, self.peers.table, self.storage)
        self.remembered: list[Address] = []  # from before a restart
        self._operations = 0

    @staticmethod
    def choose_id(
        rng: Rng, address: Address, config: KademliaConfig | None = None
    ) -> int:
        """Return a random id, or with the `bep42` switch one that fits `address`."""
        if config is not None and config.bep42:
            return bep42.make_id(address[0], rng)
        return rng.getrandbits(ID_BITS)

    def receive(self, sender: Address, message: Answerable | Reply | Error) -> None:
        """Handle one message; calls never overlap."""
        if isinstance(message, Query):
            self._on_query(sender, message)
        else:
            self.peers.on_answer(sender, message)

    def _on_query(self, sender: Address, message: Answerable) -> None:
        if self.config.read_only:
            reason = "query to a read-only node"
            raise RemoteProtocolError(reason)
        answer = self.responder.answer(sender, message)
        self.peers.restraint.send(sender, message, answer)
        if isinstance(answer, Error):
            raise RemoteProtocolError(answer.text)
        if not message.read_only:
            self.peers.checks.noticed(Contact(message.sender_id, sender))

    def bootstrap(self, contacts: Sequence[Address]) -> Operation[int]:
        """Join through any of these addresses; none for the first node.

        Ends with the number of contacts in the table.
        """
        operation: Operation[int] = self._begin("bootstrap", self.ctx.me.id)
        addresses = dict.fromkeys([*contacts, *self.remembered])
        addresses.pop(self.ctx.me.address, None)
        self.upkeep.join(list(addresses), operation)
        return operation

    def maintain(self) -> Operation[int]:
        """Check contacts and refresh buckets now; ends with the size of the table."""
        operation: Operation[int] = Operation("maintain")
        self.upkeep.round(lambda: operation.finish(len(self.peers.table)))
        return operation

    def ping(self, address: Address) -> Operation[Id]:
        """Ask whoever is at `address` for its id."""
        operation: Operation[Id] = self._begin("ping")
        reason = (
            f"{format_address(address)} does not answer: check that a node is there"
        )
        self.peers.greet(
            address,
            self.peers.ping,
            lambda reply: operation.finish(Id(reply.sender_id)),
            lambda: operation.fail(PeerUnreachable(reason)),
        )
        return operation

    def lookup(self, key: Id) -> Operation[list[Contact]]:
        """Find the k nodes nearest to `key`, ourselves left out, nearest first."""
        operation: Operation[list[Contact]] = self._begin("lookup", key_of(key))

        def end(walk: Walk) -> None:
            operation.steps = walk.lookup.steps()
            operation.finish([peer.contact for peer in walk.lookup.closest()])

        self.upkeep.find(operation.target, end)
        return operation

    def neighbors(self) -> Iterator[Edge]:
        """Yield the contacts in the table, bucket by bucket from far to near."""
        return (Edge("bucket", entry.contact) for entry in self.peers.table)

    def inspect(self) -> dict[str, Any]:
        """Return the buckets and what is stored, as plain data."""
        stored = self.storage.inspect(self.ctx.now())
        sizes = {"k": self.config.k, "id_bits": self.id_bits}
        return {"buckets": self.peers.table.inspect(), **stored, **sizes}

    def stop(self) -> None:
        """Cancel the timers; the DHT has no word for goodbye."""
        self.upkeep.stop()
        self.peers.requests.stop()

    def _begin(self, verb: str, target: int = 0) -> Operation[Any]:
        """Return a numbered operation that emits its closing event when it ends."""
        self._operations += 1
        number, now = self._operations, self.ctx.now()
        operation: Operation[Any] = Operation(verb, target, number, now)
        operation.then(lambda ended: self.ctx.emit(ended.event()))
        return operation

    def _on_new(self, contact: Contact) -> None:
        """Do what a contact that is new in the table calls for: here, nothing."""
