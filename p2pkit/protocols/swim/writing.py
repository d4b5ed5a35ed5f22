"""Writing memberlist's messages: a type byte, then a body in old msgpack.

Read first: ``bodies.py``. Read next: ``wire.py``.
"""

from __future__ import annotations

from functools import singledispatch
from typing import Final

import msgspec

from p2pkit.core import Address
from p2pkit.protocols.swim import bodies as b
from p2pkit.protocols.swim import fields as f
from p2pkit.protocols.swim import messages as m
from p2pkit.protocols.swim import reading as kind
from p2pkit.protocols.swim.raw import give

_pack = msgspec.msgpack.Encoder().encode
MAX_PARTS: Final = 255


def _head(number: int, body: b.Body) -> bytes:
    return bytes((number,)) + _pack(body)


def _source(source: Address | None) -> tuple[msgspec.Raw, int]:
    return (b.NIL, 0) if source is None else (f.give_host(source[0]), source[1])


@singledispatch
def write(message: object) -> bytes:
    """Return the bytes of a message, without any envelope around them."""
    sentence = f"a {type(message).__name__} is not sent on its own"
    raise TypeError(sentence)


@write.register
def _(message: m.Ping) -> bytes:
    host, port = _source(message.source)
    name, by = give(message.node.encode()), give(message.source_node.encode())
    return _head(kind.PING, b.PingBody(message.seq, name, host, port, by))


@write.register
def _(message: m.IndirectPing) -> bytes:
    target, target_port = _source(message.target)
    host, port = _source(message.source)
    name, by = give(message.node.encode()), give(message.source_node.encode())
    body = b.IndirectBody(
        message.seq, target, target_port, name, message.nack, host, port, by
    )
    return _head(kind.INDIRECT, body)


@write.register
def _(message: m.Ack) -> bytes:
    return _head(kind.ACK, b.AckBody(message.seq, give(message.payload)))


@write.register
def _(message: m.Nack) -> bytes:
    return bytes((kind.NACK,)) + _pack({"SeqNo": message.seq})


@write.register
def _(message: m.Suspect) -> bytes:
    return _head(kind.SUSPECT, _blame(message))


@write.register
def _(message: m.Dead) -> bytes:
    return _head(kind.DEAD, _blame(message))


@write.register
def _(message: m.Alive) -> bytes:
    host, port = message.address
    body = b.AliveBody(
        message.incarnation,
        give(message.node.encode()),
        f.give_host(host),
        port,
        give(message.meta),
        give(message.vsn),
    )
    return _head(kind.ALIVE, body)


@write.register
def _(message: m.PushPull) -> bytes:
    header = b.HeaderBody(len(message.entries), len(message.user_state), message.join)
    entries = (_pack(f.body_of(entry)) for entry in message.entries)
    parts = (_head(kind.PUSH_PULL, header), *entries, message.user_state)
    return b"".join(parts)


@write.register
def _(message: m.User) -> bytes:
    return bytes((kind.USER,)) + message.payload


@write.register
def _(message: m.Failure) -> bytes:
    body = b.FailureBody(give(message.text.encode()))
    return _head(kind.FAILURE, body)


@write.register
def _(message: m.Compound) -> bytes:
    parts = [write(part) for part in message.parts]
    assert 0 < len(parts) <= MAX_PARTS, "whoever fills a datagram counts"
    lengths = b"".join(len(part).to_bytes(2, "big") for part in parts)
    return b"".join((bytes((kind.COMPOUND, len(parts))), lengths, *parts))


def _blame(message: m.Suspect | m.Dead) -> b.BlameBody:
    name, by = give(message.node.encode()), give(message.by.encode())
    return b.BlameBody(message.incarnation, name, by)
