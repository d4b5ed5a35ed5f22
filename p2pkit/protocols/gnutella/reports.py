"""Reports: what a servent tells whoever watches of questions and hits that come by."""

from __future__ import annotations

from p2pkit.core import Address, Event


class QueryHeard(Event, frozen=True):
    """A question has reached a servent for the first time.

    Parameters
    ----------
    query : bytes
        The question's id.
    sender : Address or None
        The neighbor it came from; None where it was asked.
    hops : int
        Links it has crossed.
    """

    query: bytes
    sender: Address | None
    hops: int


class HitRouted(Event, frozen=True):
    """A hit has come by on its way back to where the question was asked.

    Parameters
    ----------
    query : bytes
        The question's id.
    sender : Address
        The neighbor that the hit came from.
    hops : int
        Links the hit has crossed.
    """

    query: bytes
    sender: Address
    hops: int


class Connected(Event, frozen=True):
    """A link has come up.

    Parameters
    ----------
    peer : Address
        Where the other end listens.
    role : str
        What kind of link it is, as `neighbors` says.
    """

    peer: Address
    role: str


class Disconnected(Event, frozen=True):
    """A link is gone."""

    peer: Address
