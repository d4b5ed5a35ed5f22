"""Messages of anti-entropy: sums; clocks where sums differ; the versions themselves.

A datagram holds sums of all that a node has, but not the clock of every key. So keys
fall into buckets by their hash, and whoever is called names clocks only for buckets
whose sums differ. Each part of these says which span of keys it is complete for, so
that a part that is lost takes nothing else along. Read next: ``merges.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, TypeVar

from msgspec import Meta, Struct, msgpack

from p2pkit.core import Address, Event, Message

BUCKETS = 64
SUM_BYTES = 8
PAGE_BYTES = 1000
"""What a page of clocks or versions holds; with all around it, it fits 1200 bytes."""

MAX_KEY_BYTES = 64
MAX_VALUE_BYTES = 400
MAX_WRITERS = 32
"""Writers in one clock: with the longest key and value it still fits a datagram."""

WRITER_BYTES = 8

Item = TypeVar("Item")
encode = msgpack.Encoder().encode

Key = Annotated[bytes, Meta(max_length=MAX_KEY_BYTES)]
Value = Annotated[bytes, Meta(max_length=MAX_VALUE_BYTES)]
Writer = Annotated[bytes, Meta(min_length=WRITER_BYTES, max_length=WRITER_BYTES)]
Count = Annotated[int, Meta(ge=1, le=2**62)]
Clock = Annotated[tuple[tuple[Writer, Count], ...], Meta(max_length=MAX_WRITERS)]
"""Writes known, by writer, in their order: a count, or for last writers the time."""


class Version(Struct, frozen=True, array_like=True, gc=False):
    """A value, None if deleted, and what its writer knew, this write included."""

    value: Value | None
    clock: Clock


class Summary(Message, frozen=True):
    """A call: the sums of all my buckets."""

    sums: Annotated[
        bytes, Meta(min_length=BUCKETS * SUM_BYTES, max_length=BUCKETS * SUM_BYTES)
    ]


class Part(Struct, frozen=True, array_like=True, gc=False):
    """All clocks of a bucket for keys from `first` on and before `end`, if given."""

    bucket: Annotated[int, Meta(ge=0, lt=BUCKETS)]
    first: Key
    end: Key | None
    clocks: Annotated[tuple[tuple[Key, Clock], ...], Meta(max_length=PAGE_BYTES)]


class Digest(Message, frozen=True):
    """My clocks, where our sums differ."""

    parts: Annotated[tuple[Part, ...], Meta(max_length=PAGE_BYTES)]


class Want(Message, frozen=True):
    """Send me all versions of these keys."""

    keys: Annotated[tuple[Key, ...], Meta(max_length=PAGE_BYTES)]


class Versions(Message, frozen=True):
    """Versions of keys."""

    versions: Annotated[tuple[tuple[Key, Version], ...], Meta(max_length=PAGE_BYTES)]


class Updated(Event, frozen=True):
    """What stands under a key has changed at this node.

    Parameters
    ----------
    rumor : bytes
        The key.
    sender : Address or None
        Who brought it; None where it was written.
    """

    rumor: bytes
    sender: Address | None


def paged(items: Iterable[Item]) -> Iterator[tuple[Item, ...]]:
    """Cut items into pages of at most `PAGE_BYTES`; each item fits one."""
    page: list[Item] = []
    size = 0
    for item in items:
        length = len(encode(item))
        if page and size + length > PAGE_BYTES:
            yield tuple(page)
            page, size = [], 0
        page.append(item)
        size += length
    if page:
        yield tuple(page)
