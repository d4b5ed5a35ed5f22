"""A cluster that is none: marks made up at a rate, to measure a view alone."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from typing import Any

from p2pkit.core.topologies import small_world
from p2pkit.observe.frames import Frame, Mark, NodeFrame

BATCH_S = 0.05
"""Between two batches: 20 a second."""

MARKS = 20
"""Marks in each batch."""

CHANGED = 20
"""Nodes whose counters change with each batch."""


class Feed:
    """Makes a batch of marks whenever it is time for one."""

    def __init__(self, overlay: Overlay) -> None:
        self._overlay, self._number = overlay, 1
        self._closed = threading.Event()
        self._next_s = time.time()
        self._first: Frame | None = overlay.frame()

    def take(self, timeout_s: float | None = None) -> list[Frame]:
        """Return the next batch, when its time has come."""
        if self._first is not None:
            first, self._first = self._first, None
            return [first]
        wait_s = max(0.0, self._next_s - time.time())
        self._closed.wait(min(wait_s, timeout_s if timeout_s is not None else wait_s))
        if time.time() < self._next_s:
            return []
        self._next_s = max(self._next_s + BATCH_S, time.time() - BATCH_S)
        self._number += 1
        return [self._overlay.batch(self._number)]

    def close(self) -> None:
        """End the wait."""
        self._closed.set()

    def __enter__(self) -> Feed:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class Node:
    """A node by name."""

    def __init__(self, name: str, address: tuple[str, int]) -> None:
        self.name, self.address, self.state = name, address, "alive"


class Overlay:
    """Nodes with four neighbors each, and messages between them at random.

    Its clock is that of the machine, so that a view on it tells true delays.
    """

    def __init__(self, nodes: int, seed: int = 7) -> None:
        self.rng = random.Random(f"{seed}/overlay")
        width = len(str(nodes - 1))
        names = [f"n{i:0{width}d}" for i in range(nodes)]
        self.nodes = [Node(name, ("127.0.0.1", i)) for i, name in enumerate(names)]
        self.totals = dict.fromkeys(names, 0.0)
        pairs = small_world(nodes, 8, 0.2, seed)  # four edges a node
        self.edges = [(names[a], names[b], "active") for a, b in pairs]

    def frames(self, marks_hz: float = 0) -> Feed:
        """Return a feed of its own."""
        return Feed(self)

    def now(self) -> float:
        """Return the machine's clock."""
        return time.time()

    def frame(self) -> Frame:
        """Return the whole scene."""
        nodes = tuple(self._node(node.name, i) for i, node in enumerate(self.nodes))
        return Frame(number=1, at_s=self.now(), nodes=nodes, linked=tuple(self.edges))

    def batch(self, number: int) -> Frame:
        """Return the marks of one batch, and counters that moved."""
        now_s = self.now()
        chosen = [self.rng.choice(self.edges) for _ in range(MARKS)]
        marks = tuple(Mark("message", a, b, "Ping", now_s, 0.2) for a, b, _ in chosen)
        some = self.rng.sample(range(len(self.nodes)), min(CHANGED, len(self.nodes)))
        nodes = tuple(self._node(self.nodes[i].name, i) for i in some)
        return Frame(number=number, at_s=now_s, nodes=nodes, marks=marks)

    def _node(self, name: str, index: int) -> NodeFrame:
        self.totals[name] += self.rng.randint(1, 9)
        counts: dict[str, Any] = {"sent": self.totals[name], "degree": 4.0}
        identity = index * (2**160 // len(self.nodes))
        return NodeFrame(name, identity, ("127.0.0.1", index), "alive", "", counts)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def __len__(self) -> int:
        return len(self.nodes)
