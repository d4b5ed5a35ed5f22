"""The still as PNG: the same drawing, painted by matplotlib. No browser is needed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from p2pkit.observe.extras import load
from p2pkit.view.circles import Place
from p2pkit.view.drawing import Drawing, Spot, text_x
from p2pkit.view.palette import KEY_COLOR
from p2pkit.view.picture import Picture
from p2pkit.view.svg import CORNERS, corners

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PIXELS_PER_INCH = 100
SHARPER = 2
"""Pixels of the file for one of the SVG: enough for print and for dense displays."""

FONT = 72 / PIXELS_PER_INCH
"""Points that a pixel is."""


def save_png(picture: Picture, path: Path) -> None:
    """Write the picture as a PNG file. Needs matplotlib.

    Raises
    ------
    ModuleNotFoundError
        If matplotlib is missing; the sentence says how to install it.
    """
    drawing = Drawing(picture)
    size = (drawing.width / PIXELS_PER_INCH, drawing.height / PIXELS_PER_INCH)
    # Not through pyplot: it would keep the figure, and show it below a cell.
    figure = load("matplotlib.figure", "view").Figure(figsize=size)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set_xlim(drawing.left, drawing.left + drawing.width)
    ax.set_ylim(drawing.top + drawing.height, drawing.top)
    ax.set_axis_off()
    _lines(ax, drawing)
    _dots(ax, drawing)
    _texts(ax, drawing)
    for spot in drawing.legend:
        _entry(ax, spot)
    figure.savefig(path, dpi=PIXELS_PER_INCH * SHARPER, facecolor="#ffffff")


def _lines(ax: Axes, drawing: Drawing) -> None:
    collection = load("matplotlib.collections", "view").LineCollection
    branches = [_branch(drawing, *branch) for branch in drawing.picture.backdrop]
    ax.add_collection(collection(branches, colors="#9aa3b0", linewidths=FONT))
    for strand in drawing.picture.strands:
        lines = [(drawing.at[a], drawing.at[b]) for a, b in strand.pairs]
        look = {"colors": strand.color, "linewidths": FONT, "zorder": 1}
        style = _style(strand.dashes)
        ax.add_collection(
            collection(lines, alpha=drawing.opacity(strand), linestyles=style, **look)
        )
    for line in drawing.picture.path:
        style = _style("5 4" if line.dashed else "")
        _curve(ax, drawing.curve(line), line.color, line.width, style)
    for label in drawing.labels:
        if label.leader is not None:
            ax.plot(*zip(*label.leader, strict=True), color="#aaaaaa", linewidth=FONT)


def _branch(drawing: Drawing, begin: Place, end: Place) -> list[Place]:
    (x1, y1), (x2, y2) = drawing.point(begin), drawing.point(end)
    return [(x1, y1), (x2, y1), (x2, y2)]


def _style(dashes: str) -> Any:
    return (0, [float(part) for part in dashes.split()]) if dashes else "-"


def _curve(ax: Axes, curve: Any, color: str, width: float, style: Any) -> None:
    path = load("matplotlib.path", "view").Path
    codes = [path.MOVETO, path.CURVE3, path.CURVE3]
    patch = load("matplotlib.patches", "view").PathPatch
    look = {"edgecolor": color, "linewidth": width * FONT, "linestyle": style}
    ax.add_patch(patch(path(curve, codes), facecolor="none", zorder=2, **look))


def _dots(ax: Axes, drawing: Drawing) -> None:
    for dot in drawing.picture.dots:
        at, radius = drawing.at[dot.name], drawing.radii[dot.name]
        _shape(ax, dot.shape, at, radius, dot.fill, dot.ring, dot.ring_width)
        if dot.shape == "cross":
            _cross(ax, at, radius * 0.7, dot.ring, 1.5)
    if drawing.picture.target is not None:
        _cross(ax, drawing.point(drawing.picture.target), 7, KEY_COLOR, 3)


def _shape(
    ax: Axes, kind: str, at: Place, radius: float, fill: str, ring: str, width: float
) -> None:
    patches = load("matplotlib.patches", "view")
    look = {"facecolor": fill, "edgecolor": ring, "linewidth": width * FONT}
    look["zorder"] = 3
    if kind == "square":
        corner = (at[0] - radius, at[1] - radius)
        ax.add_patch(patches.Rectangle(corner, 2 * radius, 2 * radius, **look))
    elif kind in CORNERS or kind == "star":
        ax.add_patch(patches.Polygon(corners(kind, at, radius), **look))
    else:
        ax.add_patch(patches.Circle(at, radius, **look))


def _cross(ax: Axes, at: Place, arm: float, color: str, width: float) -> None:
    look: dict[str, Any] = {"color": color, "linewidth": width * FONT, "zorder": 4}
    for way in (1, -1):
        ends = (at[1] - way * arm, at[1] + way * arm)
        ax.plot((at[0] - arm, at[0] + arm), ends, **look)


def _texts(ax: Axes, drawing: Drawing) -> None:
    sides = {"start": "left", "middle": "center", "end": "right"}
    for label in drawing.labels:
        _text(ax, (label.x, label.y), label.text, 11, sides[label.anchor])
    for line, at in drawing.numbers():
        _shape(ax, "dot", at, 8, "#ffffff", line.color, 1.0)
        _text(ax, (at[0], at[1] + 3.5), str(line.number), 10, "center")
    caption = drawing.picture.caption
    _text(ax, (14, drawing.caption_y), caption, 12, "left", color="#555555")


def _text(
    ax: Axes, at: Place, text: str, size: float, side: str, color: str = "#000000"
) -> None:
    halo = load("matplotlib.patheffects", "view").withStroke
    # A name with a dollar sign is no formula.
    ax.text(
        *at, text, fontsize=size * FONT, ha=side, va="baseline", color=color,
        parse_math=False, zorder=5, path_effects=[halo(linewidth=2, foreground="#fff")],
    )  # fmt: skip


def _entry(ax: Axes, spot: Spot) -> None:
    (mark, color, text), at = spot.entry, (spot.x, spot.y)
    _text(ax, (text_x(spot), spot.y + 4), text, 12, "left")
    if mark in ("line", "dash", "edge"):
        color, _, dashes = color.partition(",")
        dashes = "5 4" if mark == "dash" else dashes
        width = 1.5 if mark == "edge" else 3.0
        ends = ((at[0] - 10, at[0] + 10), (at[1], at[1]))
        ax.plot(*ends, color=color, linewidth=width * FONT, linestyle=_style(dashes))
    elif mark == "cross":
        _cross(ax, at, 5, color, 3)
    elif mark in ("ramp", "wave"):
        for i, part in enumerate(color.split(",")):
            _shape(ax, "square", (at[0] + 14 * i, at[1]), 6, part, "#999999", 0.5)
    elif mark == "sizes":
        for i in range(3):
            _shape(ax, "dot", (at[0] + 12 * i, at[1]), 3 + 2 * i, color, color, 0)
    else:
        _shape(ax, mark, at, 6, color, "#333333", 1.0)
        if mark == "hollow":
            _cross(ax, at, 4, "#333333", 1.5)
