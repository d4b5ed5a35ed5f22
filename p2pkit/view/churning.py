"""Churn for a slider: nodes die and come back, so many a minute."""

from __future__ import annotations

import threading
from typing import Any

from p2pkit.core import P2PError
from p2pkit.core.driver import seeded

LOOK_S = 0.2
"""Seconds of ours between two looks at the run's clock."""

DOWNTIME_S = 5.0
"""Seconds of the run until a node that died comes back."""

LEAST_ALIVE = 2
"""Nodes that are left alone, so that there is an overlay to come back to."""

END_S = 5.0


class Churning:
    """Kills nodes and restarts them at a rate, in a thread of its own.

    Sessions end at random moments; each death is followed by a return after
    `DOWNTIME_S`. Moments are those of the run, virtual time too.
    """

    def __init__(self, cluster: Any) -> None:
        self._cluster = cluster
        self._rate_hz = 0.0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._down: dict[int, float] = {}  # index of a node -> when it comes back

    def set(self, per_minute: float) -> None:
        """Set how many nodes die in a minute; 0 brings those back that are down."""
        self._rate_hz = per_minute / 60
        if not per_minute:
            self._stop.set()
            if self._thread is not None:
                self._thread.join(END_S)
                self._thread = None
        elif self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(
                target=self._work, name="churn", daemon=True
            )
            self._thread.start()

    def _work(self) -> None:
        rng = seeded(getattr(self._cluster, "seed", 0), "view/churn")
        try:
            last_s = self._cluster.now()
            while not self._stop.wait(LOOK_S):
                now_s = self._cluster.now()
                self._return(now_s)
                self._end_some(rng, now_s, now_s - last_s)
                last_s = now_s
            self._return(float("inf"))
        except P2PError:
            pass  # the cluster was closed, or somebody else took the node

    def _return(self, now_s: float) -> None:
        for index in [one for one, at_s in self._down.items() if at_s <= now_s]:
            del self._down[index]
            if self._cluster[index].state == "dead":
                self._cluster.restart(index)

    def _end_some(self, rng: Any, now_s: float, span_s: float) -> None:
        expected = self._rate_hz * span_s
        count = int(expected) + (rng.random() < expected % 1)
        for _ in range(count):
            alive = [i for i, one in enumerate(self._cluster) if one.state == "alive"]
            if len(alive) <= LEAST_ALIVE:
                return
            index = rng.choice(alive)
            self._cluster.kill(index)
            self._down[index] = now_s + DOWNTIME_S
