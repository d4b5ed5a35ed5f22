"""The still as SVG, written by ourselves: sharp, small, and done in milliseconds."""

from __future__ import annotations

from html import escape
from math import ceil

from p2pkit.view.circles import Place
from p2pkit.view.picture import EDGE_COLOR, Dot, Entry, Line, Picture

SIZE = 640
"""Width of the drawing in pixels without long labels; the legend stands below it."""

RADIUS = 250
CENTER = SIZE / 2

LETTER = 6.2
"""Width of a letter of a label in pixels, at most, in the usual sans-serif fonts."""


def write_svg(picture: Picture) -> str:
    """Return the picture as one SVG element with all it needs."""
    at = {dot.name: _at(dot.place) for dot in picture.dots}
    radius = max(2.5, min(9.0, 300 / max(len(picture.dots), 1)))
    legend, height = _legend(picture)
    margin = _margin(picture, radius)
    width = SIZE + 2 * margin
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-margin} 0 {width} '
        f'{height}" width="{width}" height="{height}" font-family="sans-serif" '
        'role="img">',
        f"<title>{escape(picture.caption)}</title>",
        f'<rect x="{-margin}" width="{width}" height="{height}" fill="#ffffff"/>',
        _edges(picture, at),
        *(_line(line, at) for line in picture.path),
        *(_dot(dot, radius) for dot in picture.dots),
        *(_number(line, at) for line in picture.path),
        _target(picture.target),
        *legend,
        "</svg>",
    ]
    return "\n".join(part for part in parts if part)


def _at(place: Place) -> Place:
    return CENTER + place[0] * RADIUS, CENTER + place[1] * RADIUS


def _edges(picture: Picture, at: dict[str, Place]) -> str:
    """Draw all plain edges as one path: a tenth of the size of one element each."""
    strokes = [
        f"M{at[a][0]:.0f} {at[a][1]:.0f}L{at[b][0]:.0f} {at[b][1]:.0f}"
        for a, b in picture.edges
    ]
    opacity = max(0.15, min(0.8, 150 / max(len(strokes), 1)))
    return (
        f'<path d="{"".join(strokes)}" stroke="{EDGE_COLOR}" '
        f'stroke-opacity="{opacity:.2f}" fill="none"/>'
    )


def _line(line: Line, at: dict[str, Place]) -> str:
    (x1, y1), (xc, yc), (x2, y2) = _curve(line, at)
    dash = ' stroke-dasharray="5 4"' if line.dashed else ""
    return (
        f'<path d="M{x1:.1f} {y1:.1f}Q{xc:.1f} {yc:.1f} {x2:.1f} {y2:.1f}" fill="none" '
        f'stroke="{line.color}" stroke-width="{line.width:.1f}"{dash}>'
        f"<title>{escape(line.title)}</title></path>"
    )


def _curve(line: Line, at: dict[str, Place]) -> tuple[Place, Place, Place]:
    """Return start, control point and end: bent inward, off the rim's labels."""
    start, end = at[line.source], at[line.target]
    bend = 0.45
    middle = [(a + b) / 2 for a, b in zip(start, end, strict=True)]
    control = [CENTER + (part - CENTER) * (1 - bend) for part in middle]
    return start, (control[0], control[1]), end


def _number(line: Line, at: dict[str, Place]) -> str:
    """Write in which place a peer was asked, most of the way along to it."""
    (x1, y1), (xc, yc), (x2, y2) = _curve(line, at)
    t = 0.7
    x = (1 - t) ** 2 * x1 + 2 * t * (1 - t) * xc + t**2 * x2
    y = (1 - t) ** 2 * y1 + 2 * t * (1 - t) * yc + t**2 * y2
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="8" fill="#fff" stroke="{line.color}"/>'
        f'<text x="{x:.1f}" y="{y + 3.5:.1f}" font-size="10" text-anchor="middle">'
        f"{line.number}</text>"
    )


def _dot(dot: Dot, radius: float) -> str:
    x, y = _at(dot.place)
    look = f'fill="{dot.fill}" stroke="{dot.ring}" stroke-width="{dot.ring_width:g}"'
    title = f"<title>{escape(dot.title)}</title>"
    if dot.shape == "square":
        side = 2 * radius
        corner = f'x="{x - radius:.1f}" y="{y - radius:.1f}"'
        drawn = (
            f'<rect {corner} width="{side:g}" height="{side:g}" {look}>{title}</rect>'
        )
    else:
        drawn = (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" {look}>{title}</circle>'
        )
    if dot.shape == "cross":
        drawn += _cross(x, y, radius * 0.7, dot.ring, 1.5)
    return drawn + _label(dot, radius)


def _label(dot: Dot, radius: float) -> str:
    if not dot.label:
        return ""
    (x, y), anchor = _label_at(dot, radius)
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="11" text-anchor="{anchor}">'
        f"{escape(dot.label)}</text>"
    )


def _label_at(dot: Dot, radius: float) -> tuple[Place, str]:
    """Return where a label stands, outward of its dot, and which way it runs."""
    across, down = dot.place
    length = max((across**2 + down**2) ** 0.5, 0.01)
    away = radius + 6
    x, y = _at(dot.place)
    x, y = x + across / length * away, y + down / length * away + 4
    anchor = "start" if across > 0.2 else "end" if across < -0.2 else "middle"
    return (x, y), anchor


def _margin(picture: Picture, radius: float) -> int:
    """Return by how many pixels labels jut out, as a foreign address does."""
    margin = 0.0
    for dot in picture.dots:
        (x, _), anchor = _label_at(dot, radius)
        long = LETTER * len(dot.label)
        before = {"start": 0.0, "middle": long / 2, "end": long}[anchor]
        margin = max(margin, before - x, x - before + long - SIZE)
    return ceil(margin)


def _target(target: Place | None) -> str:
    return "" if target is None else _cross(*_at(target), 7, "#cc3311", 3)


def _cross(x: float, y: float, arm: float, color: str, width: float) -> str:
    return (
        f'<path d="M{x - arm:.1f} {y - arm:.1f}l{2 * arm:.1f} {2 * arm:.1f}'
        f'm0 {-2 * arm:.1f}l{-2 * arm:.1f} {2 * arm:.1f}" '
        f'stroke="{color}" stroke-width="{width:g}" fill="none"/>'
    )


def _legend(picture: Picture) -> tuple[list[str], int]:
    """Draw the legend in rows below the picture; return it and the whole height."""
    parts, x, y = [], 20.0, float(SIZE)
    for entry in picture.legend:
        width = 34 + 7.2 * len(entry.text)
        if x + width > SIZE - 10:
            x, y = 20.0, y + 20
        parts.append(_entry(entry, x, y))
        x += width
    y += 24 if picture.legend else 0
    parts.append(
        f'<text x="14" y="{y + 4:.0f}" font-size="12" fill="#555">'
        f"{escape(picture.caption)}</text>"
    )
    return parts, int(y + 16)


def _entry(entry: Entry, x: float, y: float) -> str:
    text = (
        f'<text x="{x + 16:.0f}" y="{y + 4:.0f}" font-size="12">'
        f"{escape(entry.text)}</text>"
    )
    return _mark(entry, x, y) + text


def _mark(entry: Entry, x: float, y: float) -> str:
    if entry.mark in ("line", "dash"):
        dash = ' stroke-dasharray="5 4"' if entry.mark == "dash" else ""
        ends = f'x1="{x - 10:.0f}" y1="{y:.0f}" x2="{x + 10:.0f}" y2="{y:.0f}"'
        return f'<line {ends} stroke="{entry.color}" stroke-width="3"{dash}/>'
    if entry.mark == "cross":
        return _cross(x, y, 5, entry.color, 3)
    look = f'fill="{entry.color}" stroke="#333"'
    if entry.mark == "square":
        corner = f'x="{x - 5:.0f}" y="{y - 5:.0f}"'
        return f'<rect {corner} width="10" height="10" {look}/>'
    circle = f'<circle cx="{x:.0f}" cy="{y:.0f}" r="6" {look}/>'
    return circle + (_cross(x, y, 4, "#333", 1.5) if entry.mark == "hollow" else "")
