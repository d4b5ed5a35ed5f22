"""Messages of Chord: ten requests and what answers them, as tagged msgpack.

A request says from which position to which it goes; a node may have several.
Source: I. Stoica et al., "Chord", ToN 2003, figures 5 and 6. Read next: ``claims.py``.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from p2pkit.core import Message, MsgpackCodec
from p2pkit.protocols.chord import wire as w


class Request(Message, frozen=True):
    """Base of the requests; `to` is empty while we only know an address."""

    tid: w.Tid
    sender_id: w.WireId
    to: w.WireId


class Ping(Request, frozen=True):
    """Ask whether a position is there."""


class FindSuccessor(Request, frozen=True):
    """Ask for the way to the node that a key belongs to."""

    key: w.WireId


class GetLinks(Request, frozen=True):
    """Ask for predecessor and successor list."""


class Notify(Request, frozen=True):
    """Say that we may be your predecessor."""


class Displaced(Request, frozen=True):
    """Say that somebody stands between us now: stabilize."""


class Leave(Request, frozen=True):
    """Say that we are about to go."""


class Relay(Request, frozen=True):
    """Pass a lookup on; whoever is nearest before the key answers `origin`."""

    key: w.WireId
    origin: w.Peer
    route: w.Tid
    path: w.Path = ()


class Store(Request, frozen=True):
    """Keep a value; version 0 asks the owner for the next one."""

    key: w.WireId
    value: w.Value
    version: w.Version = 0


class Fetch(Request, frozen=True):
    """Ask for the value under a key."""

    key: w.WireId


class Offer(Request, frozen=True):
    """Say what we hold that you should hold as well: keys and versions."""

    held: w.Versions


class Reply(Message, frozen=True):
    """Base of the answers."""

    tid: w.Tid
    sender_id: w.WireId


class Done(Reply, frozen=True):
    """It is done; after a store, the version now held."""

    version: w.Version = 0


class Nearer(Reply, frozen=True):
    """Contacts before the key, nearest first, and after it, if the list goes so far."""

    before: w.Peers
    after: w.Peers


class Links(Reply, frozen=True):
    """Predecessor, if known, and successor list."""

    predecessor: w.Peer | None
    successors: w.Peers


class Routed(Reply, frozen=True):
    """The end of a recursive lookup: who follows the key, and who passed it on."""

    successors: w.Peers
    path: w.Path


class Held(Reply, frozen=True):
    """The value under a key, if there is one."""

    value: w.Value | None
    version: w.Version = 0


class Missing(Reply, frozen=True):
    """What was offered and is not held here."""

    keys: w.Keys


class Refused(Reply, frozen=True):
    """It was not done; `code` says why, see `REFUSALS`."""

    code: Annotated[int, Meta(ge=0, le=255)]


OUTSIDE, FULL, NOT_MINE = 1, 2, 3

REFUSALS = {
    OUTSIDE: "not on the ring: has not joined yet, or is leaving",
    FULL: "holds as many values as it may",
    NOT_MINE: "the key belongs to another node",
}
"""What each code of a refusal says."""

ANSWERS: dict[type[Request], type[Reply]] = {
    Ping: Done, Notify: Done, Displaced: Done, Leave: Done, Relay: Done, Store: Done,
    FindSuccessor: Nearer, GetLinks: Links, Fetch: Held, Offer: Missing,
}  # fmt: skip
"""What answers each request."""
CODEC = MsgpackCodec(
    *ANSWERS, *dict.fromkeys(ANSWERS.values()), Routed, Refused, max_bytes=w.MAX_BYTES
)
"""What Chord and its naive twin speak."""
