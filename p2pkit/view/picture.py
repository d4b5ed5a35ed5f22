"""Pictures: dots, lines and a legend, before anybody draws them.

One picture serves the SVG that stays in a saved notebook and the page that can be
dragged. Colors also differ in lightness, and what matters differs in shape or number
too, so nothing is lost in gray print.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from p2pkit.core import Finished, LocalProtocolError, Step, short
from p2pkit.observe.paths import ANSWERED, referrers
from p2pkit.view.circles import Place
from p2pkit.view.layout import place_of_key, places

if TYPE_CHECKING:
    import networkx as nx

    Overlay = nx.DiGraph[str]

MOST_EDGES = 3000
"""Edges drawn at most; more make a gray disc, and a page that drags its feet."""

MOST_LABELS = 80
"""Nodes up to which each has its name beside it."""

STATE_COLORS = {
    "alive": "#4477aa",
    "paused": "#ddaa33",
    "dead": "#ffffff",
    "foreign": "#aa3377",
}
HOP_COLORS = ("#440154", "#31688e", "#35b779", "#e0a100")
"""By hop, dark to light; the last stands for every further hop."""

RAMP = ("#f7fbff", "#c6dbef", "#6baed6", "#2171b5", "#08306b")
"""Low to high, for `color_by` with numbers."""

FAILED_COLOR, EDGE_COLOR = "#888888", "#c8ccd4"


class Dot(NamedTuple):
    """A node: where it is, how it looks, and what is said of it."""

    name: str
    place: Place
    fill: str
    shape: str
    title: str
    ring: str = "#333333"
    ring_width: float = 1.0
    label: str = ""


class Line(NamedTuple):
    """A step of a lookup: from who named the peer to the peer."""

    source: str
    target: str
    color: str
    width: float
    dashed: bool
    number: int
    title: str


class Entry(NamedTuple):
    """A line of the legend; `mark` is dot, hollow, square, line, dash or cross."""

    mark: str
    color: str
    text: str


class Picture(NamedTuple):
    """All that is drawn. `edges` are pairs of names; `target` is a key's place."""

    dots: tuple[Dot, ...]
    edges: tuple[tuple[str, str], ...]
    path: tuple[Line, ...]
    target: Place | None
    legend: tuple[Entry, ...]
    caption: str


ColorBy = str | Mapping[str, float]


def picture(
    graph: Overlay,
    path: Finished | None = None,
    layout: str | Mapping[str, Place] | None = None,
    color_by: ColorBy = "state",
    source: str | None = None,
) -> Picture:
    """Compose the picture of an overlay; the parameters are those of `still`."""
    where = places(graph, layout)
    fills, legend = _fills(graph, color_by)
    lines = _path(graph, path, source) if path is not None else ()
    drawn, edges_said = _edges(graph)
    rings = {line.target: (line.color, 2.5) for line in reversed(lines)}
    if path is not None and source is not None:
        rings[source] = ("#000000", 3.5)
    target = None if path is None else place_of_key(graph, path.target, layout)
    dots = (_dot(graph, name, where[name], fills[name], rings) for name in graph)
    legend = (*legend, *_path_legend(lines, target, path))
    nodes = sum(data.get("state") != "foreign" for _, data in graph.nodes(data=True))
    caption = f"{nodes:,} nodes, {edges_said}"
    return Picture(tuple(dots), drawn, lines, target, legend, caption)


def _dot(
    graph: Overlay,
    name: str,
    place: Place,
    fill: str,
    rings: Mapping[str, tuple[str, float]],
) -> Dot:
    data = graph.nodes[name]
    state = data.get("state", "alive")
    title = f"{name} {short(data.get('id', 0))} at {data.get('address', '?')}, {state}"
    ring, width = rings.get(name, ("#333333", 1.0))
    shape = {"foreign": "square", "dead": "cross"}.get(state, "dot")
    label = str(name) if len(graph) <= MOST_LABELS or name in rings else ""
    return Dot(name, place, fill, shape, title, ring, width, label)


def _fills(
    graph: Overlay, color_by: ColorBy
) -> tuple[dict[str, str], tuple[Entry, ...]]:
    """Return each node's color, and the legend that explains them."""
    if isinstance(color_by, str) and color_by == "state":
        states = {
            name: data.get("state", "alive") for name, data in graph.nodes.items()
        }
        marks = {"foreign": "square", "dead": "hollow"}
        used = [state for state in STATE_COLORS if state in states.values()]
        legend = tuple(
            Entry(marks.get(state, "dot"), STATE_COLORS[state], state) for state in used
        )
        default = STATE_COLORS["alive"]
        fills = {
            name: STATE_COLORS.get(state, default) for name, state in states.items()
        }
        return fills, legend
    if isinstance(color_by, str) and color_by == "in-degree":
        color_by = {name: graph.in_degree(name) for name in graph}
    if isinstance(color_by, str):
        reason = (
            f"cannot color by {color_by!r}: say state, in-degree, or give a number "
            "for each name"
        )
        raise LocalProtocolError(reason)
    return _ramp(graph, color_by)


def _ramp(
    graph: Overlay, values: Mapping[str, float]
) -> tuple[dict[str, str], tuple[Entry, ...]]:
    known = [float(values[name]) for name in graph if name in values] or [0.0]
    low, high = min(known), max(known)

    def color(name: str) -> str:
        if name not in values:
            return "#ffffff"
        share = (float(values[name]) - low) / (high - low) if high > low else 0.0
        return RAMP[min(int(share * len(RAMP)), len(RAMP) - 1)]

    ends = (Entry("dot", RAMP[0], f"{low:g}"), Entry("dot", RAMP[-1], f"{high:g}"))
    return {name: color(name) for name in graph}, ends


def _edges(graph: Overlay) -> tuple[tuple[tuple[str, str], ...], str]:
    """Return the pairs to draw, each once for both directions, and what to say."""
    pairs = list(dict.fromkeys((min(edge), max(edge)) for edge in graph.edges))
    said = f"{graph.number_of_edges():,} edges of who knows whom"
    if len(pairs) <= MOST_EDGES:
        return tuple(pairs), said
    # Evenly over the list, and so over the nodes; always the same ones.
    drawn = [pairs[i * len(pairs) // MOST_EDGES] for i in range(MOST_EDGES)]
    return tuple(drawn), f"{said}; {MOST_EDGES:,} of {len(pairs):,} pairs are drawn"


def _path(graph: Overlay, path: Finished, source: str | None) -> tuple[Line, ...]:
    named = {data["id"]: name for name, data in graph.nodes(data=True) if "id" in data}
    if source is None or source not in graph:
        reason = (
            f"the path begins at {source!r}, which is no node of this graph: give the "
            "record of the lookup, or source= with the name of the node that made it"
        )
        raise LocalProtocolError(reason)
    tree = referrers(path)
    lines = []
    for number, step in enumerate(path.steps, start=1):
        referrer = tree[step.peer]
        start = source if referrer is None else named.get(referrer)
        end = named.get(step.peer)
        if start is not None and end is not None:
            lines.append(_line(start, end, number, step))
    return tuple(lines)


def _line(start: str, end: str, number: int, step: Step) -> Line:
    answered = step.outcome == ANSWERED
    hop = min(max(step.hop, 1), len(HOP_COLORS))
    color = HOP_COLORS[hop - 1] if answered else FAILED_COLOR
    took_ms = (step.ended_s - step.asked_s) * 1000
    title = f"{number}: {end}, hop {step.hop}, {step.outcome} after {took_ms:.1f} ms"
    return Line(start, end, color, 3.4 - 0.5 * hop, not answered, number, title)


def _path_legend(
    lines: tuple[Line, ...], target: Place | None, path: Finished | None
) -> tuple[Entry, ...]:
    if path is None:
        return ()
    used = {line.color for line in lines}
    entries = [
        Entry("line", color, f"hop {hop}" + ("+" if hop == len(HOP_COLORS) else ""))
        for hop, color in enumerate(HOP_COLORS, start=1)
        if color in used
    ]
    if FAILED_COLOR in used:
        entries.append(Entry("dash", FAILED_COLOR, "no answer"))
    if target is not None:
        entries.append(Entry("cross", "#cc3311", f"key {short(path.target)}"))
    return tuple(entries)
