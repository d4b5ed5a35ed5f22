"""Where names stand: beside their dots, and never over another name.

On a circle they stand outside it, moved along it where they are too near each other.
Elsewhere each takes the first free spot around its dot, or is left out: a name that
cannot be read says nothing, and the dot still says it when pointed at.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, hypot, pi, sin
from typing import NamedTuple

from p2pkit.view.circles import turn_of
from p2pkit.view.picture import Dot

LETTER, HEIGHT = 6.2, 12.0
"""Width of a letter in pixels, at most, and height of a line, in the usual fonts."""

AWAY = 6.0
"""Pixels from the rim of a dot to its name."""

Point = tuple[float, float]


class Label(NamedTuple):
    """A name, where it stands (`y` is the base line), and which way it runs.

    `leader` is where a line from the dot to a name that had to move ends.
    """

    text: str
    x: float
    y: float
    anchor: str
    leader: tuple[Point, Point] | None = None


class _Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: _Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def box_of(label: Label) -> tuple[float, float, float, float]:
    """Return the pixels that a label covers: left, top, right, bottom."""
    long = LETTER * len(label.text)
    before = {"start": 0.0, "middle": long / 2, "end": long}[label.anchor]
    left = label.x - before
    return left, label.y - HEIGHT + 2, left + long, label.y + 2


def around_circle(
    dots: Sequence[Dot], at: dict[str, Point], radii: dict[str, float], center: Point
) -> list[Label]:
    """Return the labels of dots on a circle; none of them if there is no room."""
    named = sorted((dot for dot in dots if dot.label), key=_turn)
    if not named:
        return []
    rims = [hypot(at[d.name][0] - center[0], at[d.name][1] - center[1]) for d in named]
    radius = max(rims) + max(radii[d.name] for d in named) + AWAY
    turns = [_turn(dot) for dot in named]
    gaps = [
        _room(turn, dot.label, radius) for turn, dot in zip(turns, named, strict=True)
    ]
    moved = spread(turns, gaps)
    if moved is None:
        return []
    pairs = zip(turns, moved, strict=True)
    far = [abs(was - turn) * 2 * pi * radius > HEIGHT for was, turn in pairs]
    # All on one circle, so that their distances hold; room for leaders if there are.
    out = radius + (10.0 if any(far) else 0.0)
    found = []
    for dot, turn, is_moved in zip(named, moved, far, strict=True):
        end = _polar(turn, out - 3, center)
        leader = (at[dot.name], end) if is_moved else None
        x, y = _polar(turn, out, center)
        across = sin(2 * pi * turn)
        anchor = "start" if across > 0.5 else "end" if across < -0.5 else "middle"
        if anchor == "middle":  # from one side to the other without a jump
            x += across * LETTER * len(dot.label)
        found.append(
            Label(dot.label, x, y + 4 - 3 * cos(2 * pi * turn), anchor, leader)
        )
    return found


def spread(turns: list[float], gaps: list[float]) -> list[float] | None:
    """Move points on a circle apart, as little as that takes.

    Parameters
    ----------
    turns : list of float
        Where they are, in turns from 0 to 1, sorted.
    gaps : list of float
        Least distance of each from the next, in turns.

    Returns
    -------
    list of float or None
        Their new places in the same order; None if the circle is too short for them.

    Examples
    --------
    >>> spread([0.1, 0.1, 0.8], [0.1, 0.1, 0.1])
    [0.05, 0.15, 0.8]
    """
    if sum(gaps) > 1:
        return None
    count = len(turns)
    # Cut at the widest gap, where nobody has to move across.
    wide = max(range(count), key=lambda i: (turns[i] - turns[i - 1]) % 1 or i == 0)
    order = [*range(wide, count), *range(wide)]
    line = [turns[i] + (i < wide) for i in order]
    needs = [0.0]
    for i in order[:-1]:
        needs.append(needs[-1] + gaps[i])
    level = _level([a - need for a, need in zip(line, needs, strict=True)])
    apart = [flat + need for flat, need in zip(level, needs, strict=True)]
    if apart[-1] + gaps[order[-1]] > apart[0] + 1:  # the ends meet: fill the circle
        shift = sum(line) / count - sum(needs) / count / sum(gaps)
        apart = [shift + need / sum(gaps) for need in needs]
    moved = [0.0] * count
    for i, place in zip(order, apart, strict=True):
        moved[i] = round(place - (i < wide), 6)
    return moved


def _level(values: list[float]) -> list[float]:
    """Return the nearest values that never fall: pools of neighbors, each its mean."""
    pools: list[tuple[float, int]] = []
    for value in values:
        mean, size = value, 1
        while pools and pools[-1][0] > mean:
            other, many = pools.pop()
            mean, size = (mean * size + other * many) / (size + many), size + many
        pools.append((mean, size))
    return [mean for mean, size in pools for _ in range(size)]


def _room(turn: float, text: str, radius: float) -> float:
    """Return how much of a turn a label needs: its height, or on top its width."""
    wide, high = LETTER * len(text) + 4, HEIGHT + 2
    along = (abs(cos(2 * pi * turn)), abs(sin(2 * pi * turn)))
    steps = [
        size / part for size, part in zip((wide, high), along, strict=True) if part
    ]
    return min(steps) / (2 * pi * radius)


def beside(
    dots: Sequence[Dot], at: dict[str, Point], radii: dict[str, float]
) -> list[Label]:
    """Return the labels that find a free spot beside their dots."""
    taken = [_dot_box(at[dot.name], radii[dot.name]) for dot in dots]
    found: list[Label] = []
    # Nodes of a path come first: theirs are the names one looks for.
    for dot in sorted(dots, key=lambda dot: -dot.ring_width):
        if not dot.label:
            continue
        for label in _spots(dot.label, at[dot.name], radii[dot.name] + 3):
            box = _Box(*box_of(label))
            if not any(box.meets(other) for other in taken):
                taken.append(box)
                found.append(label)
                break
    return found


def _dot_box(at: Point, radius: float) -> _Box:
    return _Box(at[0] - radius, at[1] - radius, at[0] + radius, at[1] + radius)


def _spots(text: str, at: Point, away: float) -> list[Label]:
    x, y = at
    slant = away * 0.8
    return [
        Label(text, x + away, y + 4, "start"),
        Label(text, x - away, y + 4, "end"),
        Label(text, x, y - away - 1, "middle"),
        Label(text, x, y + away + HEIGHT - 2, "middle"),
        Label(text, x + slant, y - slant, "start"),
        Label(text, x - slant, y - slant, "end"),
        Label(text, x + slant, y + slant + 8, "start"),
        Label(text, x - slant, y + slant + 8, "end"),
    ]


def _turn(dot: Dot) -> float:
    return turn_of(dot.place)


def _polar(turn: float, radius: float, center: Point) -> Point:
    angle = 2 * pi * turn
    return center[0] + radius * sin(angle), center[1] - radius * cos(angle)
