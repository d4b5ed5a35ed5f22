"""Travel: how far a message may go, and what a link does to its header."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from p2pkit.core import RemoteProtocolError
from p2pkit.protocols.gnutella.messages import Descriptor

MAX_CLAIMED_TTL = 15
"""A greater TTL is no mistake; a lesser one is cut to what is allowed."""

D = TypeVar("D", bound=Descriptor)


def travelled(message: D) -> D:
    """Return a message as it goes on: one link less to go, one more behind."""
    return msgspec.structs.replace(
        message, ttl=max(message.ttl - 1, 0), hops=message.hops + 1
    )


def within(message: D, most: int) -> D:
    """Return a message whose TTL and hops add up to no more than `most`.

    Raises
    ------
    RemoteProtocolError
        If it has come further than that, or claims a TTL that no servent gives.
    """
    left = most - message.hops
    if left < 1:
        raise RemoteProtocolError("too far from home")  # noqa: EM101, TRY003
    if message.ttl > max(most, MAX_CLAIMED_TTL):
        raise RemoteProtocolError("forged ttl")  # noqa: EM101, TRY003
    if message.ttl <= left:
        return message
    return msgspec.structs.replace(message, ttl=left)
