"""Links: everything that may happen to a packet on its way, in one model."""

from __future__ import annotations

from typing import Literal

import msgspec

from p2pkit.core import Address, LocalProtocolError
from p2pkit.faults.latency import LONGEST_S, Constant, Latency
from p2pkit.faults.packet import Chance, Packet, Verdict

FIRST_RESEND_S = 0.2
"""After how long TCP sends a lost segment again (Linux's least RTO); then doubled."""

MAX_QUEUES = 65_536
"""Queues that one bandwidth limit keeps; the one unused longest is forgotten."""


class Bandwidth:
    """A rate, a burst that passes at once, and a queue that overflows.

    Parameters
    ----------
    bytes_per_s : float
        What gets through, in payload bytes a second.
    burst_bytes : int
        What passes without waiting after a silence: the bucket of tokens.
    queue_bytes : int
        What may wait; a datagram that finds the queue full is dropped.
    per : {"link", "source", "target"}
        Who shares the rate: each pair alone, or all that one node sends or gets.

    Notes
    -----
    Packets are judged where they are sent, and each host process of a cluster keeps
    queues of its own. So ``per="target"`` bounds what a node gets from each process,
    and with several processes it may get as many times the rate; in virtual time and
    with ``processes=1`` it bounds all that the node gets. ``"link"`` and ``"source"``
    hold everywhere. When a cluster's faults or its link change, queues start empty.
    """

    def __init__(
        self,
        bytes_per_s: float,
        *,
        burst_bytes: int = 1_500,
        queue_bytes: int = 65_536,
        per: Literal["link", "source", "target"] = "source",
    ) -> None:
        if bytes_per_s <= 0 or burst_bytes < 0 or queue_bytes < 0:
            reason = (
                f"a bandwidth needs a rate above 0 and sizes from 0, not "
                f"{bytes_per_s:g} bytes/s, {burst_bytes} and {queue_bytes} bytes"
            )
            raise LocalProtocolError(reason)
        self.bytes_per_s, self.per = bytes_per_s, per
        self.burst_bytes, self.queue_bytes = burst_bytes, queue_bytes
        self._free_s: dict[Address | tuple[Address, Address], float] = {}

    def wait_s(self, packet: Packet) -> float | None:
        """Return how long `packet` waits for its turn; None if the queue is full."""
        key = self._key(packet)
        rate, free = self.bytes_per_s, self._free_s
        started_s = max(
            packet.at_s - self.burst_bytes / rate, free.pop(key, -LONGEST_S)
        )
        wait_s = max(0.0, started_s + packet.size / rate - packet.at_s)
        waiting_bytes = round(wait_s * rate)
        if waiting_bytes > self.queue_bytes + packet.size and not packet.stream:
            free[key] = started_s
            return None
        free[key] = started_s + packet.size / rate
        if len(free) > MAX_QUEUES:
            del free[next(iter(free))]
        return wait_s

    def _key(self, packet: Packet) -> Address | tuple[Address, Address]:
        if self.per == "source":
            return packet.source
        return packet.to if self.per == "target" else (packet.source, packet.to)


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A link model; as a rule it decides every packet that reaches it.

    Parameters
    ----------
    latency : Latency
        How long a packet is on its way.
    loss, duplication, reordering, corruption : float
        Odds in ``[0, 1]`` that a datagram is dropped, arrives twice, is held back by
        `reordering_s`, or arrives with one bit flipped. On a stream the first and
        the last show as the delay of sending again, and the others do not happen.
    reordering_s : float
        How long a datagram that others shall overtake is held back, in seconds.
    bandwidth : Bandwidth, optional
        A limit to what gets through.

    Examples
    --------
    >>> Link(latency=Constant(0.05)).fixed_delay_s
    0.05
    >>> Link(latency=Constant(0.05), loss=0.1).fixed_delay_s is None
    True
    """

    latency: Latency = Constant(0.0)
    loss: float = 0.0
    duplication: float = 0.0
    reordering: float = 0.0
    corruption: float = 0.0
    reordering_s: float = 0.05
    bandwidth: Bandwidth | None = None

    def __post_init__(self) -> None:
        for name in ("loss", "duplication", "reordering", "corruption"):
            require_odds(name, getattr(self, name))

    @property
    def fixed_delay_s(self) -> float | None:
        """The delay of every packet if nothing else can happen to one, else None."""
        odds = self.loss or self.duplication or self.reordering or self.corruption
        if odds or self.bandwidth or not isinstance(self.latency, Constant):
            return None
        return self.latency.delay_s

    def judge(self, packet: Packet, rng: Chance) -> Verdict:
        """Return what becomes of `packet`."""
        wait_s = self.bandwidth.wait_s(packet) if self.bandwidth else 0.0
        if wait_s is None:
            return Verdict((), "link queue full")
        if packet.stream:
            odds = 1.0 - (1.0 - self.loss) * (1.0 - self.corruption)
            return Verdict((wait_s + self._delay_s(rng) + resend_delay_s(odds, rng),))
        if self.loss and rng.random() < self.loss:
            return Verdict((), "loss")
        delay_s = wait_s + self._delay_s(rng)
        if self.reordering and rng.random() < self.reordering:
            delay_s += self.reordering_s
        corrupt = self.corruption > 0 and rng.random() < self.corruption
        if self.duplication and rng.random() < self.duplication:
            return Verdict((delay_s, wait_s + self._delay_s(rng)), corrupt=corrupt)
        return Verdict((delay_s,), corrupt=corrupt)

    def _delay_s(self, rng: Chance) -> float:
        return self.latency.sample(rng)


def resend_delay_s(loss: float, rng: Chance) -> float:
    """Return how long a stream waits until a message gets through, in seconds."""
    delay_s, resend_s = 0.0, FIRST_RESEND_S
    while loss and delay_s + resend_s < LONGEST_S and rng.random() < loss:
        delay_s += resend_s
        resend_s *= 2
    return delay_s


def require_odds(name: str, odds: float) -> None:
    """Raise `LocalProtocolError` unless `odds` is a probability."""
    if not 0.0 <= odds <= 1.0:
        reason = f"{name} is a probability from 0 to 1, not {odds:g}"
        raise LocalProtocolError(reason)
