"""Feeds: the frames of a running cluster, for one reader at its own speed."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Self

import msgspec

from p2pkit.cluster.beat import PACE_S, next_take_s
from p2pkit.core import ClusterError
from p2pkit.observe.frames import Frame, merged

MAX_FRAMES = 240
"""Frames that wait for a reader; beyond it the older half becomes one frame."""
MAX_MARKS = 1_000
"""Marks of one merged frame."""
MERGE_ITEMS = 2_000
"""A frame larger than this is left alone, so that merging stays cheap."""
MARKS_HZ = 400.0
"""Marks a second that a picture can show."""


class Feed:
    """What changes in a cluster, from a whole scene on; made by `Cluster.frames`.

    It is a context manager, and iterates over its frames until it, or the cluster, is
    closed. A reader who is slow gets fewer, larger frames; no node waits for it.

    Parameters
    ----------
    first : Frame
        The scene as it is.
    marks_hz : float
        Marks a second of the run at most; messages beyond it are counted.
    on_close : callable
        Called once with this feed.
    """

    def __init__(
        self, first: Frame, marks_hz: float, on_close: Callable[[Feed], None]
    ) -> None:
        self.marks_hz, self._on_close = marks_hz, on_close
        self._frames: deque[Frame] = deque([first])
        self._tail_began_s = first.at_s
        self._is_tail_whole = True  # the first frame stays as it is
        self._last_s, self._allowed = first.at_s, marks_hz * PACE_S
        self._due_s = float("-inf")  # when the next take may begin
        self._why = ""  # it is closed
        self._changed = threading.Condition()

    @property
    def is_closed(self) -> bool:
        """Whether nothing more comes."""
        return bool(self._why)

    def take(self, timeout_s: float = 1.0) -> list[Frame]:
        """Return the frames since the last call, oldest first.

        Waits until there is one, but no longer than the timeout. Calls in a row return
        once a beat, see `cluster.beat`; what comes after a quiet spell, at once.

        Parameters
        ----------
        timeout_s : float
            How long to wait at most, in seconds; the list is empty then.

        Raises
        ------
        ClusterError
            If the feed, or its cluster, is closed and everything was taken.
        """
        deadline_s = time.monotonic() + timeout_s
        with self._changed:
            self._wait_until(min(deadline_s, self._due_s))
            while not self._frames and not self._why:
                left_s = deadline_s - time.monotonic()
                if left_s <= 0 or not self._changed.wait(left_s):
                    break
            if self._why and not self._frames:
                raise ClusterError(self._why)
            frames = list(self._frames)
            self._frames.clear()
            if frames:
                self._due_s = next_take_s()
        return frames

    def push(self, frame: Frame) -> None:
        """Add the next frame; called by the newsroom, and never waits."""
        frame = self._thinned(frame)
        with self._changed:
            if self._why:
                return
            if self._fits_tail(frame):
                self._frames[-1] = merged(self._frames[-1], frame, MAX_MARKS)
            else:
                self._frames.append(frame)
                self._tail_began_s, self._is_tail_whole = frame.at_s, False
            if len(self._frames) > MAX_FRAMES:
                self._fold()
            self._changed.notify_all()

    def close(self, why: str = "") -> None:
        """Take part no more; the last one to do so ends the watching."""
        with self._changed:
            was_open = not self._why
            self._why = self._why or why or (
                "this feed is closed: open another with cluster.frames()"
            )  # fmt: skip
            self._changed.notify_all()
        if was_open:
            self._on_close(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Frame]:
        while True:
            try:
                yield from self.take()
            except ClusterError:
                return

    def _wait_until(self, until_s: float) -> None:
        while not self._why and (left_s := until_s - time.monotonic()) > 0:
            self._changed.wait(left_s)

    def _fits_tail(self, frame: Frame) -> bool:
        """Tell whether a frame may become one with the one that waits last."""
        return (
            bool(self._frames)
            and not self._is_tail_whole
            and frame.at_s - self._tail_began_s < PACE_S
            and self._frames[-1].items + frame.items <= MERGE_ITEMS
        )

    def _fold(self) -> None:
        """Make one frame of the older half."""
        one = self._frames.popleft()
        for _ in range(MAX_FRAMES // 2):
            one = merged(one, self._frames.popleft(), MAX_MARKS)
        self._frames.appendleft(one)

    def _thinned(self, frame: Frame) -> Frame:
        """Return the frame with as many marks as the rate allows, evenly chosen."""
        passed_s = max(0.0, frame.at_s - self._last_s)
        self._last_s = frame.at_s
        most = self.marks_hz * max(1.0, passed_s)
        self._allowed = min(self._allowed + passed_s * self.marks_hz, most)
        room, count = int(self._allowed), len(frame.marks)
        if count <= room:
            self._allowed -= count
            return frame
        kept = tuple(frame.marks[place * count // room] for place in range(room))
        gone = sum(one.kind == "message" for one in frame.marks)
        gone -= sum(one.kind == "message" for one in kept)
        self._allowed -= room
        return msgspec.structs.replace(frame, marks=kept, let_go=frame.let_go + gone)
