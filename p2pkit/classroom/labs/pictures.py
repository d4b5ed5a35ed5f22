"""Pictures of verdicts, as SVG that needs nothing and survives gray print."""

from __future__ import annotations

import io
from typing import Any

from p2pkit.harness import Chart, Exchange, Overlay, Picture
from p2pkit.observe.extras import load
from p2pkit.observe.flights import Flight
from p2pkit.view import figures
from p2pkit.view.lamport import space_time
from p2pkit.view.picture import picture as compose
from p2pkit.view.svg import write_svg

MOST_MARKS = 30
"""Points of a curve from which on each has no mark of its own."""

LINK_COLOR = "#444444"
"""Of links: an overlay's own gray is for crowds, and is lost beside a verdict."""

FIGURE_SETTINGS = {"svg.hashsalt": "p2pkit", "svg.fonttype": "none"}
"""The same figure is the same file, and letters stay letters."""


def svg_of(picture: Picture) -> str:
    """Return a picture as SVG."""
    match picture:
        case Overlay():
            return _overlay(picture)
        case Chart():
            return _chart(picture)
        case Exchange():
            return _exchange(picture)


def _overlay(one: Overlay) -> str:
    graph = load("networkx", "view").DiGraph()
    for number, (name, group) in enumerate(one.nodes.items()):
        graph.add_node(name, id=number, role=group, state="alive", address="")
    graph.add_edges_from(one.links, kind="link")
    groups = sorted(set(one.nodes.values()))
    place = {group: number for number, group in enumerate(groups)}
    shades = {name: place[group] for name, group in one.nodes.items()}
    drawn = compose(graph, None, "circle", shades)
    fills = {one.nodes[dot.name]: dot.fill for dot in drawn.dots}
    # Shapes and shades name the groups; the ramp's numbers would name nothing.
    legend = tuple(
        entry._replace(color=fills.get(entry.text, entry.color))
        for entry in drawn.legend
        if entry.mark != "ramp"
    )
    strands = tuple(strand._replace(color=LINK_COLOR) for strand in drawn.strands)
    return write_svg(drawn._replace(caption=one.title, legend=legend, strands=strands))


def _chart(one: Chart) -> str:
    pyplot = load("matplotlib.pyplot", "view")
    with pyplot.rc_context(FIGURE_SETTINGS):
        ax: Any = figures.axes(6.0, 2.8)
        looks = zip(one.curves, figures.LINES, strict=False)
        for curve, (color, mark, dashes) in looks:
            xs, ys = zip(*curve.points, strict=True)
            ax.plot(
                xs,
                ys,
                dashes,
                color=color,
                marker=mark if len(xs) <= MOST_MARKS else "",
                label=curve.name,
            )
        ax.legend(frameon=False, fontsize=8)
        figures.say(ax, one.title, one.x, one.y)
        file = io.StringIO()
        ax.figure.savefig(
            file, format="svg", bbox_inches="tight", metadata={"Date": None}
        )
        pyplot.close(ax.figure)
    return file.getvalue()


def _exchange(one: Exchange) -> str:
    flights = [
        Flight(sent_s, heard_s if heard_s >= 0 else None, source, target, said, b"")
        for sent_s, heard_s, source, target, said in one.arrows
    ]
    return space_time(flights).svg()
