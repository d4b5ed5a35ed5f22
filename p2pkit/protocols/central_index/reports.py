"""Reports: who is listed, and what is gone."""

from __future__ import annotations

from p2pkit.core import Address, Event


class Registered(Event, frozen=True):
    """An index has listed a peer; with it there are `peers`."""

    peer: Address
    peers: int


class Expired(Event, frozen=True):
    """An index has taken a peer and its `files` files off the list, and why."""

    peer: Address
    files: int
    reason: str


class IndexGone(Event, frozen=True):
    """A peer has lost its index."""

    index: Address
