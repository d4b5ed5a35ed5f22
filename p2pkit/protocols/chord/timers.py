"""Timers: the periodic work of a node, for each of its positions.

What it shows: nodes that act in step load a network in bursts, so every wait is drawn
from half to one and a half of its mean (ToN 2003, 6.4: 15 to 45 s).
Read next: ``joining.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from p2pkit.core import Context, Timer
from p2pkit.protocols.chord.config import ChordConfig
from p2pkit.protocols.chord.node import Position

Call = Callable[[], None]
Work = Callable[[Position, Call], None]


def stabilize(one: Position, on_end: Call) -> None:
    """Look after the neighbors of a position."""
    one.stabilizer.stabilize(partial(one.rectifier.check_predecessor, on_end))


def check_predecessor(one: Position, on_end: Call) -> None:
    """Find out whether the node before a position is there."""
    one.rectifier.check_predecessor(on_end)


def fix_next(one: Position, on_end: Call) -> None:
    """Look up one finger of a position."""
    one.fixer.fix_next(on_end)


def fix_all(one: Position, on_end: Call) -> None:
    """Look up all fingers of a position."""
    one.fixer.fix_all(on_end)


def replicate(one: Position, on_end: Call) -> None:
    """Look after the copies of a position's values."""
    one.replication.round(on_end)


def in_turn(positions: Sequence[Position], work: Work, on_end: Call) -> None:
    """Do the same for one position after the other."""
    if positions:
        go_on = partial(in_turn, positions[1:], work, on_end)
        work(positions[0], go_on)
    else:
        on_end()


def one_by_one(
    works: Sequence[Work], positions: Sequence[Position], on_end: Call
) -> None:
    """Do one kind of work for all positions, then the next kind."""
    if works:
        go_on = partial(one_by_one, works[1:], positions, on_end)
        in_turn(positions, works[0], go_on)
    else:
        on_end()


class Timers:
    """Repeats the work of some positions until it is stopped."""

    def __init__(self, ctx: Context, positions: Sequence[Position]) -> None:
        self.ctx, self.positions = ctx, positions
        self.set: dict[str, Timer] = {}

    def start(self, config: ChordConfig, seek: Work) -> None:
        """Set all timers; once more begins their waits anew."""
        self.stop()
        self._repeat(stabilize, config.stabilize_s)
        self._repeat(fix_next, config.fix_fingers_s)
        self._repeat(replicate, config.replicate_s)
        self._repeat(seek, config.seek_s)

    def once(self, name: str, delay_s: float, call: Call) -> None:
        """Call once after about `delay_s` seconds."""
        self.set[name] = self.ctx.after(delay_s * (0.5 + self.ctx.rng.random()), call)

    def stop(self) -> None:
        """Cancel all timers."""
        for timer in self.set.values():
            timer.cancel()
        self.set.clear()

    def _repeat(self, work: Work, mean_s: float) -> None:
        def again() -> None:
            if work.__name__ in self.set:  # not if it was stopped meanwhile
                self._repeat(work, mean_s)

        ring = partial(in_turn, self.positions, work, again)
        self.once(work.__name__, mean_s, ring)
