"""Model checking: every interleaving of a few joins and failures on a small ring.

Tests look at some runs, and proofs at a model of the protocol. This looks at *all*
runs of the protocol itself, on rings so small that there are not too many: it starts
from a ring that is in order, tries whatever can happen next, and goes on from every
state that it has not met before. In each it asks whether there still is one ring, and
at the end whether each state can be repaired. What goes wrong comes with the shortest
way there.

A step is one *exchange*: a request arrives, and its answer as well. A peer is given up
for lost only when it is dead. Both are assumptions of Zave's proofs as well. Steps of
all nodes mix in every order, with `at_once` joins and rounds of repair at a time.
Source: P. Zave, "Using Lightweight Modeling to Understand Chord", ACM SIGCOMM CCR
42(2), 2012, which found that no published version was correct.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import Any

from p2pkit.classroom.model_play import Moment, Play, Step, World
from p2pkit.classroom.model_rules import is_ideal, what_is_broken
from p2pkit.core import LocalProtocolError

PATIENT = {
    "id_bits": 4, "hashed_ids": False, "resend_s": 1.0, "timeout_s": 1.0,
    "stabilize_s": 1e3, "fix_fingers_s": 1e12, "replicate_s": 1e12, "seek_s": 1e12,
}  # fmt: skip
"""Settings under which rounds of repair are stabilizing alone: fingers and copies
change who is asked and what is held, never who stands where on the ring."""


@dataclass(frozen=True)
class Violation:
    """What went wrong, and the shortest way there."""

    reason: str
    story: tuple[Moment, ...]


@dataclass
class Exploration:
    """What was seen; true if that is everything, and all of it in order.

    Attributes
    ----------
    states, transitions : int
        Different states, and steps between them.
    spared : int
        Failures that were not tried since the assumption forbids them.
    complete : bool
        Whether that is all there are; False if `limit` or a violation ended it.
    violation : Violation or None
        What was found first, which is on a shortest way.
    """

    layout: str
    states: int = 0
    transitions: int = 0
    spared: int = 0
    complete: bool = False
    violation: Violation | None = None

    def __str__(self) -> str:
        seen = f"{self.layout}: {self.states:,} states, {self.transitions:,} steps"
        if self.violation:
            return f"{seen}; NO: {self.violation.reason}"
        return f"{seen}; {'all in order' if self.complete else 'not all there are'}"

    def __bool__(self) -> bool:
        return self.complete and self.violation is None


def explore(
    protocol: type[Any],
    layout: str = "SSSN",
    events: int = 3,
    spares: bool = True,
    at_once: int = 2,
    limit: int = 1_000_000,
    **settings: Any,
) -> Exploration:
    """Try every interleaving of joins, failures and repair on a small ring.

    Parameters
    ----------
    protocol : type
        `Chord`, its naive twin, or a class of your own with such tables.
    layout : str
        Who stands where, clockwise: ``S`` for a member that stays, ``F`` for one that
        may fail at any time, ``N`` for a newcomer, which may join at any time and then
        fail. All but newcomers are a ring in order when it begins. Zave's proof asks
        for r + 1 that stay, with lists of r successors.
    events : int
        Joins and failures at most, in one run.
    spares : bool
        Whether failures that leave a member without a living successor in its list
        are left out, as Zave's proof assumes. A protocol without lists has no spares.
    at_once : int
        Joins and rounds of repair that may be under way at the same time: with 2, any
        two of them mix in every way. Failures, and what members do when they are
        told something, mix with all of them without limit.
    limit : int
        States at most; then it gives up.
    **settings
        Of the protocol, over `PATIENT`.

    Raises
    ------
    LocalProtocolError
        If the layout has other letters, or the first ring does not come into order.
    """
    if set(layout) - set("SFN") or "S" not in layout:
        reason = f"a layout is made of S, F and N, with at least one S: {layout!r}"
        raise LocalProtocolError(reason)
    config = protocol.Config.of(**{**PATIENT, **settings})
    play = Play(protocol, config, layout, at_once, spares)
    return _Search(play, layout).run(play.first_world(events), limit)


class _Search:
    """A breadth-first walk over all worlds, so that the ways found are the shortest."""

    def __init__(self, play: Play, layout: str) -> None:
        self.play, self.seen = play, Exploration(layout)
        self.worlds: list[World] = []
        self.numbers: dict[World, int] = {}
        self.came: list[tuple[int, Step]] = []  # how each world was met first
        self.repaired: list[array[int]] = []  # from which worlds repair leads to each
        self.ideal: list[int] = []

    def run(self, first: World, limit: int) -> Exploration:
        """Go on from every world, until all are seen or something is wrong."""
        self._meet(first, -1, ("begin",))
        at = 0
        while at < len(self.worlds) < limit and self.seen.violation is None:
            self._go_on(at)
            at += 1
        self.seen.states, self.seen.spared = len(self.worlds), self.play.spared
        if at == len(self.worlds) and self.seen.violation is None:
            self.seen.complete = True
            self._find_hopeless()
        return self.seen

    def _go_on(self, at: int) -> None:
        for step in self.play.steps(self.worlds[at]):
            self.seen.transitions += 1
            world = self.play.take(self.worlds[at], step)
            self._meet(world, at, step)
            if self.seen.violation is not None:
                return

    def _meet(self, world: World, parent: int, step: Step) -> None:
        number = self.numbers.setdefault(world, len(self.worlds))
        if number == len(self.worlds):
            self.worlds.append(world)
            self.came.append((parent, step))
            self.repaired.append(array("l"))
            ring, alive = self.play.ring(world), self.play.alive(world)
            if is_ideal(ring, alive):
                self.ideal.append(number)
            reason = what_is_broken(ring, alive)
            if reason:
                self.seen.violation = Violation(reason, self._story(number))
        if step[0] not in ("begin", "join", "fail"):
            self.repaired[number].append(parent)

    def _find_hopeless(self) -> None:
        """Look for a world from which no repair, in whatever order, ever helps."""
        hopeful, todo = set(self.ideal), list(self.ideal)
        while todo:
            for parent in self.repaired[todo.pop()]:
                if parent not in hopeful:
                    hopeful.add(parent)
                    todo.append(parent)
        for number in range(len(self.worlds)):
            if number not in hopeful:
                reason = "no repair ever leads back to a ring in order"
                self.seen.violation = Violation(reason, self._story(number))
                return

    def _story(self, number: int) -> tuple[Moment, ...]:
        moments = []
        while number >= 0:
            parent, step = self.came[number]
            moments.append(self.play.moment(step, self.worlds[number]))
            number = parent
        return tuple(reversed(moments))
