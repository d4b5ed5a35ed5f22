"""Churn for a slider: nodes go and come back, so many a minute."""

from __future__ import annotations

import threading
from typing import Any

from p2pkit.core import P2PError
from p2pkit.faults.churn import Always, Churn, Memoryless

DOWNTIME_S = 5.0
"""Seconds of the run until a node that went comes back."""

LEFT_ALONE = 2
"""Nodes that stay, so that there is an overlay to come back to."""

LEAST_S = 0.1
"""Mean stay of a node where the rate asks for more than the nodes can do."""


class Churning:
    """Sets how fast a cluster's nodes go and come, by `Cluster.churn`."""

    def __init__(self, cluster: Any) -> None:
        self._cluster = cluster
        self._churn: Any = None
        self._alive: list[int] = []  # before it began
        self._lock = threading.Lock()

    def set(self, per_minute: float) -> None:
        """Set how many nodes go in a minute; 0 brings those back that are away."""
        with self._lock:
            if self._churn is not None:
                self._churn.__exit__(None, None, None)
                self._churn = None
                self._bring_back()
            if per_minute:
                self._begin(per_minute)

    def _begin(self, per_minute: float) -> None:
        nodes = enumerate(self._cluster)
        self._alive = [i for i, one in nodes if one.state == "alive"][LEFT_ALONE:]
        if not self._alive:
            return
        stay_s = max(60 * len(self._alive) / per_minute - DOWNTIME_S, LEAST_S)
        model = Churn(Memoryless(mean_s=stay_s), Always(mean_s=DOWNTIME_S))
        self._churn = self._cluster.churn(model, self._alive)
        self._churn.__enter__()

    def _bring_back(self) -> None:
        try:
            for index in self._alive:
                if self._cluster[index].state == "dead":
                    self._cluster.restart(index)
        except P2PError:
            pass  # the cluster was closed meanwhile
