"""Kademlia as the Mainline DHT runs it: nodes that keep values and peers for others.

What it shows: to store is to walk to the key and leave the value at the k nearest
nodes; to find is the same walk, ended by whoever has it.
Source: BEP 5 (torrents), BEP 44 (items), BEP 51 (samples); "Kademlia", section 2.3.
Simplified: values are not cached along the way (paper 2.3).
Read first: ``node.py``. Read next: ``values.py``, ``torrents.py``, ``replication.py``.
"""

from __future__ import annotations

from typing import Any

from p2pkit.core import Address, Contact, Context, Id, LocalProtocolError, Operation
from p2pkit.protocols.kademlia import saving
from p2pkit.protocols.kademlia.config import KademliaConfig
from p2pkit.protocols.kademlia.distance import key_of
from p2pkit.protocols.kademlia.items import (
    Item,
    encode_value,
    mutable_target,
    signed_item,
)
from p2pkit.protocols.kademlia.node import KademliaNode
from p2pkit.protocols.kademlia.replication import Replication
from p2pkit.protocols.kademlia.torrents import Torrents
from p2pkit.protocols.kademlia.values import Steps, Values


class Kademlia(KademliaNode):
    """One node of the DHT."""

    def __init__(self, ctx: Context, config: KademliaConfig | None = None) -> None:
        super().__init__(ctx, config)
        self.values, self.torrents = Values(self), Torrents(self)
        self.replication = Replication(self)
        self.replication.start()

    def put(self, value: bytes) -> Operation[Id]:
        """Store a value under its hash, which is the key it is found by.

        The value is bytes, or an int, list or dictionary as bencoding allows, of at
        most 1000 bytes. We put it again every hour while we run.
        """
        return self._publish("put", Item(encode_value(value)))

    def get(self, key: Id) -> Operation[Any]:
        """Find the value stored under `key`; None if nobody has it."""
        operation = self._begin("get", key_of(key))

        def end(item: Item | None, steps: Steps) -> None:
            operation.steps = steps
            operation.finish(None if item is None else item.value)

        self.values.get(operation.target, end)
        return operation

    def put_mutable(
        self, secret: bytes, value: bytes, salt: bytes = b"", seq: int | None = None
    ) -> Operation[Id]:
        """Store a value under the public key of `secret`, replacing the one before.

        Parameters
        ----------
        secret : bytes
            32 bytes, the seed of an Ed25519 key.
        value : bytes
            As for `put`.
        salt : bytes
            Tells apart several values under one key; at most 64 bytes.
        seq : int, optional
            Its number, higher than the one before; found by a get if left out.
        """
        if seq is not None:
            return self._publish("put_mutable", signed_item(secret, value, seq, salt))
        draft = signed_item(secret, value, 0, salt)
        operation: Operation[Id] = self._begin("put_mutable", draft.target)

        def end(item: Item | None, _: Steps) -> None:
            number = 1 if item is None else item.seq + 1
            try:
                self._store(signed_item(secret, value, number, salt), operation)
            except LocalProtocolError as error:  # the highest number is taken
                operation.fail(error)

        self.values.get(draft.target, end, salt)
        return operation

    def get_mutable(self, public: bytes, salt: bytes = b"") -> Operation[Item | None]:
        """Find the newest item under a 32-byte public key; None if there is none."""
        operation = self._begin("get_mutable", mutable_target(public, salt))

        def end(item: Item | None, steps: Steps) -> None:
            operation.steps = steps
            operation.finish(item)

        self.values.get(operation.target, end, salt)
        return operation

    def announce(self, infohash: Id, port: int = 0) -> Operation[int]:
        """Say that we have a torrent, at `port` or our own; ends with how many know."""
        if not 0 <= port <= 0xFFFF:
            reason = f"a port is a number from 0 (ours) to 65535, not {port}"
            raise LocalProtocolError(reason)
        operation: Operation[int] = self._begin("announce", key_of(infohash))
        port = port or self.ctx.me.address[1]
        self.torrents.announce(operation.target, port, operation)
        return operation

    def get_peers(self, infohash: Id) -> Operation[list[Address]]:
        """Find the peers that announced a torrent."""
        operation: Operation[list[Address]]
        operation = self._begin("get_peers", key_of(infohash))
        self.torrents.get_peers(operation.target, operation)
        return operation

    def sample_infohashes(self, contact: Contact) -> Operation[list[Id]]:
        """Ask a peer for some of the infohashes that it keeps peers of (BEP 51)."""
        operation: Operation[list[Id]] = self._begin("sample_infohashes", contact.id)
        self.torrents.sample(contact, operation)
        return operation

    def save(self) -> bytes:
        """Return contacts and items, for a restart with this state."""
        return saving.save(self)

    def restore(self, saved: bytes) -> None:
        """Take up what `save` returned: our items, and contacts to join through."""
        saving.restore(self, saved)

    def stop(self) -> None:
        """Cancel the timers."""
        super().stop()
        self.replication.stop()

    def _publish(self, verb: str, item: Item) -> Operation[Id]:
        operation: Operation[Id] = self._begin(verb, item.target)
        self._store(item, operation)
        return operation

    def _store(self, item: Item, operation: Operation[Id]) -> None:
        def ended(put: Operation[Id]) -> None:
            if put.error is None:
                self.replication.publish(item)

        operation.then(ended)
        self.values.put(item, operation)

    def _on_new(self, contact: Contact) -> None:
        self.replication.on_new(contact)
