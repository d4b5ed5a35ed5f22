"""Pictures: dots, lines and a legend, before anybody draws them.

One picture serves the SVG that stays in a saved notebook, the PNG, and the page that
can be dragged. See `view.palette` for what colors, shapes and dashes say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from p2pkit.core import Finished, Record, short
from p2pkit.observe.paths import Hop
from p2pkit.view.circles import Place
from p2pkit.view.layout import choose, layout_name, place_of_key, places
from p2pkit.view.measures import By, measured, shares
from p2pkit.view.overlay import id_bits
from p2pkit.view.palette import (
    EDGE_COLOR,
    FAILED_COLOR,
    HOP_COLORS,
    KEY_COLOR,
    KIND_COLORS,
    KIND_DASHES,
    RAMP,
    ROLE_SHAPES,
    STATE_COLORS,
    STATE_SHAPES,
    ramp_color,
)
from p2pkit.view.pathlines import (
    Entry,
    Line,
    lines_of,
    path_hops,
    path_legend,
    thinness,
)
from p2pkit.view.trees import prefix_branches

if TYPE_CHECKING:
    import networkx as nx

    Overlay = nx.DiGraph[str]

__all__ = [
    "EDGE_COLOR", "FAILED_COLOR", "HOP_COLORS", "RAMP", "STATE_COLORS", "ColorBy",
    "Dot", "Entry", "Line", "Picture", "Strand", "picture",
]  # fmt: skip

MOST_EDGES = 3000
"""Edges drawn at most; more make a gray disc, and a page that drags its feet."""

MOST_LABELS = 80
"""Nodes up to which each has its name beside it."""

CIRCLES = ("circle", "id-circle", "loop")
"""Layouts with an empty middle, into which the lines of a path may bend."""

ColorBy = By


class Dot(NamedTuple):
    """A node: where it is, how it looks, and what is said of it.

    `shape` is dot, square, diamond, cross, triangle, triangleDown, hexagon or star;
    `size` a factor, 1 for the usual size.
    """

    name: str
    place: Place
    fill: str
    shape: str
    title: str
    ring: str = "#333333"
    ring_width: float = 1.0
    label: str = ""
    size: float = 1.0


class Strand(NamedTuple):
    """The edges of one kind, and how they look."""

    kind: str
    color: str
    dashes: str
    pairs: tuple[tuple[str, str], ...]


class Picture(NamedTuple):
    """All that is drawn.

    `edges` are pairs of names, and `strands` the same pairs by kind; `target` is a
    key's place; `layout` a name, empty for places that were given; `backdrop` the
    branches of a tree of prefixes.
    """

    dots: tuple[Dot, ...]
    edges: tuple[tuple[str, str], ...]
    path: tuple[Line, ...]
    target: Place | None
    legend: tuple[Entry, ...]
    caption: str
    strands: tuple[Strand, ...] = ()
    layout: str = "circle"
    backdrop: tuple[tuple[Place, Place], ...] = ()

    @property
    def is_round(self) -> bool:
        """Whether the nodes stand on a circle."""
        return self.layout in CIRCLES


def picture(
    graph: Overlay,
    path: Any = None,
    layout: str | Mapping[str, Place] | None = None,
    color_by: By = "state",
    source: str | None = None,
    size_by: By | None = None,
    trace: Sequence[Record] = (),
    kinds: Sequence[str] | None = None,
) -> Picture:
    """Compose the picture of an overlay; the parameters are those of `still`."""
    if not isinstance(layout, Mapping):
        layout = layout_name(layout) or choose(graph)
    where = places(graph, layout)
    hops = [] if path is None else path_hops(graph, path, trace, source)
    lines = lines_of(graph, hops)
    strands, edges_said = _strands(graph, kinds)
    key = _key(path)
    target = None if key is None else place_of_key(graph, key, layout)
    dots, legend = _dots(graph, where, color_by, size_by, _rings(hops, lines))
    legend += _strand_legend(strands) + path_legend(hops, lines)
    if key is not None and target is not None:
        legend += (Entry("cross", KEY_COLOR, f"key {short(key, id_bits(graph))}"),)
    nodes = sum(data.get("state") != "foreign" for _, data in graph.nodes(data=True))
    caption = f"{nodes:,} nodes, {edges_said}{_path_said(hops, lines)}"
    edges = tuple(pair for strand in strands for pair in strand.pairs)
    name = layout if isinstance(layout, str) else ""
    backdrop = prefix_branches(graph) if layout == "prefix-tree" else ()
    return Picture(dots, edges, lines, target, legend, caption, strands, name, backdrop)


def _key(path: Any) -> int | None:
    """Return the key that an operation was about, if the path is one's."""
    event = path.event if isinstance(path, Record) else path
    return event.target if isinstance(event, Finished) else None


def _rings(hops: Sequence[Hop], lines: Sequence[Line]) -> dict[str, tuple[str, float]]:
    """Return color and width of the rim of each node that the path touches."""
    wide = 2.5 * thinness(len(lines))
    rings = {line.target: (line.color, wide) for line in reversed(lines)}
    reached = {hop.target for hop in hops}
    begins = [hop.source for hop in hops if hop.source not in reached]
    return rings | dict.fromkeys(begins[:1], ("#000000", 3.5))


def _dots(
    graph: Overlay,
    where: Mapping[str, Place],
    color_by: By,
    size_by: By | None,
    rings: Mapping[str, tuple[str, float]],
) -> tuple[tuple[Dot, ...], tuple[Entry, ...]]:
    fills, legend = _fills(graph, color_by)
    shapes, roles = _shapes(graph)
    sizes: Mapping[str, float] = {}
    if size_by is not None:
        values, said = measured(graph, size_by)
        sizes = shares(values)
        legend += (Entry("sizes", FAILED_COLOR, _span(values, said or "size")),)
    bits = id_bits(graph)
    names_fit = len(graph) <= MOST_LABELS
    marked = rings if len(rings) <= MOST_LABELS else {}
    dots = tuple(
        Dot(
            name, where[name], fills[name], shapes[name],
            _title(name, graph.nodes[name], bits), *rings.get(name, ("#333333", 1.0)),
            str(name) if names_fit or name in marked else "",
            0.6 + 1.8 * sizes[name] if name in sizes else 1.0,
        )
        for name in graph
    )  # fmt: skip
    return dots, legend + roles


def _title(name: str, data: Mapping[str, Any], bits: int) -> str:
    state, role = data.get("state", "alive"), data.get("role", "")
    number = short(data.get("id", 0), bits)
    title = f"{name} {number} at {data.get('address', '?')}, {state}"
    return f"{title}, {role}" if role else title


def _shapes(graph: Overlay) -> tuple[dict[str, str], tuple[Entry, ...]]:
    """Return each node's shape, and a legend of the roles where there are some."""
    alive = [data for _, data in graph.nodes.data() if data.get("state") == "alive"]
    # A dot says: alive and nothing else, where there is such a node.
    free = ROLE_SHAPES if all(one.get("role") for one in alive) else ROLE_SHAPES[1:]
    roles = sorted({data.get("role", "") for _, data in graph.nodes.data()} - {""})
    looks = {role: free[i % len(free)] for i, role in enumerate(roles)}
    shapes = {}
    for name, data in graph.nodes.data():
        state = data.get("state", "alive")
        usual = {"foreign": "square", **STATE_SHAPES}.get(state, "dot")
        role = looks.get(data.get("role", ""), usual)
        shapes[name] = role if state == "alive" else usual
    color = STATE_COLORS["alive"]
    return shapes, tuple(Entry(looks[role], color, role) for role in roles)


def _fills(graph: Overlay, color_by: By) -> tuple[dict[str, str], tuple[Entry, ...]]:
    """Return each node's color, and the legend that explains them."""
    if color_by != "state":
        return _ramp(graph, color_by)
    states = {name: data.get("state", "alive") for name, data in graph.nodes.items()}
    marks = {"foreign": "square", "dead": "hollow", "paused": "diamond"}
    used = [state for state in STATE_COLORS if state in states.values()]
    legend = tuple(
        Entry(marks.get(state, "dot"), STATE_COLORS[state], state) for state in used
    )
    usual = STATE_COLORS["alive"]
    fills = {name: STATE_COLORS.get(state, usual) for name, state in states.items()}
    return fills, legend


def _ramp(graph: Overlay, by: By) -> tuple[dict[str, str], tuple[Entry, ...]]:
    values, said = measured(graph, by)
    found = {name: ramp_color(share) for name, share in shares(values).items()}
    fills = {name: found.get(name, "#ffffff") for name in graph}
    return fills, (Entry("ramp", ",".join(RAMP), _span(values, said)),)


def _span(values: Mapping[str, float], said: str) -> str:
    low, high = min(values.values(), default=0.0), max(values.values(), default=0.0)
    return f"{said + ': ' if said else ''}{low:,.4g} to {high:,.4g}"


def _strands(
    graph: Overlay, wanted: Sequence[str] | None
) -> tuple[tuple[Strand, ...], str]:
    """Return the pairs to draw by kind, each once for both directions; and a sentence.

    An edge of several kinds is drawn as the rarest of them, which says most.
    """
    # By all kinds of an edge at once: there are few such sets, and up to a million
    # edges.
    sets = Counter(data.get("kinds", ("",)) for *_, data in graph.edges.data())
    counts: Counter[str] = Counter()
    for kinds, count in sets.items():
        counts.update(dict.fromkeys(kinds, count))
    order = [kind for kind, _ in sorted(counts.items(), key=lambda one: (-one[1], one))]
    shown = {
        kind: i for i, kind in enumerate(order) if wanted is None or kind in wanted
    }
    rarest = {kinds: max(shown.get(one, -1) for one in kinds) for kinds in sets}
    pairs: dict[tuple[str, str], int] = {}
    for a, b, data in graph.edges.data():
        rank = rarest[data.get("kinds", ("",))]
        if rank >= 0:
            pair = (a, b) if a < b else (b, a)
            if pairs.get(pair, -1) < rank:
                pairs[pair] = rank
    said = f"{graph.number_of_edges():,} edges of who knows whom"
    drawn = list(pairs)
    if len(pairs) > MOST_EDGES:
        # Evenly over the list, and so over the nodes; always the same ones.
        drawn = [drawn[i * len(pairs) // MOST_EDGES] for i in range(MOST_EDGES)]
        said += f"; {MOST_EDGES:,} of {len(pairs):,} pairs are drawn"
    found = [
        Strand(
            kind,
            *_look(i, len(order)),
            tuple(pair for pair in drawn if pairs[pair] == i),
        )
        for i, kind in enumerate(order)
    ]
    return tuple(strand for strand in found if strand.pairs), said


def _look(number: int, kinds: int) -> tuple[str, str]:
    """Return color and dashes of a kind, by its place among all kinds."""
    dashes = KIND_DASHES[(kinds - 1 - number) % len(KIND_DASHES)] if number else ""
    return KIND_COLORS[number % len(KIND_COLORS)], dashes


def _strand_legend(strands: Sequence[Strand]) -> tuple[Entry, ...]:
    """Return what the colors of edges say, where there are several."""
    if len(strands) < 2:
        return ()
    return tuple(
        Entry("edge", f"{one.color},{one.dashes}", one.kind or "edge")
        for one in strands
    )


def _path_said(hops: Sequence[Hop], lines: Sequence[Line]) -> str:
    if len(lines) == len(hops):
        return ""
    return f"; {len(lines):,} of {len(hops):,} hops are drawn"
