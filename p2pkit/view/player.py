"""Player: a capture is watched as if it were a cluster that lives now."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, Self

from p2pkit.core import ClusterError, Tally
from p2pkit.observe.capture.packets import Packets
from p2pkit.observe.capture.replay import frames
from p2pkit.observe.frames import Frame
from p2pkit.view.live import LiveView, watch

STEP_S = 0.05
"""Seconds of ours between two frames."""


def replay(packets: Packets, speed: float = 1.0, **options: Any) -> LiveView:
    """Show a capture as a live view: its messages as they went, from the first on.

    Click an edge to read its packets; the time axis goes back and forth.

    Parameters
    ----------
    packets : Packets
        What is played.
    speed : float
        Seconds of the run that pass in one of ours.
    **options
        As for `watch`: `where`, `layout`, ...
    """
    return watch(Replay(packets, speed), **options)


class Actor:
    """A node of a capture, as a view asks for it."""

    def __init__(self, name: str, address: tuple[str, int]) -> None:
        self.name, self.address = name, address


class Replay:
    """A capture that is played: what `watch` shows instead of a cluster.

    Attributes
    ----------
    captured : Packets
        The capture.
    """

    def __init__(self, packets: Packets, speed: float = 1.0) -> None:
        self.captured = packets
        self._frames = list(frames(packets.said, STEP_S * speed))
        self._actors = [Actor(one.name, one.address) for one in self._frames[0].nodes]
        self.at_s = self._frames[0].at_s

    def frames(self, marks_hz: float = 0.0) -> Reels:
        """Return the frames, one after the other at their time."""
        return Reels(self, self._frames)

    def now(self) -> float:
        """Return where it is played, in seconds of the run."""
        return self.at_s

    def traffic(self, a: int, b: int) -> dict[str, Tally]:
        """Return what passed between two nodes in the whole capture, by type."""
        table = self.captured.messages()
        pair = {self._actors[a].name, self._actors[b].name}
        mine = table[table.source.isin(pair) & table.destination.isin(pair)]
        groups = mine.groupby("type", observed=True).payload_bytes
        sums = groups.agg(["size", "sum"]).reset_index()
        return {
            str(kind): Tally(int(count), int(size))
            for kind, count, size in sums.itertuples(index=False)
        }

    def __iter__(self) -> Iterator[Actor]:
        return iter(self._actors)

    def __len__(self) -> int:
        return len(self._actors)


class Reels:
    """A feed of a replay's frames; like a cluster's, it is taken from."""

    def __init__(self, player: Replay, film: list[Frame]) -> None:
        self._player, self._film, self._next = player, film, 0
        self._closed = threading.Event()

    def take(self, timeout_s: float = 1.0) -> list[Frame]:
        """Return the next frame when it is time; the first one at once, none at last.

        Raises
        ------
        ClusterError
            If it is closed.
        """
        if self._next:
            is_over = self._next >= len(self._film)
            self._closed.wait(timeout_s if is_over else min(STEP_S, timeout_s))
        if self._closed.is_set():
            reason = "this capture is played no more"
            raise ClusterError(reason)
        if self._next >= len(self._film):
            return []
        frame = self._film[self._next]
        self._next += 1
        self._player.at_s = frame.at_s
        return [frame]

    def close(self) -> None:
        """End it."""
        self._closed.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
