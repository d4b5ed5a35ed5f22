"""Published figures of unstructured search, measured again.

`rows` is what ``p2pkit bench search`` prints. With other parameters than the published
ones the same is run, and compared with closed forms where they hold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from math import sqrt
from statistics import fmean
from typing import Any

from p2pkit.classroom.published import Gate, Row, row
from p2pkit.classroom.search_experiments import (
    DEGREE,
    NODES,
    REPLICATION,
    TTLS,
    compare,
    coverage,
    expected_coverage,
    strategies,
    tree_coverage,
)
from p2pkit.core import LabError
from p2pkit.core.content import zipf
from p2pkit.observe.search import tree_reach

LV = "random graph, as in Lv et al. 2002"
COHEN = "Cohen and Shenker 2002"
COVERAGE = {
    5: (13.0, 1_400.0, 8.0),
    6: (44.0, 5_800.0, 26.0),
    7: (75.0, 14_200.0, 48.0),
    8: (92.0, 23_100.0, 61.0),
    9: (99.0, 29_400.0, 67.0),
}
"""Of 10,000 nodes with 4 links on average, for each TTL: per cent of the nodes reached,
messages, per cent of those that were duplicates. They are means of some floods each,
and at TTL 6 one differs from the next by 15 points: over many askers and graphs the
mean there is 38 to 39."""

FOUND = {
    ("32 walkers", 0.01): (217.0, 5.0),
    ("32 walkers", 0.005): (401.0, 11.0),
    ("32 walkers", 0.001): (1_090.0, 33.0),
    ("expanding ring", 0.01): (543.0, None),
    ("expanding ring", 0.005): (843.0, None),
    ("expanding ring", 0.001): (5_684.0, None),
}
"""On the same graph, for a way to search and the share of nodes that have the file:
messages, and hops to the first that has it."""

GRAPH_SOURCES = 200
"""Askers whose floods are read from the graph, beside those that servents flood for."""

POINTS, TENTH, FIFTH = Gate(3, 3, is_share=False), Gate(0.1, 0.1), Gate(0.2, 0.2)
CLOSE, EXACT = Gate(0.05, 0.05), Gate(0, 0)
PARTS = ("coverage", "tree", "walks", "strategies")


def rows(
    variant: str | None = None,
    nodes: int = NODES,
    degree: float = DEGREE,
    kind: str | None = None,
    ttl: int | Sequence[int] = TTLS,
    runs: int | None = None,
    replication: float | Sequence[float] = REPLICATION,
    late_s: float | None = None,
    files: int = 50,
    copies: float = 1.0,
    exponent: float = 1.0,
    seed: int = 7,
) -> Iterator[Row]:
    """Measure, and yield a row a quantity, as soon as it is known.

    Parameters
    ----------
    variant : str, optional
        ``coverage`` of floods, the same in a ``tree``, ``walks`` against an expanding
        ring, or replication ``strategies``; all if not given.
    nodes, degree : int, float
        How many nodes, and links of each on average.
    kind : str, optional
        The network, see `search_experiments.network`; ``random``, and for strategies
        ``regular``, if not given.
    ttl : int or sequence of int
        TTLs of the floods.
    runs : int, optional
        Floods for each TTL, or searches for each value, at least 2; 16, 40 and 1000
        if not given.
    replication : float or sequence of float
        Shares of the nodes that have the file that walks look for.
    late_s : float, optional
        0 to let hits take their way home before walkers hear of them, see `compare`.
    files, copies, exponent
        How many files there are, how many a node holds on average, and the exponent
        of their Zipf law, for strategies.
    seed : int
        Starts every generator.

    Raises
    ------
    LabError
        If there is no such variant, or one run alone was asked for.
    """
    if variant not in (None, *PARTS) or (runs is not None and runs < 2):
        reason = f"a variant is one of {', '.join(PARTS)}, and runs are at least 2, "
        reason += f"not {variant!r} and {runs}"
        raise LabError(reason)
    ttls = [ttl] if isinstance(ttl, int) else list(ttl)
    shares = [replication] if isinstance(replication, float) else list(replication)
    net = {"nodes": nodes, "degree": degree}
    if variant in (None, "coverage"):
        yield from _coverage(seed, ttls, runs or 16, net | {"kind": kind or "random"})
    if variant in (None, "tree"):
        yield from _tree(seed, round(degree), [one for one in ttls if one <= 7])
    if variant in (None, "walks"):
        late: dict[str, Any] = {} if late_s is None else {"late_s": late_s}
        where = net | {"kind": kind or "random"}
        yield from _walks(seed, shares, runs or 40, where, late)
    if variant in (None, "strategies"):
        where = net | {"kind": kind or "regular"}
        what = {"files": files, "copies": copies, "exponent": exponent}
        yield from _strategies(seed, runs or 1000, where, what)


def _coverage(
    seed: int, ttls: Iterable[int], runs: int, net: dict[str, Any]
) -> Iterator[Row]:
    by_ttl = _grouped(coverage(seed, ttls, runs, **net), "ttl")
    by_graph = _grouped(expected_coverage(seed, ttls, GRAPH_SOURCES, **net), "ttl")
    for (ttl,), floods in by_ttl.items():
        what = f"flood, TTL {ttl}, {_words(net)}"
        values = (
            [100 * one["reached"] for one in floods],
            [float(one["messages"]) for one in floods],
            _ratio([(one["wasted"], one["messages"]) for one in floods]),
        )
        printed = COVERAGE.get(ttl) if _is_published(net) else None
        names = ("reached, %", "messages", "duplicates, %")
        gates = (POINTS, TENTH, POINTS)
        for place, quantity in enumerate(names):
            beside = (printed[place], LV, gates[place]) if printed else ()
            yield row(what, quantity, values[place], *beside)
        shares = [100 * one["reached"] for one in by_graph[ttl,]]
        yield row(what, f"of {len(shares)} askers, %", shares)
        exact = [float(one["exact"]) for one in floods]
        yield row(what, "as the graph says", exact, 1.0, "breadth-first search", EXACT)


def _tree(seed: int, degree: int, ttls: Sequence[int]) -> Iterator[Row]:
    source = "sum of d (d - 1)^i (Ritter 2001)"
    for one in tree_coverage(seed, degree, ttls or [7]):
        what = f"flood, TTL {one['ttl']}, tree with {degree} links each"
        law = float(tree_reach(degree, one["ttl"]))
        yield row(what, "others reached", [float(one["reached"])], law, source, EXACT)
        source_2 = "one message each: no duplicates in a tree"
        yield row(what, "messages", [float(one["messages"])], law, source_2, EXACT)


def _walks(
    seed: int,
    shares: Sequence[float],
    runs: int,
    net: dict[str, Any],
    late: dict[str, Any],
) -> Iterator[Row]:
    found = compare(seed, shares, None, runs, **net, **late)
    for (way, share), searches in _grouped(found, "way", "replication").items():
        what = f"{way}, {share:.2%} have it, {_words(net)}"
        hit = [one for one in searches if one["found"]]
        costs = [float(one["messages"]) for one in searches]
        hops = [float(one["hops"]) for one in hit]
        source, *values = _beside(way, share, net, late)
        quantities = ("messages", "hops to the file")
        for quantity, measured, value in zip(
            quantities, (costs, hops), values, strict=True
        ):
            beside = (value, source, FIFTH) if value else ()
            yield row(what, quantity, measured, *beside)
        checks = [float(one["checks"] + one["answers"]) for one in searches]
        yield row(what, "checks and hits", checks)
        yield row(what, "found, %", [100.0 * one["found"] for one in searches])


def _beside(
    way: str, share: float, net: dict[str, Any], late: dict[str, Any]
) -> tuple[str, float | None, float | None]:
    """Return a source, and its messages and hops, as far as it has any."""
    if way == "1 walker" and net["kind"] in ("random", "regular"):
        return "nodes / copies", None, 1 / share
    if _is_published(net) and not late:
        return LV, *FOUND.get((way, share), (None, None))
    return "", None, None


def _strategies(
    seed: int, runs: int, net: dict[str, Any], what: dict[str, Any]
) -> Iterator[Row]:
    """Yield the mean search for each strategy, beside its closed form.

    It holds where bounds do not bind: no file wanted on more nodes than there are.
    """
    popularity, per_node = zipf(what["files"], what["exponent"]), what["copies"]
    root = sum(map(sqrt, popularity)) ** 2 / per_node
    equal = what["files"] / per_node
    laws = {
        "uniform": (equal, "m / rho"),
        "proportional": (equal, "m / rho"),
        "square-root": (root, "(sum sqrt q)^2 / rho"),
    }
    judged = CLOSE if net["kind"] == "regular" else None
    found = strategies(seed, searches=runs, **what, **net)
    for (name,), searches in _grouped(found, "strategy").items():
        law, source = laws[name]
        setting = f"one walker, {name} copies of {what['files']} files, {_words(net)}"
        steps = [float(one["steps"]) for one in searches]
        source = f"{source} ({COHEN})"
        yield row(setting, "steps to a copy", steps, law, source, judged)


def _grouped(
    found: Iterable[dict[str, Any]], *names: str
) -> dict[tuple[Any, ...], list[dict[str, Any]]]:
    groups: defaultdict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for one in found:
        groups[tuple(one[name] for name in names)].append(one)
    return groups


def _ratio(floods: Sequence[tuple[float, int]]) -> list[float]:
    """Return, a flood each, values whose mean is the per cent wasted of all together.

    A mean of shares would count a flood that hardly got anywhere as much as one that
    reached all; what each adds to the whole has the spread of the ratio estimator.
    """
    mean = fmean(messages for _, messages in floods)
    whole = fmean(wasted * messages for wasted, messages in floods) / mean
    return [100 * (whole + (one - whole) * sent / mean) for one, sent in floods]


def _is_published(net: dict[str, Any]) -> bool:
    return net == {"nodes": NODES, "degree": DEGREE, "kind": "random"}


def _words(net: dict[str, Any]) -> str:
    return f"{net['kind']}, {net['nodes']:,} nodes, degree {net['degree']:g}"
