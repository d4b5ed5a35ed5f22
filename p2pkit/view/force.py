"""Force-directed places: edges pull, nodes push each other away.

For overlays whose ids mean nothing. Begins from distances counted in edges, so a few
dozen rounds will do: 1,000 nodes take about half a second. The result depends on the
graph alone.

Source: U. Brandes, C. Pich, "Eigensolver Methods for Progressive Multidimensional
Scaling of Large Data", GD 2006, for the begin; T. Fruchterman, E. Reingold, "Graph
Drawing by Force-directed Placement", 1991, for the forces.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float32]
Pairs = NDArray[np.int64]
"""Two rows: one end of each edge, and the other; each edge once."""

PIVOTS = 24
"""Nodes from which distances are counted; Brandes and Pich saw little gain beyond 50,
and less than that does for a begin."""

ROUNDS, ROUNDS_ALONE = 60, 30
"""Rounds for a whole overlay, and for newcomers among nodes that stay."""

GRAVITY, GRAVITY_APART = 0.05, 1.5
"""Pull to the middle: of most nodes, and of those with no way to most others, which
would be pushed far out and leave the rest a speck."""

BLOCK = 64
"""Nodes whose distances to all others are held at once."""

LEAST_SQUARE = 1e-6
"""Squared distance below which two nodes push no harder; they may coincide."""


def force_places(count: int, pairs: Pairs) -> Points:
    """Return a place from -1 to 1 for each of `count` nodes.

    Parameters
    ----------
    count : int
        Nodes are numbers from 0.
    pairs : numpy.ndarray
        Edges, of shape ``(2, edges)``; direction does not matter.
    """
    if count < 2:
        return np.zeros((count, 2), np.float32)
    starts = np.unique(np.linspace(0, count - 1, min(PIVOTS, count)).astype(np.int64))
    hops = hop_counts(count, pairs, starts)
    places = _begin(np.where(hops < 0, hops.max() + 1, hops))
    places += _spiral(count) * np.float32(0.05)
    widest = (hops >= 0).sum(axis=0).argmax()
    gravity = np.where(hops[:, widest] < 0, GRAVITY_APART, GRAVITY)
    moving = np.arange(count)
    return fitted(_relax(places, moving, pairs, gravity, ROUNDS, heat=0.15))


def join_places(places: Points, newcomers: NDArray[np.int64], pairs: Pairs) -> Points:
    """Return `places` with `newcomers` moved near their neighbors; the rest stays.

    Parameters
    ----------
    places : numpy.ndarray
        A place for each node; those of newcomers do not matter.
    newcomers : numpy.ndarray
        Numbers of the nodes that have no place yet.
    pairs : numpy.ndarray
        All edges.
    """
    places = places.copy()
    is_new = np.zeros(len(places), bool)
    is_new[newcomers] = True
    both = np.concatenate([pairs, pairs[::-1]], axis=1)
    known = both[:, is_new[both[0]] & ~is_new[both[1]]]
    spread = _spiral(len(places)) * np.float32(0.1)
    for node in newcomers:
        friends = known[1][known[0] == node]
        middle = places[friends].mean(axis=0) if len(friends) else 0
        places[node] = middle + spread[node]
    gravity = np.where(np.isin(newcomers, both), GRAVITY, GRAVITY_APART)
    moved = _relax(places, newcomers, pairs, gravity, ROUNDS_ALONE, heat=0.05)
    return np.clip(moved, -1, 1)


def fitted(places: Points) -> Points:
    """Return places moved and scaled so that they just fit in -1 to 1."""
    low, high = places.min(axis=0), places.max(axis=0)
    half = max(float((high - low).max()) / 2, 1e-9)
    result: Points = ((places - (low + high) / 2) / half).astype(np.float32)
    return result


def hop_counts(count: int, pairs: Pairs, starts: NDArray[np.int64]) -> Points:
    """Return how many edges each node is from each start; -1 where none lead."""
    loops = np.arange(count)
    both = np.concatenate([pairs, pairs[::-1], [loops, loops]], axis=1)
    both = both[:, np.argsort(both[0], kind="stable")]
    begins = np.searchsorted(both[0], loops)
    reached = np.zeros((count, len(starts)), bool)
    reached[starts, np.arange(len(starts))] = True
    hops = np.where(reached, 0, -1).astype(np.float32)
    for hop in range(1, count):
        wave = np.logical_or.reduceat(reached[both[1]], begins, axis=0)
        fresh = wave & ~reached
        if not fresh.any():
            break
        hops[fresh] = hop
        reached = wave
    return hops


def _begin(hops: Points) -> Points:
    """Place nodes by their distances from a few of them (pivot scaling)."""
    squares = hops**2
    across, down = squares.mean(axis=0), squares.mean(axis=1, keepdims=True)
    centered = squares - across - down + squares.mean()
    vectors, sizes, _ = np.linalg.svd(centered, full_matrices=False)
    flat = np.zeros((len(hops), 2), np.float32)
    wide = min(2, vectors.shape[1])
    # A mirrored picture is as good, but should not depend on the solver's sign.
    signs = np.sign(vectors[np.abs(vectors).argmax(axis=0), range(vectors.shape[1])])
    flat[:, :wide] = (vectors * signs * np.sqrt(sizes))[:, :wide]
    return fitted(flat)


def _relax(
    places: Points,
    moving: NDArray[np.int64],
    pairs: Pairs,
    gravity: NDArray[np.float64],
    rounds: int,
    heat: float,
) -> Points:
    """Let nodes pull and push for some rounds; `heat` is the longest first step."""
    count = len(places)
    ideal = np.float32(1.6 / np.sqrt(count))
    where = np.full(count, -1, np.int64)
    where[moving] = np.arange(len(moving))
    both = np.concatenate([pairs, pairs[::-1]], axis=1)
    both = both[:, where[both[0]] >= 0]
    rows = where[both[0]]
    inward = gravity.astype(np.float32)[:, None]
    places = places.copy()
    for step in range(rounds):
        mine = places[moving]
        push = _push(mine, places) * ideal**2
        pull = _pull(places, both, rows, len(moving)) / ideal
        force = push + pull - mine * inward
        long = np.maximum(np.sqrt((force**2).sum(axis=1, keepdims=True)), 1e-9)
        most = np.float32(heat * (1 - step / rounds) + 1e-3)
        places[moving] = mine + force / long * np.minimum(long, most)
    return places


def _push(mine: Points, places: Points) -> Points:
    """Return the sum over all nodes of (mine - theirs) / distance squared."""
    # Row by row of blocks that fit the cache, and not by matrix products: those wake
    # threads that wait for each other where the machine is busy.
    pushes = np.empty_like(mine)
    across, down = places[:, 0], places[:, 1]
    for start in range(0, len(mine), BLOCK):
        rows = mine[start : start + BLOCK]
        x, y = rows[:, :1] - across, rows[:, 1:] - down
        weights = x * x
        weights += y * y
        np.maximum(weights, np.float32(LEAST_SQUARE), out=weights)
        np.reciprocal(weights, out=weights)
        for axis, apart in enumerate((x, y)):
            pushes[start : start + BLOCK, axis] = np.einsum("ij,ij->i", apart, weights)
    return pushes


def _pull(places: Points, both: Pairs, rows: NDArray[np.int64], count: int) -> Points:
    """Return the sum over a node's edges of (theirs - mine) times distance."""
    apart = places[both[1]] - places[both[0]]
    apart *= np.sqrt((apart**2).sum(axis=1, keepdims=True))
    sums = [np.bincount(rows, apart[:, axis], count) for axis in (0, 1)]
    return np.stack(sums, axis=1).astype(np.float32)


def _spiral(count: int) -> Points:
    """Return points spread evenly over a disc: the pattern of sunflower seeds."""
    number = np.arange(count) + 0.5
    radius, angle = np.sqrt(number / max(count, 1)), number * np.pi * (3 - 5**0.5)
    spread = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return spread.astype(np.float32)
