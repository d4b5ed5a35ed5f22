"""Arrows of a space-time diagram: messages between lanes, few enough to be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from p2pkit.core import Codec, Finished, Record
from p2pkit.observe.flights import Flight, decoded
from p2pkit.observe.paths import ANSWERED, hops_of
from p2pkit.observe.told import name_of
from p2pkit.view.overlay import natural

MOST_LANES = 40
"""Lanes drawn at most: more do not fit on a page."""

ANSWER = "answer"
"""Kind of the way back in an operation's steps, which do not say the message."""


class Arrow(NamedTuple):
    """A message on the diagram.

    `sent_s` or `heard_s` is None where that end did not see it; `lost` says why it
    never arrived. `text` is what is said of it when it is chosen.
    """

    sent_s: float | None
    heard_s: float | None
    source: str
    target: str
    kind: str
    lost: str
    text: str

    @property
    def at_s(self) -> float:
        """When it was first seen."""
        if self.sent_s is not None:
            return self.sent_s
        return self.heard_s or 0.0


def arrows_of(
    what: Any,
    trace: Iterable[Record],
    named: Mapping[Any, str],
    codec: Codec | None,
) -> list[Arrow]:
    """Return the messages of a window, or those that a path tells of, in order."""
    flights = getattr(what, "flights", what)
    if isinstance(flights, (list, tuple)) and all(
        isinstance(one, Flight) for one in flights
    ):
        found = [_of_flight(one, codec) for one in flights]
    elif isinstance(what, Record) and isinstance(what.event, Finished):
        found = _of_steps(what.event, what.node, named)
    else:
        found = [
            Arrow(
                hop.at_s, hop.at_s + hop.took_s, hop.source, hop.target, hop.label,
                "" if hop.ok else "no answer", f"hop {hop.depth}" if hop.depth else "",
            )
            for hop in hops_of(what, trace, named)
        ]  # fmt: skip
    return sorted(found, key=lambda one: one.at_s)


def _of_flight(flight: Flight, codec: Codec | None) -> Arrow:
    said = f"{len(flight.data):,} bytes of payload"
    if codec is not None:
        said += "\n\n" + decoded(flight, codec)
    return Arrow(
        flight.sent_s, flight.heard_s, flight.source, flight.target,
        flight.kind or "not decoded", flight.lost, said,
    )  # fmt: skip


def _of_steps(finished: Finished, asker: str, named: Mapping[Any, str]) -> list[Arrow]:
    """Return two arrows a step, there and back; the turning point is a guess."""
    found = []
    guess = "When the question arrived is not known: half-way is assumed."
    for step in finished.steps:
        peer = name_of(step.peer, named)
        half_s = (step.asked_s + step.ended_s) / 2
        ways = (asker, peer, finished.verb)
        if step.outcome != ANSWERED:
            found.append(Arrow(step.asked_s, None, *ways, "no answer", step.outcome))
            continue
        found.append(Arrow(step.asked_s, half_s, *ways, "", f"hop {step.hop}. {guess}"))
        back = f"named {len(step.returned)} contacts"
        found.append(Arrow(half_s, step.ended_s, peer, asker, ANSWER, "", back))
    return found


class Chosen(NamedTuple):
    """What is drawn, and the sentence that says of how much."""

    arrows: list[Arrow]
    lanes: list[str]
    said: str


def choose_arrows(
    arrows: Sequence[Arrow], nodes: Sequence[str] | None, limit: int, let_go: int = 0
) -> Chosen:
    """Choose lanes, then the first messages between them.

    Lanes stand in the order of `nodes`, or in which their nodes first took part, so
    that what spreads runs downward. Of too many, the busiest remain. `let_go` counts
    messages that were never recorded, for the sentence.
    """
    everybody = _by_first_part(arrows)
    lanes = list(nodes) if nodes is not None else everybody
    if len(lanes) > MOST_LANES:
        busy = Counter(one for arrow in arrows for one in (arrow.source, arrow.target))
        best = sorted(lanes, key=lambda name: (-busy[name], natural(name)))
        kept = set(best[:MOST_LANES])
        lanes = [name for name in lanes if name in kept]
    there = set(lanes)
    between = [one for one in arrows if one.source in there and one.target in there]
    drawn = between[:limit]
    if nodes is None:
        taking_part = {one for arrow in drawn for one in (arrow.source, arrow.target)}
        lanes = [name for name in lanes if name in taking_part]
    return Chosen(drawn, lanes, _said(drawn, len(arrows) + let_go, lanes, everybody))


def _said(
    drawn: Sequence[Arrow],
    messages_in_all: int,
    lanes: Sequence[str],
    everybody: Sequence[str],
) -> str:
    messages = f"{messages_in_all:,} messages"
    if len(drawn) < messages_in_all:
        messages = f"{len(drawn):,} of {messages} shown"
    nodes = f"{len(lanes):,} nodes"
    shown = sum(name in set(everybody) for name in lanes)
    if shown < len(everybody):
        nodes = f"{shown:,} of {len(everybody):,} nodes"
    return f"{messages}, {nodes}"


def _by_first_part(arrows: Iterable[Arrow]) -> list[str]:
    seen: dict[str, float] = {}
    for arrow in arrows:
        seen.setdefault(arrow.source, arrow.at_s)
        later_s = arrow.at_s if arrow.heard_s is None else arrow.heard_s
        seen[arrow.target] = min(seen.get(arrow.target, later_s), later_s)
    return sorted(seen, key=lambda name: (seen[name], natural(name)))
