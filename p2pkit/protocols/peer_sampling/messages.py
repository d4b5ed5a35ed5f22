"""Messages of peer sampling; an entry is a peer's address and the entry's age."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from p2pkit.core import Message

MAX_BYTES = 4096
"""64 entries with IPv6 addresses; 8 of IPv4 take 200."""

PeerAddress = tuple[
    Annotated[str, Meta(max_length=45)], Annotated[int, Meta(ge=1, le=65_535)]
]
Entry = tuple[PeerAddress, Annotated[int, Meta(ge=0, le=1_000_000)]]
Tid = Annotated[bytes, Meta(min_length=4, max_length=4)]
Entries = Annotated[tuple[Entry, ...], Meta(max_length=64)]
Ttl = Annotated[int, Meta(ge=0, le=64)]


class Introduce(Message, frozen=True):
    """Make me known: walks from you bring my address to random nodes."""

    tid: Tid


class Introduced(Message, frozen=True):
    """The walks are on their way."""

    tid: Tid


class Newcomer(Message, frozen=True):
    """A newcomer on a random walk to whoever is to make room for it."""

    newcomer: PeerAddress
    ttl: Ttl


class Welcome(Message, frozen=True):
    """The entry that the newcomer replaced, for the newcomer to have."""

    entry: Entry


class Exchange(Message, frozen=True):
    """Entries of ours, ourselves first, against some of yours."""

    tid: Tid
    entries: Entries


class ExchangeReply(Message, frozen=True):
    """Entries in return."""

    tid: Tid
    entries: Entries


class Sample(Message, frozen=True):
    """A walk of `origin`: whoever it ends at says that it was reached."""

    tid: Tid
    origin: PeerAddress
    ttl: Ttl


class Sampled(Message, frozen=True):
    """The walk has ended at me."""

    tid: Tid


MESSAGES = (
    Introduce, Introduced, Newcomer, Welcome, Exchange, ExchangeReply, Sample, Sampled,
)  # fmt: skip
