"""Reading memberlist's messages: a type byte, then a body, each field bounded.

Read first: ``bodies.py``. Read next: ``wire.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec

from p2pkit.core import Message, RemoteProtocolError
from p2pkit.protocols.swim import bodies as b
from p2pkit.protocols.swim import fields as f
from p2pkit.protocols.swim import messages as m
from p2pkit.protocols.swim.raw import INCOMPLETE, end_of, take, text

T = TypeVar("T")

PING, INDIRECT, ACK, SUSPECT, ALIVE, DEAD, PUSH_PULL = range(7)
COMPOUND, USER, COMPRESS, ENCRYPT, NACK, CRC, FAILURE = range(7, 14)

MAX_ENTRIES: Final = 16_384
"""Members of one push/pull at most."""


def read(kind: type[T]) -> Callable[[bytes], T]:
    """Return a function that reads bodies of one kind."""
    decode = msgspec.msgpack.Decoder(kind).decode

    def from_bytes(data: bytes) -> T:
        try:
            return decode(data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            reason = "malformed body"
            raise RemoteProtocolError(reason) from error

    return from_bytes


_ping, _indirect = read(b.PingBody), read(b.IndirectBody)
_ack, _blame, _alive = read(b.AckBody), read(b.BlameBody), read(b.AliveBody)
_header, _entries, _failure = (
    read(b.HeaderBody),
    read(list[b.EntryBody]),
    read(b.FailureBody),
)
compressed = read(b.CompressBody)


def read_ping(data: bytes) -> m.Ping:
    """Read a ping; very old members do not name whom they mean."""
    body = _ping(data)
    name = text(body.node, f.MAX_NAME_BYTES)
    by = text(body.source_node, f.MAX_NAME_BYTES)
    return m.Ping(body.seq_no, name, f.source_of(body), by)


def read_indirect(data: bytes) -> m.IndirectPing:
    """Read an indirect ping."""
    body = _indirect(data)
    target = (f.host_of(body.target), body.port)
    by = text(body.source_node, f.MAX_NAME_BYTES)
    name, source = f.name_of(body.node), f.source_of(body)
    return m.IndirectPing(body.seq_no, name, target, body.nack, source, by)


def read_ack(data: bytes) -> m.Ack:
    """Read an ack."""
    body = _ack(data)
    return m.Ack(body.seq_no, take(body.payload, f.MAX_PAYLOAD_BYTES))


def read_suspect(data: bytes) -> m.Suspect:
    """Read a suspicion."""
    body = _blame(data)
    by = text(body.by, f.MAX_NAME_BYTES)
    return m.Suspect(body.incarnation, f.name_of(body.node), by)


def read_dead(data: bytes) -> m.Dead:
    """Read an obituary."""
    blame = read_suspect(data)
    return m.Dead(blame.incarnation, blame.node, blame.by)


def read_alive(data: bytes) -> m.Alive:
    """Read a sign of life."""
    body = _alive(data)
    return m.Alive(
        body.incarnation,
        f.name_of(body.node),
        (f.host_of(body.addr), body.port),
        take(body.meta, f.MAX_META_BYTES),
        take(body.vsn, 6),
    )


def read_push_pull(data: bytes) -> m.PushPull:
    """Read a table: a header, as many members as it says, and the user's state."""
    start = end_of(data)
    if start == INCOMPLETE:
        _refuse("malformed body")
    header = read_header(data[:start])
    end = len(data) - header.user_state_len
    if end < start:
        _refuse("malformed body")
    # With the head of an array before them, the members are read at one stroke.
    entries = _entries(b"\xdd" + header.nodes.to_bytes(4, "big") + data[start:end])
    return m.PushPull(header.join, tuple(map(f.entry_of, entries)), data[end:])


def read_header(data: bytes) -> b.HeaderBody:
    """Read what stands before the members of a table."""
    header = _header(data)
    if header.nodes > MAX_ENTRIES:
        _refuse("table too large")
    return header


READERS: Final[dict[int, Callable[[bytes], Message]]] = {
    PING: read_ping,
    INDIRECT: read_indirect,
    ACK: read_ack,
    SUSPECT: read_suspect,
    ALIVE: read_alive,
    DEAD: read_dead,
    PUSH_PULL: read_push_pull,
    USER: m.User,
    NACK: lambda data: m.Nack(_ack(data).seq_no),
    FAILURE: lambda data: m.Failure(text(_failure(data).error, f.MAX_PAYLOAD_BYTES)),
}
"""What reads the body behind each type byte."""


def _refuse(reason: str) -> Any:
    raise RemoteProtocolError(reason)
