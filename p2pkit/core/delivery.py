"""Delivery: what protocols that carry news to many have in common."""

from __future__ import annotations

from hashlib import blake2b
from typing import TypeVar

from p2pkit.core.address import Address
from p2pkit.core.errors import LocalProtocolError
from p2pkit.core.event import Event

K = TypeVar("K")
V = TypeVar("V")

ID_BYTES = 16
"""Length of a message's id."""


class Delivered(Event, frozen=True):
    """A node has got a message that was meant for it, for the first time.

    Parameters
    ----------
    topic : str
        What it is about; empty where everything goes to everybody.
    message_id : bytes
        The same at every node, see `message_id`.
    sender : Address or None
        The peer it came from; None where it began. All of these make the tree that
        the message went.
    hops : int
        Links it has crossed; 0 where it began.
    """

    topic: str
    message_id: bytes
    sender: Address | None
    hops: int


def message_id(topic: str, nonce: bytes, payload: bytes) -> bytes:
    """Return the id of a message: 16 bytes that bind topic, nonce and payload.

    Nobody sends an id beside its payload, so nobody can send one under a false id.

    Examples
    --------
    >>> message_id("news", b"1", b"hello") == message_id("news", b"1", b"hello")
    True
    >>> message_id("news", b"1", b"hello") == message_id("new", b"s1", b"hello")
    False
    """
    name = topic.encode()
    head = len(name).to_bytes(2, "big") + len(nonce).to_bytes(2, "big")
    return blake2b(head + name + nonce + payload, digest_size=ID_BYTES).digest()


class Recent(dict[K, V]):
    """A dictionary of at most `limit` entries: the oldest makes room for the newest.

    Examples
    --------
    >>> seen = Recent[str, int](2)
    >>> for name in ("a", "b", "c"):
    ...     seen.put(name, 1)
    >>> list(seen)
    ['b', 'c']
    """

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit

    def put(self, key: K, value: V) -> None:
        """Set an entry; one that is new may push the oldest out."""
        if key not in self and len(self) >= self.limit:
            del self[next(iter(self))]
        self[key] = value


def require_payload(payload: bytes, most: int) -> None:
    """Raise `LocalProtocolError` for a payload that is too long to be sent."""
    if len(payload) > most:
        reason = (
            f"{len(payload)} bytes are more than one message may carry: send at most "
            f"{most}, or raise max_payload_bytes at every node"
        )
        raise LocalProtocolError(reason)
