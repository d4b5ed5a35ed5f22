"""Clocks and chance that are not the context's: made repeatable, and reported.

Student code that asks the machine for the time or for random numbers would get another
grade each time. In the sandbox these answer from the run's clock and from a seed of
the process, and what was asked is noted. Two processes have different seeds, so a
check that runs the same scenario twice sees the difference, each time alike.
"""

from __future__ import annotations

import datetime
import os
import random
import sys
import time
from collections.abc import Callable
from typing import Any

CLOCKS = ("time", "monotonic", "perf_counter", "process_time", "thread_time")
"""Functions of `time` in seconds; each has a twin in nanoseconds."""

CALENDARS = ("gmtime", "localtime", "ctime")
"""Functions of `time` that take a moment, or else the present one."""

NAMES = frozenset(
    [f"time.{name}{end}" for name in (*CLOCKS, "clock_gettime") for end in ("", "_ns")]
    + [f"time.{name}" for name in CALENDARS]
    + [f"random.{name}" for name in random.__all__]
    + ["os.urandom", "os.getrandom", "datetime.now", "random.Random()"]
)
"""All that may be noted. What a process says beyond it is not listened to: notes are
read by students, and what they did not know is not to reach them that way."""

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
        os.getrandom = _noted("os.getrandom", lambda size, *_: source.randbytes(size))
        self._stop_calendars()
        for name in random.__all__:
            value = getattr(random, name)
            if getattr(value, "__self__", None) is shared:
                setattr(random, name, _noted(f"random.{name}", value))
        random.Random = _kind(source)  # type: ignore[misc]

    def _stop_calendars(self) -> None:
        """Let what reads the time of day read it here."""
        for name in CALENDARS:
            real = getattr(time, name)
            setattr(time, name, _noted(f"time.{name}", self._at(real)))
        # Whichever clock is asked for: they are one and the same here.
        shown = {"clock_gettime": lambda _: self._ns() / 1e9,
                 "clock_gettime_ns": lambda _: self._ns()}  # fmt: skip
        for name, call in shown.items():
            setattr(time, name, _noted(f"time.{name}", call))
        datetime.datetime = _moments(lambda: self._ns() / 1e9)  # type: ignore[misc]

    def _at(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function of a moment whose default is ours."""
        return lambda at_s=None: real(self._ns() / 1e9 if at_s is None else at_s)

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
        def seed(self, a: Any = None, version: int = 2) -> None:
            if a is None:
                asked["random.Random()"] = None
                a = source.random()
            super().seed(a, version)

    Random.__module__, Random.__qualname__ = "random", "Random"
    return Random


def _moments(now_s: Callable[[], float]) -> type[datetime.datetime]:
    """Return a class of moments, of which the present one is ours."""

    class Moment(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Moment:
            asked["datetime.now"] = None
            return cls.fromtimestamp(now_s(), tz)

        @classmethod
        def utcnow(cls) -> Moment:
            return cls.now()

        @classmethod
        def today(cls) -> Moment:
            return cls.now()

    Moment.__name__ = Moment.__qualname__ = "datetime"
    return Moment
