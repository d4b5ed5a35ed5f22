"""The numbers of HyParView, Plumtree and Cyclon, measured again.

`rows` is what ``p2pkit bench broadcast`` prints. What was published for 10,000 nodes is
beside runs of 10,000 nodes; at any other size stands what a random regular graph of the
same size gives in the same place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import inf
from statistics import fmean
from typing import Any

import networkx as nx

from p2pkit.classroom import broadcast_experiments as experiments
from p2pkit.classroom.published import Gate, Row, row
from p2pkit.classroom.swim_tables import several
from p2pkit.core import LabError, topologies
from p2pkit.core.driver import seeded
from p2pkit.observe import views
from p2pkit.protocols import HyParView

NODES, FEWER = 10_000, 1000
"""Nodes in the paper, and those that rows are measured at which take many overlays."""

LEITAO, IDEAL = "Leitao et al. 2007", "random regular graph of this size"
PATH, CLUSTERING, LAST_HOP = 6.39, 0.00092, 9.0
UNREPAIRED = {0.3: 0.998, 0.5: 0.956, 0.7: 0.416, 0.8: 0.002}
"""What hangs together of 10,000 nodes when a share dies, re-run apart from us."""

CYCLON = {"clustering": 0.0068, "path": 2.60}
SHARES = (0.3, 0.5, 0.7, 0.8, 0.9)
CLOSE, REACHED = Gate(0.03, 0.03), Gate(0.01, 0.0)
LEFT, EXACT = Gate(0.06, 0.06, is_share=False), Gate(0.0, 0.0)
STABLE, FLOOD = Gate(inf, 0.05, is_share=False), Gate(0.05, 0.05)
BROADCASTS, GRAPHS = 5, 20
"""Broadcasts behind a mean of last hops, and graphs behind what stands in for one."""

JITTER_S = 2.0
"""Seconds within which half of all nodes join at once. In the paper they come one after
the other; where a thousand come in a tenth of a second, the walks of newcomers end at
each other, and clustering is many times that of a random graph."""

Asked = Mapping[str, Any]


def rows(
    variant: str | None = None,
    sites: int | Sequence[int] | None = None,
    share: float | Sequence[float] | None = None,
    runs: int | None = None,
    seed: int = 1,
) -> Iterator[Row]:
    """Measure, and yield a row a quantity, as soon as it is known.

    Parameters
    ----------
    variant : str, optional
        One of `VARIANTS`; all if not given.
    sites : int or sequence of int, optional
        Nodes; 10,000 for the overlay's shape and 1,000 for all others if not given.
        Ten thousand take some minutes a run.
    share : float or sequence of float, optional
        How many die, of all; for ``survival`` and ``unrepaired``.
    runs, seed : int
        Runs behind each value, at least 2, and the first one's seed.

    Raises
    ------
    LabError
        If there is no such variant, or a number that makes no sense.
    """
    if runs is not None and runs < 2:
        reason = "a mean needs at least 2 runs, or nothing is known of its error"
        raise LabError(reason)
    if variant is not None and variant not in VARIANTS:
        reason = f"no variant is called {variant!r}; there are {', '.join(VARIANTS)}"
        raise LabError(reason)
    asked = {"sites": several(sites), "share": several(share), "seed": seed}
    for name in [variant] if variant else VARIANTS:
        yield from VARIANTS[name]({**asked, "runs": runs})


def overlay(asked: Asked) -> Iterator[Row]:
    """Yield the shape of a HyParView overlay, and how far a flood goes in it."""
    for n in asked["sites"] or (NODES,):
        seeds = _seeds(asked, 2)
        found = [_shape_and_hops(seed, n) for seed in seeds]
        degree = HyParView.Config().active
        ideal = [_ideal(seed, n, degree) for seed in seeds]
        paper = n == NODES
        path, clustering = (fmean(one[i] for one in ideal) for i in (0, 1))
        what, source = f"HyParView, {n:,} nodes", LEITAO if paper else IDEAL
        target = PATH if paper else path
        yield row(what, "path", [one[0].path for one in found], target, source, CLOSE)
        near = CLUSTERING if paper else clustering
        yield row(
            what, "clustering", [one[0].clustering for one in found], near, source
        )
        hops = LAST_HOP if paper else None
        yield row(what, "last hop", [one[1] for one in found], hops, source)
        yield row(what, "degree", [one[0].degree for one in found], float(degree))


def survival(asked: Asked) -> Iterator[Row]:
    """Yield how many survivors of a catastrophe broadcasts reach after one repair."""
    for n in asked["sites"] or (FEWER,):
        for share in asked["share"] or SHARES:
            found = [
                experiments.mass_failure(seed, share, n)["reached"]
                for seed in _seeds(asked, 3)
            ]
            what = f"HyParView, {n:,} nodes, {share:.0%} killed, repaired once"
            yield row(what, "survivors reached", found, 1.0, LEITAO, REACHED)


def unrepaired(asked: Asked) -> Iterator[Row]:
    """Yield how many survivors hang together without any repair."""
    for n in asked["sites"] or (FEWER,):
        for share in asked["share"] or SHARES:
            found = [
                experiments.mass_failure(seed, share, n, repair=False, broadcasts=1)
                for seed in _seeds(asked, 3)
            ]
            law, source = UNREPAIRED.get(share), "independent re-run"
            if n != NODES or law is None:
                law = fmean(_giant(number, n, share) for number in range(GRAPHS))
                source = IDEAL
            what = f"HyParView, {n:,} nodes, {share:.0%} killed, no repair"
            largest = [one["largest"] for one in found]
            yield row(what, "largest part", largest, law, source, LEFT)


def tree(asked: Asked) -> Iterator[Row]:
    """Yield what Plumtree's first broadcast costs, and what its stable tree does."""
    for n in asked["sites"] or (FEWER,):
        grown = [experiments.tree_growth(seed, n) for seed in _seeds(asked, 3)]
        what = f"Plumtree, {n:,} nodes"
        exact = [one[0]["payloads"] / one[0]["flood"] for one in grown]
        yield row(what, "first, of a flood", exact, 1.0, "2E - n + 1", EXACT)
        first = [one[0]["redundancy"] for one in grown]
        flood = HyParView.Config().active - 2.0
        yield row(what, "first, redundancy", first, flood, "degree - 2", FLOOD)
        stable = [fmean(one["redundancy"] for one in run[4:]) for run in grown]
        yield row(what, "stable, redundancy", stable, 0.0, LEITAO, STABLE)


def cyclon(asked: Asked) -> Iterator[Row]:
    """Yield the shape of a Cyclon overlay; the paper's is remembered, so no gate."""
    for n in asked["sites"] or (FEWER,):
        found = [
            experiments.shape(seed, n, "cyclon", sources=50, view=35)
            for seed in _seeds(asked, 2)
        ]
        what = f"Cyclon, {n:,} nodes, views of 35"
        for name in ("path", "clustering", "in_degree_mean", "in_degree_deviation"):
            published = CYCLON.get(name) if n == NODES else None
            source = LEITAO if published else ""
            yield row(what, name, [one[name] for one in found], published, source)


def _seeds(asked: Asked, usual: int) -> range:
    return range(asked["seed"], asked["seed"] + (asked["runs"] or usual))


def _shape_and_hops(seed: int, n: int) -> tuple[views.Shape, float]:
    rng = seeded(seed, "experiment")
    with experiments.overlay(seed, n, join_jitter_s=JITTER_S) as cluster:
        shape = views.shape(cluster.snapshot(), sources=100)
        hops = []
        for _ in range(BROADCASTS):
            number = cluster[rng.randrange(n)].broadcast(b"how far?")
            cluster.advance(3.0)
            hops.append(views.delivery(cluster.trace, number).last_hop)
    return shape, fmean(hops)


def _graph(seed: int, n: int, degree: int) -> nx.Graph[str]:
    most = min(degree, n - 1)
    most -= n * most % 2  # no graph has an odd number of ends
    links = topologies.regular(n, most, seed)
    return nx.Graph((str(a), str(b)) for a, b in links)


def _ideal(seed: int, n: int, degree: int) -> tuple[float, float]:
    graph = _graph(seed, n, degree)
    return views.path_length(graph, 100), nx.average_clustering(graph)


def _giant(seed: int, n: int, share: float) -> float:
    """Return the largest part of a regular graph when a share of its nodes is gone."""
    graph = _graph(seed, n, HyParView.Config().active)
    gone = seeded(seed, "dead").sample(list(graph), round(share * n))
    graph.remove_nodes_from(gone)
    parts = [len(part) for part in nx.connected_components(graph)]
    return max(parts, default=0) / max(1, len(graph))


VARIANTS: dict[str, Callable[[Asked], Iterator[Row]]] = {
    "overlay": overlay,
    "survival": survival,
    "unrepaired": unrepaired,
    "tree": tree,
    "cyclon": cyclon,
}
"""What ``--variant`` may name."""
