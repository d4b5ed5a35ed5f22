"""Merges: which of two versions of a key stands, so that all nodes decide alike.

Both rules give the same result in whatever order versions arrive, and however often.
Last writer: one version stands, and what was written meanwhile is lost without a word.
Version vectors: a version goes only when another one's writer knew it.
Source: Demers et al. 1987, section 1.1, for timestamps; Parker et al., "Detection of
Mutual Inconsistency in Distributed Systems", IEEE TSE 9 (1983), for the vectors.
Read next: ``store.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from p2pkit.protocols.anti_entropy.config import AntiEntropyConfig
from p2pkit.protocols.anti_entropy.messages import MAX_WRITERS, Clock, Version

Standing = Sequence[Version]
"""The versions of one key that stand: none, one, or several side by side."""

MICROSECONDS = 1_000_000


class Merge(Protocol):
    """A rule; it keeps nothing, so one serves all nodes."""

    def write(
        self, old: Standing, value: bytes | None, writer: bytes, now_s: float
    ) -> Version:
        """Return the version that a writer makes who knows `old`."""
        ...

    def merge(self, old: Standing, new: Version) -> Standing:
        """Return what stands once `new` is known; `old` itself if nothing changes."""
        ...

    def clock(self, standing: Standing) -> Clock:
        """Return one clock that stands for all of them."""
        ...

    def tells(self, one: Clock, other: Clock) -> bool:
        """Whether who has clock `one` has something for who has `other`."""
        ...


class LastWriter:
    """The version with the latest time stands; of two at once, the greater writer's."""

    def write(
        self, old: Standing, value: bytes | None, writer: bytes, now_s: float
    ) -> Version:
        """Return a version that is later than all of `old`."""
        time = max(round(now_s * MICROSECONDS), latest(self.clock(old)) + 1)
        return Version(value, ((writer, time),))

    def merge(self, old: Standing, new: Version) -> Standing:
        """Keep the later one."""
        return (new,) if self.tells(new.clock, self.clock(old)) else old

    def clock(self, standing: Standing) -> Clock:
        """Return the one writer there is, and the time."""
        return (_latest(standing[0].clock),) if standing else ()

    def tells(self, one: Clock, other: Clock) -> bool:
        """Compare times, then writers."""
        (writer, time), (other_writer, other_time) = _latest(one), _latest(other)
        return (time, writer) > (other_time, other_writer)


class VersionVectors:
    """Versions stand side by side if none of their writers knew the other's.

    Parameters
    ----------
    max_siblings : int
        How many may; beyond, those with the smallest clocks go.
    """

    def __init__(self, max_siblings: int) -> None:
        self.max_siblings = max_siblings

    def write(
        self, old: Standing, value: bytes | None, writer: bytes, now_s: float
    ) -> Version:
        """Return a version that knows all of `old`, and so replaces them."""
        counts = dict(self.clock(old))
        counts[writer] = counts.get(writer, 0) + 1
        while len(counts) > MAX_WRITERS:
            others = (one for one in counts if one != writer)
            del counts[min(others, key=lambda one: (counts[one], one))]
        return Version(value, tuple(sorted(counts.items())))

    def merge(self, old: Standing, new: Version) -> Standing:
        """Keep all that no other one knows."""
        if any(not self.tells(new.clock, one.clock) for one in old):
            return old
        kept = [one for one in old if self.tells(one.clock, new.clock)]
        kept = sorted([*kept, new], key=lambda one: one.clock, reverse=True)
        while len(kept) > self.max_siblings or len(self.clock(kept)) > MAX_WRITERS:
            kept.pop()
        standing = tuple(kept)
        return old if standing == old else standing

    def clock(self, standing: Standing) -> Clock:
        """Return the greatest count of each writer: who agrees in it agrees."""
        counts: dict[bytes, int] = {}
        for version in standing:
            for writer, count in version.clock:
                counts[writer] = max(count, counts.get(writer, 0))
        return tuple(sorted(counts.items()))

    def tells(self, one: Clock, other: Clock) -> bool:
        """Whether `one` counts a write that `other` does not."""
        known = dict(other)
        return any(count > known.get(writer, 0) for writer, count in one)


def merge_of(config: AntiEntropyConfig) -> Merge:
    """Return the rule that the settings name."""
    if config.merge == "last-writer":
        return LastWriter()
    return VersionVectors(config.max_siblings)


def latest(clock: Clock) -> int:
    """Return the greatest time, or count, in a clock; 0 if it is empty."""
    return _latest(clock)[1]


def _latest(clock: Clock) -> tuple[bytes, int]:
    return max(clock, key=lambda one: (one[1], one[0]), default=(b"", 0))
