"""The lines of a path: hops as they are drawn, colored by how far they are along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from p2pkit.core import Finished, LocalProtocolError, Record, parse_address
from p2pkit.observe.paths import Hop, hops_of
from p2pkit.view.palette import FAILED_COLOR, HOP_COLORS, WAVE, ramp_color

if TYPE_CHECKING:
    import networkx as nx

    Overlay = nx.DiGraph[str]

MOST_LINES = 2000
"""Hops drawn at most; the picture says so."""

MANY_LINES = 80
"""Hops up to which lines have their full width."""

FEW_ENTRIES = 6
"""Depths that the legend names at most."""


class Line(NamedTuple):
    """A hop as it is drawn."""

    source: str
    target: str
    color: str
    width: float
    dashed: bool
    number: int
    title: str


class Entry(NamedTuple):
    """A line of the legend.

    `mark` is a shape of nodes, or hollow, line, dash, edge, ramp or sizes; `color` of a
    ramp all its colors, of an edge its color and dashes, with commas between.
    """

    mark: str
    color: str
    text: str


def path_hops(
    graph: Overlay, path: Any, trace: Sequence[Record], source: str | None
) -> list[Hop]:
    """Return the hops of a path over a graph, see `observe.paths.hops_of`.

    Raises
    ------
    LocalProtocolError
        If it is no path, or a lookup that begins at no node of the graph.
    """
    if isinstance(path, Record):
        source = source or path.node
        path = path.event if isinstance(path.event, Finished) else path
    if isinstance(path, Finished) and (source is None or source not in graph):
        reason = (
            f"the path begins at {source!r}, which is no node of this graph: give the "
            "record of the lookup, or source= with the name of the node that made it"
        )
        raise LocalProtocolError(reason)
    return hops_of(path, trace, _named(graph), source)


def _named(graph: Overlay) -> dict[Any, str]:
    named: dict[Any, str] = {}
    for name, data in graph.nodes.data():
        if "id" in data:
            named[data["id"]] = name
        try:
            named[parse_address(str(data.get("address", "")))] = name
        except LocalProtocolError:
            continue  # a graph of one's own need not have addresses
    return named


def lines_of(graph: Overlay, hops: Sequence[Hop]) -> tuple[Line, ...]:
    """Return the hops between nodes of the graph as lines, the first at most."""
    known = [hop for hop in hops if hop.source in graph and hop.target in graph]
    colors = _colors(known)
    thin = thinness(len(known))
    return tuple(
        Line(
            hop.source,
            hop.target,
            colors[i] if hop.ok else FAILED_COLOR,
            thin * (max(1.4, 3.4 - 0.5 * hop.depth) if hop.depth else 1.8),
            not hop.ok,
            hop.number,
            _title(hop),
        )
        for i, hop in enumerate(known[:MOST_LINES])
    )


def thinness(lines: int) -> float:
    """Return by what widths are multiplied, so that many lines are no solid disc."""
    return float(max(0.3, min(1.0, (MANY_LINES / max(lines, 1)) ** 0.5)))


def _title(hop: Hop) -> str:
    depth = f", hop {hop.depth}" if hop.depth else ""
    took = f" after {hop.took_s * 1000:.1f} ms" if hop.took_s else ""
    outcome = "" if hop.ok and not took else ", arrived" if hop.ok else ", no answer"
    begin = f"{hop.number}: {hop.source} to {hop.target}, {hop.label}{depth}"
    return f"{begin} at {hop.at_s:.3f} s{outcome}{took}"


def _colors(hops: Sequence[Hop]) -> list[str]:
    """Return the color of each hop: by depth, or by time where that is not known."""
    deepest = max((hop.depth for hop in hops), default=0)
    if deepest and deepest <= len(HOP_COLORS):
        return [HOP_COLORS[max(hop.depth, 1) - 1] for hop in hops]
    if deepest:
        return [ramp_color((hop.depth - 1) / deepest, WAVE) for hop in hops]
    begin, end = _times(hops)
    wide = (end - begin) or 1.0
    return [ramp_color((hop.at_s - begin) / wide, WAVE) for hop in hops]


def _times(hops: Sequence[Hop]) -> tuple[float, float]:
    times = [hop.at_s for hop in hops] or [0.0]
    return min(times), max(times)


def path_legend(hops: Sequence[Hop], lines: Sequence[Line]) -> tuple[Entry, ...]:
    """Return what the colors of a path say."""
    if not lines:
        return ()
    deepest = max(hop.depth for hop in hops)
    entries = _depths(hops, lines) if deepest else _clock(hops)
    if any(line.dashed for line in lines):
        entries.append(Entry("dash", FAILED_COLOR, "no answer" if deepest else "lost"))
    return tuple(entries)


def _depths(hops: Sequence[Hop], lines: Sequence[Line]) -> list[Entry]:
    by_number = {line.number: line.color for line in lines}
    colors: dict[str, list[int]] = {}
    for hop in sorted(hops, key=lambda hop: hop.depth):
        if hop.ok and hop.number in by_number:
            colors.setdefault(by_number[hop.number], []).append(hop.depth)
    said = [(color, depths[0], depths[-1]) for color, depths in colors.items()]
    return [
        Entry("line", color, f"hop {low}" if low == high else f"hops {low} to {high}")
        for color, low, high in said[:FEW_ENTRIES]
    ]


def _clock(hops: Sequence[Hop]) -> list[Entry]:
    begin, end = _times(hops)
    return [Entry("wave", ",".join(WAVE), f"from {begin:.3f} s to {end:.3f} s")]
