"""Virtual time that passes by itself: a thread that lets a little of it pass, again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from p2pkit.core import P2PError

TICK_S = 0.05
"""Seconds of ours between two spans of virtual time."""

END_S = 5.0
"""Seconds that the thread may take to end: at most one span of virtual time."""


class Clockwork:
    """Runs, halts and slows the time of a virtual cluster.

    Parameters
    ----------
    cluster : Cluster
        One with virtual time.
    speed : float
        Seconds of virtual time that pass in one of ours.
    told : callable
        Is told whether time passes, and how late it is.
    """

    def __init__(
        self, cluster: Any, speed: float, told: Callable[[bool, float], object]
    ) -> None:
        self.cluster, self.speed, self._told = cluster, speed, told
        self._lock = threading.Lock()
        self._halt = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        """Whether time passes by itself."""
        return self._thread is not None and self._thread.is_alive()

    def run(self) -> None:
        """Let time pass; nothing changes if it does."""
        with self._lock:
            if self.is_running:
                return
            self._halt.clear()
            self._thread = threading.Thread(
                target=self._work, name="virtual time", daemon=True
            )
            self._thread.start()

    def halt(self) -> None:
        """Let time stand; returns when it does."""
        with self._lock:
            self._halt.set()
            if self._thread is not None:
                self._thread.join(END_S)

    def _work(self) -> None:
        now_s = self.cluster.now()
        try:
            while not self._halt.wait(TICK_S):
                self.cluster.advance(TICK_S * self.speed)
                now_s = self.cluster.now()
                self._told(True, now_s)
        except P2PError:
            pass  # the cluster was closed; its feed tells so
        finally:
            self._told(False, now_s)
