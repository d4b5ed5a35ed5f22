"""Film: the frames of a run so far, bounded, to look back at."""

from __future__ import annotations

import threading
from collections import deque

from p2pkit.observe.frames import Frame, Scene

LIMIT_ITEMS = 150_000
"""What a film keeps if not said: 4 changes at once, 20 times a second, half an hour."""


class Film:
    """A scene, and the frames since: what happened can be seen again.

    Beyond its limit the oldest frames fold into the scene it begins with, so its span
    becomes shorter and no moment inside it is wrong. May be used by several threads.

    Parameters
    ----------
    limit_items : int
        How much is kept at most, in `Frame.items`; at least 1.

    Examples
    --------
    >>> film = Film()
    >>> for number in range(1, 4):
    ...     film.append(Frame(number=number, at_s=number / 2, linked=(
    ...         ("n00", f"n{number:02d}", "bucket"),
    ...     )))
    >>> film.span()
    (0.5, 1.5)
    >>> len(film.scene(1.0).edges), len(film.scene().edges)
    (2, 3)
    """

    def __init__(self, limit_items: int = LIMIT_ITEMS) -> None:
        if limit_items < 1:
            reason = f"a film keeps at least 1 item, not {limit_items}"
            raise ValueError(reason)
        self.limit_items, self.items = limit_items, 0
        self._base, self._last = Scene(), Scene()
        self._frames: deque[Frame] = deque()
        self._lock = threading.Lock()

    def append(self, frame: Frame) -> None:
        """Add the next frame; the first one is the scene to begin with."""
        with self._lock:
            is_first = self._last.number == 0
            self._last.apply(frame)
            if is_first:
                self._base.apply(frame)
                return
            self._frames.append(frame)
            self.items += frame.items
            while self.items > self.limit_items:
                oldest = self._frames.popleft()
                self.items -= oldest.items
                self._base.apply(oldest)

    def scene(self, at_s: float | None = None) -> Scene:
        """Return the overlay as it was at a time, or as it is after the last frame.

        A time before the span gives its begin. Costs some 0.1 us an item.
        """
        with self._lock:
            if at_s is None or at_s >= self._last.at_s:
                return self._last.copy()
            scene = self._base.copy()
            for frame in self._frames:
                if frame.at_s > at_s:
                    break
                scene.apply(frame)
            return scene

    def span(self) -> tuple[float, float]:
        """Return the first and the last moment that can be seen, in seconds."""
        with self._lock:
            return self._base.at_s, self._last.at_s

    def between(self, first_s: float, last_s: float) -> list[Frame]:
        """Return the frames after `first_s` and up to `last_s`, for their marks."""
        with self._lock:
            return [one for one in self._frames if first_s < one.at_s <= last_s]

    def __len__(self) -> int:
        return len(self._frames)
