"""The drawing behind a space-time diagram: where lanes, arrows and bars stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from math import floor, hypot, log10
from statistics import median

from p2pkit.observe.frames import Note
from p2pkit.view.arrows import Arrow, choose_arrows
from p2pkit.view.palette import KEY_COLOR, MESSAGE_COLORS
from p2pkit.view.strokes import Area, Box, Group, Point, Shape, Stroke, Words

WIDTH, LANE, TOP, RIGHT = 960, 26, 34, 26
"""Pixels: the whole width, from lane to lane, above the first, right of the last
moment."""

LETTER = 6.4
"""Width of a letter of a lane's name in pixels, at most."""

OTHER = "#777777"
"""Color of the kinds of message beyond those that have one of their own."""

NOTE_LINE = 13
"""Pixels from line to line of the notes above the lanes."""

_NODE = re.compile(r"n\d+ ")

MOST_REASONS = 12
"""Lost messages up to which each says beside its cross why; more say it when chosen."""

FAULT = "#e8c9a0"


class Diagram:
    """A space-time diagram in pixels; the parameters are those of `space_time`.

    Attributes
    ----------
    arrows : list of Arrow
        What is drawn.
    lanes : list of str
        Names of the nodes, from the top.
    caption : str
        How much of what there was is drawn.
    """

    def __init__(
        self,
        arrows: Sequence[Arrow],
        nodes: Sequence[str] | None = None,
        limit: int = 300,
        notes: Iterable[Note] = (),
        let_go: int = 0,
    ) -> None:
        chosen = choose_arrows(arrows, nodes, limit, let_go)
        self.arrows, self.lanes, self.caption = chosen
        times = [one for a in self.arrows for one in (a.sent_s, a.heard_s)]
        ends_s = [one for one in times if one is not None] or [0.0]
        self._begin_s = min(ends_s)
        self._wide_s = (max(ends_s) - self._begin_s) or 1e-3
        took = [one for arrow in self.arrows if (one := _took_s(arrow)) is not None]
        self._usual_s = median(took) if took else self._wide_s / 20
        self._wide_s += self._usual_s / 2
        # A note that has ended was told before, when it began.
        latest = {(note.at_s, note.text): note for note in notes}
        self.notes = [note for note in latest.values() if self._is_seen(note)]
        self._has_few_losses = sum(bool(a.lost) for a in self.arrows) <= MOST_REASONS
        self._left = 16 + LETTER * max((len(name) for name in self.lanes), default=1)
        self._levels = self._note_levels()
        self._top = TOP + NOTE_LINE * max(self._levels.values(), default=0)
        kinds = dict.fromkeys(arrow.kind for arrow in self.arrows)
        self.colors = {
            kind: MESSAGE_COLORS[i] if i < len(MESSAGE_COLORS) else OTHER
            for i, kind in enumerate(kinds)
        }

    # --- where things stand --------------------------------------------------------

    def _is_seen(self, note: Note) -> bool:
        until_s = note.until_s
        end_s = self._begin_s + self._wide_s
        return note.at_s <= end_s and (until_s is None or until_s >= self._begin_s)

    def x(self, at_s: float) -> float:
        """Return the pixel of a moment, in seconds of the run."""
        share = (at_s - self._begin_s) / self._wide_s
        return self._left + min(max(share, 0.0), 1.0) * (WIDTH - self._left - RIGHT)

    def _y(self, name: str) -> float:
        return self._top + LANE * self.lanes.index(name) + LANE / 2

    @property
    def _floor(self) -> float:
        return self._top + LANE * max(len(self.lanes), 1)

    def shapes(self) -> tuple[list[Shape], int]:
        """Return all that is painted, and how high it is."""
        legend, height = self._legend(self._floor + 52)
        bars = [shape for note in self.notes for shape in self._note(note)]
        groups = [self._group(i, one) for i, one in enumerate(self.arrows, start=1)]
        return [*bars, *self._axis(), *groups, *legend], height

    # --- parts ---------------------------------------------------------------------

    def _axis(self) -> list[Shape]:
        end = WIDTH - RIGHT
        shapes: list[Shape] = []
        for name in self.lanes:
            y = self._y(name)
            shapes.append(Stroke(((self._left, y), (end, y)), "#d3d8df"))
            shapes.append(Words(self._left - 6, y + 4, name, anchor="end"))
        unit, factor = ("ms", 1000.0) if self._wide_s < 2 else ("s", 1.0)
        step = nice_step(self._wide_s * factor / 8)
        count = floor(self._wide_s * factor / step + 1e-9)
        bottom = self._floor
        for number in range(count + 1):
            x = self.x(self._begin_s + number * step / factor)
            shapes.append(Stroke(((x, bottom), (x, bottom + 5)), "#555555"))
            text = f"{number * step:g}"
            shapes.append(Words(x, bottom + 17, text, 10, "middle", "#555555"))
        shapes.append(Stroke(((self._left, bottom), (end, bottom)), "#555555"))
        said = f"time in {unit}; 0 is {self._begin_s:.3f} s of the run"
        return [*shapes, Words(self._left, bottom + 33, said, color="#555555")]

    def _note(self, note: Note) -> list[Shape]:
        """Return a fault's bar: over the lane of the node it names, or over all.

        That of a node without a lane is a line where it begins.
        """
        end_s = self._begin_s + self._wide_s
        until_s = end_s if note.until_s is None else note.until_s
        x, far = self.x(note.at_s), self.x(until_s)
        lane, wide = self._lane_of(note), max(far - x, 2.0)
        if lane is not None:
            y = self._y(lane) - LANE / 2 + 3
            words = Words(x + 3, y + LANE + 2, note.text, 9, color="#7a5a1e")
            return [Box(x, y, wide, LANE - 6.0, FAULT, 0.5, note.text), words]
        y = self._top - 4.0
        words = Words(x + 3, y - 3 - NOTE_LINE * self._levels[note], note.text, 10)
        if self._runs_out(note):
            words = words._replace(x=WIDTH - 8, anchor="end")
        if _NODE.match(note.text):
            line = Stroke(((x, y), (x, self._floor)), "#b08a4e", 1.2, "3 3")
            return [line, words]
        high = self._floor - self._top + 4
        return [Box(x, y, wide, high, FAULT, 0.5, note.text), words]

    def _lane_of(self, note: Note) -> str | None:
        first = note.text.split(" ")[0].rstrip(":,")
        return first if first in self.lanes else None

    def _runs_out(self, note: Note) -> bool:
        return self.x(note.at_s) + LETTER * len(note.text) > WIDTH - 8

    def _note_levels(self) -> dict[Note, int]:
        """Return on which line above the lanes each note's text finds room."""
        levels: dict[Note, int] = {}
        ends: list[float] = []
        for note in sorted(self.notes, key=self._text_x):
            if self._lane_of(note) is not None:
                continue
            x = self._text_x(note)
            free = (i for i, end in enumerate(ends) if end < x)
            level = next(free, len(ends))
            if level == len(ends):
                ends.append(0.0)
            ends[level] = x + LETTER * len(note.text)
            levels[note] = level
        return levels

    def _text_x(self, note: Note) -> float:
        long = LETTER * len(note.text)
        return WIDTH - 8 - long if self._runs_out(note) else self.x(note.at_s)

    def _group(self, number: int, arrow: Arrow) -> Group:
        color = self.colors[arrow.kind]
        sent_s, heard_s = self._ends(arrow)
        begin = (self.x(sent_s), self._y(arrow.source))
        end = (self.x(heard_s), self._y(arrow.target))
        title = self.title(number)
        if arrow.lost or arrow.heard_s is None:
            end = _towards(begin, end, 0.6)
        dashes = "" if arrow.sent_s is not None and arrow.heard_s is not None else "4 3"
        line = Stroke((begin, end), color, 1.3, dashes)
        if arrow.lost:
            x, y = end
            cross = tuple(
                Stroke(((x - 4, y - 4 * way), (x + 4, y + 4 * way)), KEY_COLOR, 2)
                for way in (1, -1)
            )
            why = Words(x + 7, y + 3, arrow.lost, 9, color=KEY_COLOR)
            said = (why,) if self._has_few_losses else ()
            return Group(number, title, (line, *cross, *said))
        return Group(number, title, (line, Area(_head(begin, end), color)))

    def _ends(self, arrow: Arrow) -> tuple[float, float]:
        """Return when it began and ended; what nobody saw takes the usual time."""
        sent_s, heard_s = arrow.sent_s, arrow.heard_s
        if sent_s is None:
            sent_s = (heard_s or 0.0) - self._usual_s
        return sent_s, sent_s + self._usual_s if heard_s is None else heard_s

    def _legend(self, y: float) -> tuple[list[Shape], int]:
        shapes: list[Shape] = []
        x = 14.0
        for kind, color in self.colors.items():
            wide = 40 + LETTER * len(kind)
            if x + wide > WIDTH - RIGHT:
                x, y = 14.0, y + 18
            shapes.append(Stroke(((x, y), (x + 18, y)), color, 2.5))
            shapes.append(Words(x + 23, y + 4, kind))
            x += wide
        losses = sum(bool(arrow.lost) for arrow in self.arrows)
        said = f"{self.caption}" + (f"; {losses:,} lost (crosses)" if losses else "")
        return [*shapes, Words(14, y + 24, said, 12, color="#555555")], int(y + 36)

    def title(self, number: int) -> str:
        """Return a message in a line, for whoever points at it; counted from 1."""
        arrow = self.arrows[number - 1]
        said = f"{number}: {arrow.kind} from {arrow.source} to {arrow.target}"
        if arrow.lost:
            return f"{said}, lost: {arrow.lost}"
        if arrow.sent_s is None or arrow.heard_s is None:
            return f"{said}, not seen at both ends"
        return f"{said}, took {(arrow.heard_s - arrow.sent_s) * 1000:.3g} ms"


def nice_step(least: float) -> float:
    """Return the next of 1, 2, 5, 10, 20, 50 ... that is not below `least`.

    Examples
    --------
    >>> [nice_step(one) for one in (0.3, 1.0, 17.0)]
    [0.5, 1.0, 20.0]
    """
    power = 10.0 ** floor(log10(least))
    steps = (round(power * one, 12) for one in (1, 2, 5, 10))
    return next(step for step in steps if step >= least * (1 - 1e-9))


def _took_s(arrow: Arrow) -> float | None:
    if arrow.lost or arrow.sent_s is None or arrow.heard_s is None:
        return None
    return arrow.heard_s - arrow.sent_s


def _towards(begin: Point, end: Point, share: float) -> Point:
    across, down = end[0] - begin[0], end[1] - begin[1]
    return begin[0] + across * share, begin[1] + down * share


def _head(begin: Point, end: Point) -> tuple[Point, ...]:
    """Return the corners of an arrow's head, which points at `end`."""
    across, down = end[0] - begin[0], end[1] - begin[1]
    long = hypot(across, down) or 1.0
    ux, uy = across / long, down / long
    x, y = end[0] - 7 * ux, end[1] - 7 * uy
    return end, (x - 2.6 * uy, y + 2.6 * ux), (x + 2.6 * uy, y - 2.6 * ux)
