"""Messages of the Mainline DHT: seven queries, one kind of reply, one of error.

A query carries a transaction id `tid` that its answer repeats. On the wire a reply
does not say which query it answers, so there is one `Reply` whose fields are there or
not; ``krpc.py`` turns all of them into bencoded dictionaries and back.
Source: BEP 5 (ping, find_node, get_peers, announce_peer), BEP 44 (get, put),
BEP 51 (sample_infohashes), BEP 43 (read_only), BEP 32 (want), BEP 42 (observed).
Read next: ``krpc.py``.
"""

from __future__ import annotations

from p2pkit.core import Address, Contact, Message
from p2pkit.protocols.kademlia.items import Item


class Query(Message, frozen=True):
    """Base of the queries: transaction id, the asker's id and its read-only flag."""

    tid: bytes
    sender_id: int
    read_only: bool


class Ping(Query, frozen=True):
    """Ask a node whether it is there."""


class FindNode(Query, frozen=True):
    """Ask for the contacts a node knows nearest to `target`."""

    target: int
    want: tuple[bytes, ...] = ()


class GetPeers(Query, frozen=True):
    """Ask who has the torrent `infohash`, and for the contacts nearest to it."""

    infohash: int
    want: tuple[bytes, ...] = ()


class AnnouncePeer(Query, frozen=True):
    """Say that we have the torrent `infohash`, at `port` or the port this came from."""

    infohash: int
    port: int
    token: bytes
    implied_port: bool = False


class Get(Query, frozen=True):
    """Ask for the item under `target`, if it is newer than `seq`."""

    target: int
    seq: int | None = None
    want: tuple[bytes, ...] = ()


class Put(Query, frozen=True):
    """Store `item`; `cas` demands the sequence number that it replaces.

    `age_s` is ours: a holder that passes an item on says how old it is, so that
    replication does not keep alive what nobody publishes any more.
    """

    item: Item
    token: bytes
    cas: int | None = None
    age_s: int = 0


class SampleInfohashes(Query, frozen=True):
    """Name some of the infohashes that you keep."""

    target: int
    want: tuple[bytes, ...] = ()


class Unanswerable(Query, frozen=True):
    """A query that cannot be carried out: why, as an error code and a few words."""

    code: int
    reason: str


class Sample(Message, frozen=True):
    """Part of a reply: `infohashes` out of `num`, and when to ask again."""

    interval_s: int
    num: int
    infohashes: tuple[int, ...]


class Reply(Message, frozen=True):
    """The answer to any query; what was not asked for is not there.

    `nodes` and `nodes6` are the contacts nearest to the target, on IPv4 and on IPv6,
    None where not asked for; `peers` are those of a torrent, `observed` is the
    asker's address as the node saw it.
    """

    tid: bytes
    sender_id: int
    nodes: tuple[Contact, ...] | None = None
    token: bytes = b""
    peers: tuple[Address, ...] = ()
    item: Item | None = None
    seq: int | None = None
    sample: Sample | None = None
    observed: Address | None = None
    nodes6: tuple[Contact, ...] | None = None

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """The contacts of both families."""
        return (self.nodes or ()) + (self.nodes6 or ())


class Error(Message, frozen=True):
    """A query was refused."""

    tid: bytes
    code: int
    text: str


GENERIC, SERVER, PROTOCOL, UNKNOWN_METHOD = 201, 202, 203, 204
TOO_BIG, BAD_SIGNATURE, SALT_TOO_BIG, CAS_MISMATCH, OLD_SEQ = 205, 206, 207, 301, 302

ERRORS = {
    GENERIC: "generic error",
    SERVER: "server error",
    PROTOCOL: "protocol error",
    UNKNOWN_METHOD: "method unknown",
    TOO_BIG: "value of more than 1000 bytes",
    BAD_SIGNATURE: "invalid signature",
    SALT_TOO_BIG: "salt of more than 64 bytes",
    CAS_MISMATCH: "the compared sequence number is not the stored one",
    OLD_SEQ: "sequence number lower than the stored one",
}
"""What each error code says (BEP 5, BEP 44)."""
