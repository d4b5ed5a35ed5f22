"""Clocks and chance that are not the context's: made repeatable, and reported.

Student code that asks the machine for the time or for random numbers would get another
grade each time. In the sandbox these answer from the run's clock and from a seed of
the process, and what was asked is noted. Two processes have different seeds, so a
check that runs the same scenario twice sees the difference, each time alike.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable
from typing import Any

CLOCKS = ("time", "monotonic", "perf_counter", "process_time", "thread_time")
"""Functions of `time` in seconds; each has a twin in nanoseconds."""

asked: dict[str, None] = {}
"""What was used since it was last emptied, in order of first use."""


class Chance:
    """What stands in for this process's clocks and generators, once it is made.

    Attributes
    ----------
    now_s : float
        What clocks show, in seconds; to be set by whoever knows it.
    """

    def __init__(self) -> None:
        self.now_s, self._ahead_ns = 0.0, 0
        self._source = source = random.Random(0)
        self._shared = shared = random._inst
        for name in CLOCKS:
            setattr(time, name, _noted(f"time.{name}", lambda: self._ns() / 1e9))
            setattr(time, f"{name}_ns", _noted(f"time.{name}_ns", self._ns))
        os.urandom = _noted("os.urandom", source.randbytes)
        random._urandom = os.urandom  # type: ignore[attr-defined]  # for SystemRandom
        for name in random.__all__:
            value = getattr(random, name)
            if getattr(value, "__self__", None) is shared:
                setattr(random, name, _noted(f"random.{name}", value))
        random.Random = _kind(source)  # type: ignore[misc]

    def seed(self, number: int) -> None:
        """Begin anew, as process number so and so: no two are alike."""
        self._source.seed(number)
        self._shared.seed(number)
        self._ahead_ns = number * 1_000_000
        arrays = sys.modules.get("numpy.random")  # where the lab uses it
        if arrays is not None:
            arrays.seed(number)

    def _ns(self) -> int:
        return int(self.now_s * 1e9) + self._ahead_ns


def taken() -> list[str]:
    """Return what was used since the last call."""
    names = list(asked)[:16]
    asked.clear()
    return names


def _noted(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    def noted(*args: Any, **kwargs: Any) -> Any:
        asked[name] = None
        return call(*args, **kwargs)

    noted.__name__ = name.rpartition(".")[2]
    return noted


def _kind(source: random.Random) -> type[random.Random]:
    """Return a class of generators whose seed, where none is given, is ours."""

    class Random(random.Random):
        def __init__(self, seed: Any = None) -> None:
            if seed is None:
                asked["random.Random()"] = None
                seed = source.random()
            super().__init__(seed)

    Random.__module__, Random.__qualname__ = "random", "Random"
    return Random
