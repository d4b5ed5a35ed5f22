"""Packets and verdicts: what a rule is asked, and what it may answer."""

from __future__ import annotations

from typing import Protocol

import msgspec

from p2pkit.core import Address


class Packet(msgspec.Struct, frozen=True, gc=False):
    """One datagram, or one message on a stream, about to leave its node.

    Parameters
    ----------
    source, to : Address
        The addresses its two nodes listen at.
    size : int
        Payload in bytes; 0 for the opening of a stream.
    at_s : float
        When it is sent, in seconds of the run.
    stream : bool
        Whether it travels on a stream. There nothing is lost, doubled or
        overtaken: a loss shows as the delay of a second sending, and a verdict
        without deliveries breaks the stream.
    """

    source: Address
    to: Address
    size: int
    at_s: float
    stream: bool = False


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """What becomes of one packet.

    Parameters
    ----------
    deliveries : tuple of float
        The delay of each copy that arrives, in seconds; none if it is dropped.
    reason : str
        Why it was dropped, a few fixed words that name a counter.
    corrupt : bool
        Whether one bit of it is flipped on the way.
    """

    deliveries: tuple[float, ...]
    reason: str = ""
    corrupt: bool = False


class Chance(Protocol):
    """The part of `random.Random` that faults use; the driver gives a seeded one."""

    def random(self) -> float:
        """Return a number in ``[0, 1)``."""
        ...

    def randrange(self, start: int, /) -> int:
        """Return a whole number in ``[0, start)``."""
        ...

    def uniform(self, a: float, b: float) -> float:
        """Return a number between `a` and `b`."""
        ...

    def gauss(self, mu: float, sigma: float) -> float:
        """Return a normally distributed number."""
        ...

    def expovariate(self, lambd: float) -> float:
        """Return an exponentially distributed number with mean ``1 / lambd``."""
        ...

    def paretovariate(self, alpha: float) -> float:
        """Return a Pareto distributed number, at least 1."""
        ...


class Rule(Protocol):
    """Judges packets; `None` leaves a packet to the next rule."""

    def judge(self, packet: Packet, rng: Chance) -> Verdict | None:
        """Return what becomes of `packet`, or None if this rule has no say."""
        ...


def flip_one_bit(data: bytes, rng: Chance) -> bytes:
    """Return `data` with one bit flipped, as a corrupted packet arrives.

    Examples
    --------
    >>> import random
    >>> flip_one_bit(b"abcd", random.Random(7)) == b"abcd"
    False
    """
    if not data:
        return data
    bit = rng.randrange(len(data) * 8)
    flipped = bytearray(data)
    flipped[bit >> 3] ^= 1 << (bit & 7)
    return bytes(flipped)
