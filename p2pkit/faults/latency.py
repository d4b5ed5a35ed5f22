"""Latencies: how long a packet is on its way, as distributions."""

from __future__ import annotations

import itertools
import math
from typing import Protocol

import msgspec

from p2pkit.core import LocalProtocolError
from p2pkit.faults.packet import Chance

LONGEST_S = 60.0
"""No packet is longer on its way: a heavy tail must end before the run does."""


class Latency(Protocol):
    """A distribution of delays, in seconds."""

    def sample(self, rng: Chance) -> float:
        """Return one delay in seconds, in ``[0, LONGEST_S]``."""
        ...


class Constant(msgspec.Struct, frozen=True):
    """Every packet takes `delay_s` seconds; draws no random number."""

    delay_s: float

    def __post_init__(self) -> None:
        _require_ordered("a constant latency", 0.0, self.delay_s, LONGEST_S)

    def sample(self, rng: Chance) -> float:
        """Return `delay_s`."""
        return self.delay_s


class Uniform(msgspec.Struct, frozen=True):
    """Any delay from `low_s` to `high_s` seconds is equally likely."""

    low_s: float
    high_s: float

    def __post_init__(self) -> None:
        _require_ordered("a uniform latency", 0.0, self.low_s, self.high_s, LONGEST_S)

    def sample(self, rng: Chance) -> float:
        """Return one delay in seconds."""
        return rng.uniform(self.low_s, self.high_s)


class Normal(msgspec.Struct, frozen=True):
    """Delays around `mean_s` with standard deviation `deviation_s`, none below 0."""

    mean_s: float
    deviation_s: float

    def __post_init__(self) -> None:
        _require_ordered("a normal latency", 0.0, self.mean_s, LONGEST_S)
        _require_ordered("a normal latency's deviation", 0.0, self.deviation_s)

    def sample(self, rng: Chance) -> float:
        """Return one delay in seconds."""
        return min(max(0.0, rng.gauss(self.mean_s, self.deviation_s)), LONGEST_S)


class Exponential(msgspec.Struct, frozen=True):
    """At least `least_s`, and an exponential queueing delay of mean `mean_s` more."""

    mean_s: float
    least_s: float = 0.0

    def __post_init__(self) -> None:
        _require_ordered("an exponential latency", 0.0, self.least_s, LONGEST_S)
        _require_ordered("an exponential latency's mean", 1e-9, self.mean_s)

    def sample(self, rng: Chance) -> float:
        """Return one delay in seconds."""
        return min(self.least_s + rng.expovariate(1.0 / self.mean_s), LONGEST_S)


class Pareto(msgspec.Struct, frozen=True):
    """At least `least_s`, with a heavy tail: the smaller `shape`, the heavier."""

    least_s: float
    shape: float = 2.5

    def __post_init__(self) -> None:
        _require_ordered("a Pareto latency", 0.0, self.least_s, LONGEST_S)
        _require_ordered("a Pareto latency's shape", 1e-9, self.shape)

    def sample(self, rng: Chance) -> float:
        """Return one delay in seconds."""
        return min(self.least_s * rng.paretovariate(self.shape), LONGEST_S)


class LogNormal(msgspec.Struct, frozen=True):
    """Half of the delays are below `median_s`; `sigma` is the spread of their log."""

    median_s: float
    sigma: float = 0.5

    def __post_init__(self) -> None:
        _require_ordered("a log-normal latency", 1e-9, self.median_s, LONGEST_S)
        _require_ordered("a log-normal latency's sigma", 0.0, self.sigma, 10.0)

    def sample(self, rng: Chance) -> float:
        """Return one delay in seconds."""
        return min(self.median_s * math.exp(rng.gauss(0.0, self.sigma)), LONGEST_S)


def _require_ordered(what: str, *values: float) -> None:
    if not all(a <= b for a, b in itertools.pairwise(values)):
        bounds = " <= ".join(f"{value:g}" for value in values)
        reason = f"{what} needs {bounds}, in seconds, and that does not hold"
        raise LocalProtocolError(reason)
