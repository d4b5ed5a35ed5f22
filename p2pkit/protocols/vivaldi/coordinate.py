"""Coordinates: a place in a space where distance is a round-trip time, in seconds.

What it shows: a height above the space stands for the last mile. All traffic of a node
goes down its own and up the other's, so heights add where places subtract.
Source: Dabek, Cox, Kaashoek, Morris, "Vivaldi: A Decentralized Network Coordinate
System", SIGCOMM 2004, section 5.4 on heights. The adjustment, a correction of what no
space can hold, is from Lee et al., "On suitability of Euclidean embedding for
host-based network coordinate systems", ToN 18 (2010).
Read next: ``position.py``.
"""

from __future__ import annotations

from math import dist, hypot, isfinite
from typing import Annotated

from msgspec import Meta, Struct

from p2pkit.core import RemoteProtocolError, Rng
from p2pkit.protocols.vivaldi.config import MOST_DIMENSIONS, VivaldiConfig

LEAST_S = 1e-6
"""A microsecond: what is nearer is in the same place, and no round trip is shorter."""

Vector = Annotated[tuple[float, ...], Meta(max_length=MOST_DIMENSIONS)]


class Coordinate(Struct, frozen=True, gc=False):
    """Where a node believes to be.

    Parameters
    ----------
    vector : tuple of float
        Its place in the space, in seconds.
    height_s : float
        Of its last mile, above 0.
    error : float
        How wrong its distances are, relative to the round trips.
    adjustment_s : float
        Added to each distance, may be negative.
    """

    vector: Vector
    height_s: float
    error: float
    adjustment_s: float = 0.0


def origin(config: VivaldiConfig) -> Coordinate:
    """Return where a node begins that knows nothing."""
    vector = (0.0,) * config.dimensions
    return Coordinate(vector, config.height_min_s, config.error_max)


def raw_distance_s(one: Coordinate, other: Coordinate) -> float:
    """Return the distance that forces act on: through the space, and both heights."""
    return dist(one.vector, other.vector) + one.height_s + other.height_s


def distance_s(one: Coordinate, other: Coordinate) -> float:
    """Return the round trip to be expected between two nodes, in seconds.

    Both must have as many dimensions. Adjustments count unless they would make the
    distance negative.

    Examples
    --------
    >>> one = Coordinate((0.0, 0.0), 0.001, 0.1)
    >>> other = Coordinate((0.03, 0.04), 0.002, 0.1, adjustment_s=-0.003)
    >>> round(distance_s(one, other), 6)
    0.05
    """
    raw_s = raw_distance_s(one, other)
    adjusted_s = raw_s + one.adjustment_s + other.adjustment_s
    return adjusted_s if adjusted_s > 0.0 else raw_s


def pushed(
    one: Coordinate, other: Coordinate, force_s: float, config: VivaldiConfig, rng: Rng
) -> Coordinate:
    """Return `one` after a force away from `other`, or towards it if negative.

    The paper shares a step out between place and height. Here as in serf the place
    takes all of it, and the height as many times more as heights are of the way.
    """
    apart_s = dist(one.vector, other.vector)
    height_s = one.height_s
    if apart_s > LEAST_S:
        scale = force_s / apart_s
        away = [a - b for a, b in zip(one.vector, other.vector, strict=True)]
        grown_s = scale * (one.height_s + other.height_s)
        # Of two that nearly coincide the quotient is beyond all measure.
        height_s += min(grown_s, config.step_max_s)
    else:
        away = _anywhere(len(one.vector), rng)
        scale = force_s
    vector = tuple([a + scale * b for a, b in zip(one.vector, away, strict=True)])
    height_s = max(height_s, config.height_min_s)
    return Coordinate(vector, height_s, one.error, one.adjustment_s)


def _anywhere(dimensions: int, rng: Rng) -> list[float]:
    """Return a random direction, of length 1: two in one place must part somehow."""
    away = [rng.gauss(0.0, 1.0) for _ in range(dimensions)]
    length = hypot(*away) or 1.0
    return [part / length for part in away]


def check(claimed: Coordinate, config: VivaldiConfig) -> None:
    """Refuse a coordinate that no honest peer has.

    Raises
    ------
    RemoteProtocolError
        If it has other dimensions than ours, is not finite, or is out of bounds.
    """
    if len(claimed.vector) != config.dimensions:
        raise RemoteProtocolError("coordinate of other dimensions")  # noqa: EM101, TRY003
    numbers = (claimed.height_s, claimed.error, claimed.adjustment_s)
    if not all(map(isfinite, (*claimed.vector, *numbers))):
        raise RemoteProtocolError("coordinate not finite")  # noqa: EM101, TRY003
    if not 0.0 <= claimed.error <= config.error_max:
        raise RemoteProtocolError("coordinate's error out of bounds")  # noqa: EM101, TRY003
    if claimed.height_s <= 0.0:
        raise RemoteProtocolError("coordinate below ground")  # noqa: EM101, TRY003
    if not hypot(*claimed.vector) + claimed.height_s <= config.reach_s:
        raise RemoteProtocolError("coordinate too far out")  # noqa: EM101, TRY003
    if abs(claimed.adjustment_s) > config.timeout_s:
        raise RemoteProtocolError("coordinate's adjustment too large")  # noqa: EM101, TRY003
