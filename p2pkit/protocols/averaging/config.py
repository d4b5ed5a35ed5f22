"""Settings of averaging. Read next: ``pairwise.py``."""

from __future__ import annotations

from math import isfinite
from typing import Annotated, Literal

from msgspec import Meta

from p2pkit.core import LocalProtocolError, RemoteProtocolError
from p2pkit.protocols.rounds import RoundsConfig

MOST = 1e100
"""Largest value, either sign: sums of millions of these are still numbers."""


class PairwiseConfig(RoundsConfig, frozen=True, kw_only=True):
    """How pairs come about.

    Parameters
    ----------
    pairing : {"sequential", "random", "matching"}
        Who meets whom: each node calls one random peer a round; calls come at random
        moments, so that some nodes call twice and others not at all; or all nodes
        meet in pairs, which takes a view of everybody.
    stagger : float
        As everywhere; 1 here, so that calls of a round come one after the other. A
        matching begins at all nodes at once, whatever this says.
    resends : int
        How often, once a round, an offer is made again that was not settled; without
        it a lost answer changes the mean of all.
    """

    pairing: Literal["sequential", "random", "matching"] = "sequential"
    stagger: Annotated[float, Meta(ge=0.0, le=1.0)] = 1.0
    resends: Annotated[int, Meta(ge=0, le=100)] = 5


class PushSumConfig(RoundsConfig, frozen=True, kw_only=True):
    """When a node sends a half; nothing else can be set."""


def require_number(value: float) -> float:
    """Return `value` as a float; refuse what cannot be averaged.

    Raises
    ------
    LocalProtocolError
        If it is infinite, not a number, or beyond `MOST`.
    """
    if not is_fit(value):
        reason = f"{value!r} cannot be averaged: hold a number between +-{MOST:g}"
        raise LocalProtocolError(reason)
    return float(value)


def check_number(value: float) -> None:
    """Refuse a number that a peer sent and nobody can average."""
    if not is_fit(value):
        raise RemoteProtocolError("a number that cannot be averaged")  # noqa: EM101, TRY003


def is_fit(value: float) -> bool:
    """Tell whether a value can be averaged; NaN would be everybody's in no time."""
    return isfinite(value) and abs(value) <= MOST
