"""Figures of rings: shares, what moves, fingers, a lookup, and how a ring breaks.

Each returns matplotlib's axes. Ids run clockwise from the top, once around. What
matters differs in lightness, dashes or markers too, so nothing is lost in gray print.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import cos, sin, tau
from typing import TYPE_CHECKING, Protocol

from p2pkit.core import Finished
from p2pkit.observe.extras import load
from p2pkit.observe.snapshot import NodeSnapshot
from p2pkit.protocols.hashing import Key, Placement, Ring
from p2pkit.protocols.hashing.placement import HASHES, hash_of
from p2pkit.view.figures import axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    class Member(Protocol):
        """A member of a ring, by its own tables."""

        @property
        def name(self) -> str:
            """Its name: a letter, and its number around the ring."""

        @property
        def successors(self) -> tuple[str, ...]:
            """Names of those that follow, as far as it knows."""

        @property
        def predecessor(self) -> str | None:
            """Name of the one before, if it knows it."""

    class Moment(Protocol):
        """A step, and the ring after it; it says of itself what the step was."""

        @property
        def ring(self) -> Sequence[Member]:
            """All members alive, in order of ids."""

        @property
        def gone(self) -> frozenset[str]:
            """Names of those that failed."""


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


def fingers(node: NodeSnapshot, others: Iterable[int], ax: Axes | None = None) -> Axes:
    """Draw whom a Chord node knows: its fingers as arrows across the ring.

    Parameters
    ----------
    node : NodeSnapshot
        From ``cluster.snapshot(details=True)``; its first position is drawn.
    others : iterable of int
        The ids of all nodes: pale dots, unless a finger names them.
    """
    details = node.details or {}
    own, whole = details["positions"][0], float(1 << details["id_bits"])
    ax = blank(ax)
    _circle(ax, [one / whole for one in others], own["id"] / whole, node.name)
    known = dict.fromkeys(own["fingers"])
    for to in known:
        if to is not None and to != own["id"]:
            _arrow(ax, own["id"] / whole, to / whole, DARK)
            ax.plot(*_columns([place(to / whole)]), "o", color=DARK, markersize=6)
    return ax


def lookup(
    finished: Finished, start: int, others: Iterable[int], id_bits: int,
    ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Draw a lookup hop by hop: whom it asked, by number, and the key as a cross.

    Parameters
    ----------
    finished : Finished
        The closing event of the lookup.
    start : int
        The id of the node that asked; an arrow leads from each peer asked to the next.
    others : iterable of int
        The ids of all nodes.
    id_bits : int
        Width of ids.
    """
    whole = float(1 << id_bits)
    ax = blank(ax)
    _circle(ax, [one / whole for one in others], start / whole, "start")
    at = start
    for number, step in enumerate(finished.steps, start=1):
        _arrow(ax, at / whole, step.peer / whole, DARK)
        x, y = place(step.peer / whole, 1.1)
        ax.annotate(str(number), (x, y), ha="center", va="center", fontsize=10)
        at = step.peer
    key = place(finished.target / whole)
    ax.plot(*_columns([key]), "x", color=RED, markersize=11, markeredgewidth=2.5)
    return ax


def story(moments: Sequence[Moment], last: int = 4) -> list[Axes]:
    """Draw how a ring broke: the last moments in which it changed, side by side.

    Solid arrows lead to first successors, dashed ones to predecessors; a node that
    failed is a cross.

    Parameters
    ----------
    moments : sequence of Moment
        What a model check tells of a violation.
    last : int
        How many moments at most.
    """
    shown = _changes(moments)[-last:]
    pyplot = load("matplotlib.pyplot", "view")
    size = (2.7 * len(shown), 3.1)
    _, drawn = pyplot.subplots(1, len(shown), figsize=size, dpi=110, squeeze=False)
    names = sorted({name for one in moments for name in _names(one)}, key=_seat)
    seats = {name: at / len(names) for at, name in enumerate(names)}
    for ax, moment in zip(drawn[0], shown, strict=True):
        _draw_moment(blank(ax), moment, seats)
    return list(drawn[0])


def _changes(story: Sequence[Moment]) -> list[Moment]:
    """Return the moments in which tables changed or somebody failed, and the first."""
    found = [story[0]]
    for one in story[1:]:
        if (one.ring, one.gone) != (found[-1].ring, found[-1].gone):
            found.append(one)
    return found


def _names(moment: Moment) -> list[str]:
    told = [name for one in moment.ring for name in (one.name, *one.successors)]
    return [*told, *moment.gone]


def _seat(name: str) -> int:
    return int(name[1:])


def _draw_moment(ax: Axes, moment: Moment, seats: Mapping[str, float]) -> None:
    members = {one.name for one in moment.ring}
    for name, at in seats.items():
        if name in moment.gone:
            ax.plot(*_columns([place(at)]), "x", color=RED, markersize=11, mew=3)
        elif name in members:
            ax.plot(*_columns([place(at)]), "o", color=DARK, markersize=9)
        if name in members or name in moment.gone:
            x, y = place(at, 1.36)  # beyond the cross
            ax.annotate(name, (x, y), ha="center", va="center", fontsize=9)
    for one in moment.ring:
        after, before = one.successors[0], one.predecessor
        _arrow(ax, seats[one.name], seats[after], RED if after in moment.gone else DARK)
        if before is not None:
            _arrow(ax, seats[one.name], seats[before], FAINT, dashed=True)
    ax.set_ylim(-1.0, 1.5)  # room for the name on top
    ax.set_title(str(moment), fontsize=10)


def _circle(ax: Axes, places: Iterable[float], own: float, name: str) -> None:
    around = [place(step / 200) for step in range(201)]
    ax.plot(*_columns(around), color=STAYED, linewidth=1, zorder=0)
    ax.plot(*_columns([place(at) for at in places]), "o", color=FAINT, markersize=4)
    ax.plot(*_columns([place(own)]), "o", color="#000000", markersize=8)
    _say(ax, own, name)


def _arrow(
    ax: Axes, start: float, end: float, color: str, dashed: bool = False
) -> None:
    style = {"arrowstyle": "-|>", "color": color, "shrinkA": 5, "shrinkB": 6}
    # Two nodes may be each other's successor and predecessor: four arrows apart.
    rad = 0.5 if dashed else 0.18
    bend = {"connectionstyle": f"arc3,rad={rad}", "linestyle": "--" if dashed else "-"}
    ax.annotate(
        "", place(end), place(start), arrowprops={**style, **bend, "linewidth": 1.4}
    )
