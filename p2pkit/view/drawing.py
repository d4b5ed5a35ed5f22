"""A picture in pixels: where everything stands, for whoever paints it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import ceil, dist, hypot
from typing import NamedTuple

from p2pkit.view.circles import Place
from p2pkit.view.labels import Label, around_circle, beside, box_of
from p2pkit.view.pathlines import Entry, Line
from p2pkit.view.picture import Picture, Strand

SIZE = 640
"""Width of the drawing in pixels without long labels; the legend stands below it."""

CENTER = SIZE / 2
ROUND, SQUARE = 250, 285
"""Pixels from the center to a circle, and to the sides of other layouts."""

MOST_NUMBERS = 40
"""Hops up to which each has its number."""

NUMBER_SHARES = (0.7, 0.6, 0.8, 0.5, 0.4, 0.3)
"""How far along a hop its number may stand, the best first."""

BEND = 0.45
"""How far a hop bends from the straight line to the middle of a circle."""

ASIDE, MOST_ASIDE = 18, 7
"""Pixels by which hops between the same two nodes bend apart; the eighth covers the
first."""

ROW, GAP = 20, 34
"""Pixels from row to row of the legend, and what an entry needs beside its text."""

WIDE = {"ramp": 56, "wave": 70, "sizes": 22}
"""Pixels that the mark of an entry is wider than others."""

Curve = tuple[Place, Place, Place]
"""Begin, control point and end of a quadratic curve."""


class Spot(NamedTuple):
    """An entry of the legend, and where its mark is."""

    entry: Entry
    x: float
    y: float


class Drawing:
    """Where everything of a picture stands.

    Attributes
    ----------
    at : dict of str to (float, float)
        The middle of each dot.
    radii : dict of str to float
        How big each dot is.
    labels : list of Label
        The names that find room.
    left, top, width, height : int
        The part of the plane that is drawn.
    legend : list of Spot
        The legend, in rows.
    caption_y : int
        The base line of the caption.
    """

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        reach = ROUND if picture.is_round else SQUARE
        self._reach = reach
        usual = max(2.5, min(9.0, 300 / max(len(picture.dots), 1)))
        self.at = {dot.name: self.point(dot.place) for dot in picture.dots}
        self.radii = {dot.name: usual * dot.size for dot in picture.dots}
        self._repeats = _repeats(picture.path)
        self.labels = self._labels()
        boxes = [box_of(label) for label in self.labels] or [(0.0, 0.0, 0.0, 0.0)]
        self.left = -ceil(max(0.0, *(-box[0] + 4 for box in boxes)))
        self.top = -ceil(max(0.0, *(-box[1] + 4 for box in boxes)))
        right = ceil(max(SIZE, *(box[2] + 4 for box in boxes)))
        floor = ceil(max(SIZE - 14, *(box[3] + 8 for box in boxes))) + 14
        self.legend, self.caption_y = self._legend(floor)
        self.width = right - self.left
        self.height = self.caption_y + 12 - self.top

    def point(self, place: Place) -> Place:
        """Return the pixel of a place."""
        return CENTER + place[0] * self._reach, CENTER + place[1] * self._reach

    def curve(self, line: Line) -> Curve:
        """Return how a hop runs: bent inward on a circle, off the labels of its rim."""
        start, end = self.at[line.source], self.at[line.target]
        # Between nodes close by a deep bend would be a hairpin.
        bend = BEND * min(1.0, dist(start, end) / ROUND) * self.picture.is_round
        x, y = ((a + b) / 2 for a, b in zip(start, end, strict=True))
        aside_x, aside_y = self._aside(line)
        x = CENTER + (x - CENTER) * (1 - bend) + aside_x
        y = CENTER + (y - CENTER) * (1 - bend) + aside_y
        return start, (x, y), end

    def _aside(self, line: Line) -> Place:
        """Return how far a hop bends aside, for those before it between the same two.

        The first runs straight, the next to one side of it, the third to the other.
        """
        place = self._repeats.get(line.number, 0)
        if not place:
            return 0.0, 0.0
        a, b = (self.at[name] for name in sorted((line.source, line.target)))
        across, down = b[0] - a[0], b[1] - a[1]
        long = hypot(across, down) or 1.0
        step = ASIDE * ((place + 1) // 2) * (1 if place % 2 else -1)
        return -down / long * step, across / long * step

    def numbers(self) -> list[tuple[Line, Place]]:
        """Return the hops that show their number, and where: most of the way along."""
        path = self.picture.path
        found: list[tuple[Line, Place]] = []
        for line in path if len(path) <= MOST_NUMBERS else ():
            curve = self.curve(line)
            spots = (_along(curve, share) for share in NUMBER_SHARES)
            free = (at for at in spots if all(_far(at, other) for _, other in found))
            at = next(free, None)
            if at is not None:
                found.append((line, at))
        return found

    def opacity(self, strand: Strand) -> float:
        """Return how strong edges of a kind are drawn: the more, the fainter."""
        faint = 0.3 if self.picture.backdrop else 1.0
        return faint * max(0.15, min(0.8, 150 / max(len(strand.pairs), 1)))

    def _labels(self) -> list[Label]:
        dots = self.picture.dots
        if self.picture.is_round:
            return around_circle(dots, self.at, self.radii, (CENTER, CENTER))
        return beside(dots, self.at, self.radii)

    def _legend(self, y: int) -> tuple[list[Spot], int]:
        spots, x = [], 20.0
        for entry in self.picture.legend:
            wide = WIDE.get(entry.mark, 0)
            needs = GAP + wide + 7.2 * len(entry.text)
            if x + needs > SIZE and x > 20:
                x, y = 20.0, y + ROW
            spots.append(Spot(entry, x, y))
            x += needs
        return spots, y + (28 if spots else 4)


def _repeats(path: Sequence[Line]) -> dict[int, int]:
    """Return for each hop, by number, how many there were between its two nodes."""
    seen: Counter[frozenset[str]] = Counter()
    found = {}
    for line in path:
        pair = frozenset((line.source, line.target))
        found[line.number] = seen[pair] % MOST_ASIDE
        seen[pair] += 1
    return found


def text_x(spot: Spot) -> float:
    """Return where the text of an entry begins."""
    return spot.x + 16 + WIDE.get(spot.entry.mark, 0)


def _far(a: Place, b: Place) -> bool:
    return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 > 16**2


def _along(curve: Curve, t: float) -> Place:
    (x1, y1), (xc, yc), (x2, y2) = curve
    near, far = (1 - t) ** 2, t**2
    x = near * x1 + 2 * t * (1 - t) * xc + far * x2
    return x, near * y1 + 2 * t * (1 - t) * yc + far * y2
