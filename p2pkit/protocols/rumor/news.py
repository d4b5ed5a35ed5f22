"""News: what a rumor is, how it is told, and what a site remembers and reports of it.

A rumor is its text; its id is a hash of that, so nobody can tell another text under
the same id. Read next: ``mongering.py``.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Annotated

from msgspec import Meta

from p2pkit.core import Address, Event, LocalProtocolError, Message

ID_BYTES = 16
MAX_BODY_BYTES = 1000
"""Longest text: with all around it a telling fits 1200 bytes, and so any path."""

MAX_HOPS = 65_535

RumorId = Annotated[bytes, Meta(min_length=ID_BYTES, max_length=ID_BYTES)]
Body = Annotated[bytes, Meta(max_length=MAX_BODY_BYTES)]
Hops = Annotated[int, Meta(ge=0, le=MAX_HOPS)]


class Tell(Message, frozen=True, gc=False):
    """The news, and how many times it has been passed on."""

    body: Body
    hops: Hops = 0

    @property
    def onward(self) -> Tell:
        """The same, passed on once more."""
        return Tell(self.body, min(self.hops + 1, MAX_HOPS))


class Learned(Event, frozen=True):
    """A site heard a rumor for the first time.

    Parameters
    ----------
    rumor : bytes
        Its id.
    sender : Address or None
        Who told it; None at the site where it began. All of these are a tree.
    hops : int
        How many times it was passed on; 0 where it began.
    """

    rumor: bytes
    sender: Address | None
    hops: int


class Cooled(Event, frozen=True):
    """A site tells a rumor no more."""

    rumor: bytes


def rumor_id(body: bytes) -> bytes:
    """Return the id of a rumor: a BLAKE2b hash of its text, 16 bytes.

    Examples
    --------
    >>> rumor_id(b"hello").hex()[:8]
    '46fb7408'
    """
    return blake2b(body, digest_size=ID_BYTES).digest()


def require_body(body: bytes) -> None:
    """Refuse a text that does not fit a telling.

    Raises
    ------
    LocalProtocolError
        If it is longer than `MAX_BODY_BYTES`.
    """
    if len(body) > MAX_BODY_BYTES:
        reason = (
            f"a rumor of {len(body)} bytes does not fit: take at most "
            f"{MAX_BODY_BYTES}, or publish where to find the rest"
        )
        raise LocalProtocolError(reason)


class Memory:
    """The rumors a site has heard, as ids; beyond `limit` the oldest is forgotten.

    Examples
    --------
    >>> memory = Memory(2)
    >>> [memory.add(rumor) for rumor in (b"a", b"b", b"a", b"c", b"a")]
    [True, True, False, True, True]
    """

    __slots__ = ("_ids", "limit")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._ids: dict[bytes, None] = {}

    def save(self) -> bytes:
        """Return all of it, for `restore` after a restart."""
        return b"".join(self._ids)

    def restore(self, saved: bytes) -> None:
        """Take up what `save` returned."""
        starts = range(0, len(saved), ID_BYTES)
        self._ids = dict.fromkeys(saved[at : at + ID_BYTES] for at in starts)

    def add(self, rumor: bytes) -> bool:
        """Remember a rumor; return whether it was news."""
        if rumor in self._ids:
            return False
        if len(self._ids) >= self.limit:
            del self._ids[next(iter(self._ids))]
        self._ids[rumor] = None
        return True

    def __contains__(self, rumor: bytes) -> bool:
        return rumor in self._ids

    def __len__(self) -> int:
        return len(self._ids)
