"""Figures of rings: shares, what moves, fingers, a lookup, and how a ring breaks.

Each returns matplotlib's axes. Ids run clockwise from the top, once around. What
matters differs in lightness, dashes or markers too, so nothing is lost in gray print.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import cos, sin, tau
from typing import TYPE_CHECKING

from p2pkit.observe.extras import load
from p2pkit.protocols.hashing import Key, Placement, Ring
from p2pkit.protocols.hashing.placement import HASHES, hash_of
from p2pkit.view.figures import axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHADES = ("#1f3a5f", "#e8a33d", "#5a9bd4", "#8c2d04", "#b8c9d6", "#3b7a57", "#d9d2c5")
"""Colors of arcs; neighbors in this order differ in lightness."""
MOVED, STAYED, DARK, RED, FAINT = "#c4380d", "#d5dbe2", "#31688e", "#cc3311", "#98a2ae"

Point = tuple[float, float]


def place(position: float, radius: float = 1.0) -> Point:
    """Return where a position on the ring is drawn: 0 on top, 0.25 at the right."""
    return radius * sin(tau * position), radius * cos(tau * position)


def blank(ax: Axes | None = None, size: float = 4.6) -> Axes:
    """Return axes for a ring: as wide as high, with nothing around them."""
    ax = ax or axes(size, 0.92 * size)
    ax.set_aspect("equal")
    ax.set_axis_off()
    ax.set_xlim(-1.36, 1.36)
    ax.set_ylim(-1.16, 1.28)
    return ax


def shares(ring: Ring, keys: Iterable[Key] = (), ax: Axes | None = None) -> Axes:
    """Draw who holds which part of a ring, and keys as dots beside it.

    Parameters
    ----------
    ring : Ring
        Of a few nodes; the name stands beside each point, if there are at most 12.
    keys : iterable of Key
        A dot each, inside.
    """
    ax = blank(ax)
    color = dict(zip(ring.nodes, _cycled(len(ring.nodes)), strict=True))
    wedge = load("matplotlib.patches", "view").Wedge
    before = ring.circle[-1][0] - HASHES
    for position, node in ring.circle:
        # matplotlib counts degrees against the clock, from the right.
        span = (90 - 360 * position / HASHES, 90 - 360 * before / HASHES)
        arc = wedge((0, 0), 1.04, *span, width=0.13, facecolor=color[node])
        arc.set_edgecolor("#ffffff")
        ax.add_patch(arc)
        if len(ring.circle) <= 12:
            _say(ax, position / HASHES, node, color[node])
        before = position
    dots = [place(hash_of(key) / HASHES, 0.8) for key in keys]
    ax.plot(*_columns(dots), "o", color="#333333", markersize=3)
    return ax


def moves(
    changes: Mapping[str, tuple[Placement, Placement]],
    keys: Iterable[Key],
    ax: Axes | None = None,
) -> Axes:
    """Draw which keys move: a row a change, a line a key, dark where its owner changed.

    Parameters
    ----------
    changes : mapping of str to (Placement, Placement)
        For each row what to call it, and the placements before and after.
    keys : iterable of Key
        From left to right in order of their hashes.
    """
    ordered = sorted(keys, key=hash_of)
    ax = ax or axes(7.0, 0.9 + 0.5 * len(changes))
    for row, (before, after) in enumerate(changes.values()):
        moved = [before.owner(key) != after.owner(key) for key in ordered]
        colors = [MOVED if one else STAYED for one in moved]
        tall = [0.74 if one else 0.4 for one in moved]
        ax.bar(
            range(len(ordered)), tall, 1.0, [row - t / 2 for t in tall], color=colors
        )
        said = f" {sum(moved) / len(moved):.0%} move"
        ax.annotate(said, (len(ordered), row), va="center", fontsize=9)
    ax.set_yticks(range(len(changes)), list(changes))
    ax.set_ylim(len(changes) - 0.45, -0.55)
    ax.set_xlim(0, len(ordered) * 1.14)
    ax.set_xticks([])
    ax.set_xlabel("keys, in order of their hashes; tall and dark = moved")
    ax.spines[:].set_visible(False)
    ax.tick_params(left=False)
    return ax


def _cycled(count: int) -> list[str]:
    return [SHADES[number % len(SHADES)] for number in range(count)]


def _columns(points: Sequence[Point]) -> tuple[list[float], list[float]]:
    return [x for x, _ in points], [y for _, y in points]


def _say(ax: Axes, position: float, text: str, color: str = "#000000") -> None:
    """Write beside a place on the ring, outside."""
    ax.plot(*_columns([place(position, 0.9), place(position, 1.09)]), color=color)
    x, y = place(position, 1.13)
    side = "left" if x > 0.2 else "right" if x < -0.2 else "center"
    up = "bottom" if y > 0.9 else "top" if y < -0.9 else "center"
    ax.annotate(text, (x, y), ha=side, va=up, fontsize=9)
