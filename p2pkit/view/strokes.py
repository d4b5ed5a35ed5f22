"""Shapes in pixels, painted as SVG or, by matplotlib, as PNG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from p2pkit.observe.extras import load

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Point = tuple[float, float]


class Box(NamedTuple):
    """A filled rectangle; `title` is what it says when it is pointed at."""

    x: float
    y: float
    width: float
    height: float
    color: str
    opacity: float = 1.0
    title: str = ""


class Stroke(NamedTuple):
    """A line through points."""

    points: tuple[Point, ...]
    color: str
    width: float = 1.0
    dashes: str = ""


class Area(NamedTuple):
    """A filled polygon."""

    points: tuple[Point, ...]
    color: str


class Words(NamedTuple):
    """A line of text; `y` is its base line, `anchor` start, middle or end."""

    x: float
    y: float
    text: str
    size: float = 11.0
    anchor: str = "start"
    color: str = "#222222"


class Group(NamedTuple):
    """Shapes that are one thing: it has a number, and a title when it is pointed at."""

    number: int
    title: str
    shapes: tuple[Box | Stroke | Area | Words, ...]


Shape = Box | Stroke | Area | Words | Group

PIXELS_PER_INCH = 100
SHARPER = 2
"""Pixels of a PNG for one of the SVG."""

HIT = 9
"""Width in pixels of the invisible line that catches the mouse."""


def to_svg(
    shapes: Iterable[Shape], width: int, height: int, title: str, live: bool = False
) -> str:
    """Return shapes as an SVG element.

    Parameters
    ----------
    shapes : iterable of shape
        What to paint, the lowest first.
    width, height : int
        Pixels.
    title : str
        What the picture shows, for who cannot see it.
    live : bool
        Whether groups can be reached and chosen, by mouse and by keyboard.
    """
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    role = "group" if live else "img"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif"'
    paper = f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    parts = [f'{head} role="{role}">', f"<title>{escape(title)}</title>", paper]
    return "\n".join([*parts, *(_svg(one, live) for one in shapes), "</svg>"])


def _svg(shape: Shape, live: bool = False) -> str:
    match shape:
        case Box():
            title = f"<title>{escape(shape.title)}</title>" if shape.title else ""
            return (
                f'<rect x="{shape.x:.1f}" y="{shape.y:.1f}" width="{shape.width:.1f}" '
                f'height="{shape.height:.1f}" fill="{shape.color}" '
                f'fill-opacity="{shape.opacity:g}">{title}</rect>'
            )
        case Stroke():
            dash = f' stroke-dasharray="{shape.dashes}"' if shape.dashes else ""
            return (
                f'<path d="{_path(shape.points)}" fill="none" stroke="{shape.color}" '
                f'stroke-width="{shape.width:g}"{dash}/>'
            )
        case Area():
            return f'<path d="{_path(shape.points)}Z" fill="{shape.color}"/>'
        case Words():
            return (
                f'<text x="{shape.x:.1f}" y="{shape.y:.1f}" font-size="{shape.size:g}" '
                f'text-anchor="{shape.anchor}" fill="{shape.color}">'
                f"{escape(shape.text)}</text>"
            )
        case Group():
            return _group(shape, live)


def _group(group: Group, live: bool) -> str:
    inside = "".join(_svg(one) for one in group.shapes)
    title = escape(group.title, quote=True)
    if not live:
        return f"<g><title>{title}</title>{inside}</g>"
    lines = [one for one in group.shapes if isinstance(one, Stroke)][:1]
    hits = (f'<path class="hit" d="{_path(one.points)}"/>' for one in lines)
    reach = f'class="m" role="button" tabindex="-1" data-number="{group.number}"'
    return f'<g {reach} aria-label="{title}">{inside}{"".join(hits)}</g>'


def _path(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def save_png(shapes: Iterable[Shape], width: int, height: int, path: Path) -> None:
    """Write shapes as a PNG file. Needs matplotlib."""
    size = (width / PIXELS_PER_INCH, height / PIXELS_PER_INCH)
    figure = load("matplotlib.figure", "view").Figure(figsize=size)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set_xlim(0, width)
    ax.set_ylim(height, 0)
    ax.set_axis_off()
    for order, shape in enumerate(shapes):
        for one in shape.shapes if isinstance(shape, Group) else (shape,):
            _paint(ax, one, order)
    figure.savefig(path, dpi=PIXELS_PER_INCH * SHARPER, facecolor="#ffffff")


def _paint(ax: Axes, shape: Any, order: int) -> None:
    patches, point = load("matplotlib.patches", "view"), 72 / PIXELS_PER_INCH
    match shape:
        case Box():
            look = {"color": shape.color, "alpha": shape.opacity, "linewidth": 0}
            corner = (shape.x, shape.y)
            box = patches.Rectangle(corner, shape.width, shape.height, **look)
            ax.add_patch(box).set_zorder(order)
        case Stroke():
            style: Any = "-"
            if shape.dashes:
                style = (0, tuple(float(one) for one in shape.dashes.split()))
            across, down = zip(*shape.points, strict=True)
            ax.plot(
                across, down, color=shape.color, linewidth=shape.width * point,
                linestyle=style, zorder=order, solid_capstyle="butt",
            )  # fmt: skip
        case Area():
            area = patches.Polygon(shape.points, color=shape.color, linewidth=0)
            ax.add_patch(area).set_zorder(order)
        case Words():
            side = {"start": "left", "middle": "center", "end": "right"}[shape.anchor]
            ax.text(
                shape.x, shape.y, shape.text, fontsize=shape.size * point,
                horizontalalignment=side, verticalalignment="baseline",
                color=shape.color, zorder=order, parse_math=False,
            )  # fmt: skip
