"""Store: what a node holds, in buckets, with a sum over each.

A sum is the exclusive or of a hash of each key with its clock, so it is kept up with
one step a change, and two nodes have the same sum if they hold the same.
Read next: ``node.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b

from msgspec import msgpack

from p2pkit.core import LocalProtocolError
from p2pkit.protocols.anti_entropy.merges import Merge, Standing
from p2pkit.protocols.anti_entropy.messages import (
    BUCKETS,
    MAX_KEY_BYTES,
    MAX_VALUE_BYTES,
    SUM_BYTES,
    Clock,
    Part,
    Version,
    encode,
    paged,
)

Disk = tuple[bytes, list[tuple[bytes, Version]]]


class Store:
    """The standing versions of each key.

    Parameters
    ----------
    merge : Merge
        Decides which versions stand.
    writer : bytes
        The name that this node writes under.
    limit : int
        Keys held at most.
    """

    def __init__(self, merge: Merge, writer: bytes, limit: int) -> None:
        self.merge, self.writer, self.limit = merge, writer, limit
        self.standing: dict[bytes, Standing] = {}
        self._buckets: list[dict[bytes, Clock]] = [{} for _ in range(BUCKETS)]
        self._sums = [0] * BUCKETS

    def take(self, key: bytes, version: Version) -> bool:
        """Merge a version in; return whether anything changed."""
        old = self.standing.get(key, ())
        new = self.merge.merge(old, version)
        if new is old:
            return False
        self.standing[key] = new
        clock, bucket = self.merge.clock(new), bucket_of(key)
        before = self._buckets[bucket].get(key)
        if before is not None:
            self._sums[bucket] ^= _hash(key, before)
        self._buckets[bucket][key] = clock
        self._sums[bucket] ^= _hash(key, clock)
        return True

    def write(self, key: bytes, value: bytes | None, now_s: float) -> None:
        """Write a value of our own, or a deletion, in place of all that stands.

        Raises
        ------
        LocalProtocolError
            If key or value are too long, or there are too many keys.
        """
        if len(key) > MAX_KEY_BYTES or len(value or b"") > MAX_VALUE_BYTES:
            reason = (
                f"a key of {len(key)} bytes with a value of {len(value or b'')} does "
                f"not fit: {MAX_KEY_BYTES} and {MAX_VALUE_BYTES} do"
            )
            raise LocalProtocolError(reason)
        if not self.has_room(key):
            reason = f"the store is full with {self.limit} keys: raise max_keys"
            raise LocalProtocolError(reason)
        old = self.standing.get(key, ())
        self.take(key, self.merge.write(old, value, self.writer, now_s))

    def has_room(self, key: bytes) -> bool:
        """Tell whether a version of this key can be taken."""
        return len(self.standing) < self.limit or key in self.standing

    def save(self) -> bytes:
        """Return all that stands, and the name we write under."""
        return encode((self.writer, list(self.versions(self.standing))))

    def restore(self, saved: bytes) -> None:
        """Take up what `save` returned."""
        self.writer, held = msgpack.decode(saved, type=Disk)
        for key, version in held:
            self.take(key, version)

    def clock(self, key: bytes) -> Clock:
        """Return the clock of a key; an empty one if it is not held."""
        return self._buckets[bucket_of(key)].get(key, ())

    def sums(self) -> bytes:
        """Return the sums of all buckets."""
        return b"".join(one.to_bytes(SUM_BYTES, "big") for one in self._sums)

    def differing(self, sums: bytes) -> list[int]:
        """Return the buckets whose sums are not those of a peer."""
        mine = self.sums()
        spans = (slice(at, at + SUM_BYTES) for at in range(0, len(mine), SUM_BYTES))
        return [i for i, span in enumerate(spans) if mine[span] != sums[span]]

    def parts(self, bucket: int) -> Iterator[Part]:
        """Yield the clocks of a bucket in parts that fit a page, each with its span."""
        pages = list(paged(sorted(self._buckets[bucket].items()))) or [()]
        first = b""
        for page, after in zip(pages, [*pages[1:], None], strict=True):
            end = after[0][0] if after else None
            yield Part(bucket, first, end, page)
            first = end or b""

    def span(self, part: Part) -> list[bytes]:
        """Return the keys that we hold of the span a part is complete for."""
        return [
            key
            for key in sorted(self._buckets[part.bucket])
            if part.first <= key and (part.end is None or key < part.end)
        ]

    def versions(self, keys: Iterable[bytes]) -> Iterator[tuple[bytes, Version]]:
        """Yield every standing version of these keys."""
        for key in keys:
            for version in self.standing.get(key, ()):
                yield key, version


def bucket_of(key: bytes) -> int:
    """Return the bucket that a key belongs to."""
    return blake2b(key, digest_size=1).digest()[0] % BUCKETS


def _hash(key: bytes, clock: Clock) -> int:
    digest = blake2b(encode((key, clock)), digest_size=SUM_BYTES).digest()
    return int.from_bytes(digest, "big")
