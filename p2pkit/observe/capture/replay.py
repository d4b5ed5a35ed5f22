"""Replay: a capture as flights and frames, which every view can draw.

A capture sees a message once, where it was taken: so it is sent and heard at the same
moment, and arrows of a space-time diagram stand upright. What is missing in a capture
is missing here: who a node knows, and when it died. Edges are those that talked.
Read first: ``messages.py``, ``observe/frames.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from p2pkit.core import Address
from p2pkit.observe.capture.messages import Messages
from p2pkit.observe.capture.wires.wire import CUT, MALFORMED
from p2pkit.observe.film import Film
from p2pkit.observe.flights import Flight
from p2pkit.observe.frames import Frame, Link, Mark, NodeFrame

FRAMES = 400
"""Frames of a film, if not said how long one is."""

LEAST_STEP_S = 0.001


def flights(messages: Messages) -> list[Flight]:
    """Return every message as a flight, in order of time."""
    reading = messages.reading
    found = []
    for index, at_s in enumerate(messages.at_s.tolist()):
        kind = messages.types.name(index)
        is_read = kind not in (CUT, MALFORMED)
        found.append(
            Flight(
                at_s,
                at_s,
                reading.hosts[messages.source[index]],
                reading.hosts[messages.destination[index]],
                kind if is_read else "",
                messages.data(index),
            )
        )
    return sorted(found, key=lambda one: one.at_s)


def film(messages: Messages, step_s: float | None = None) -> Film:
    """Return a capture as a film: who talked to whom by then, message by message.

    Parameters
    ----------
    messages : Messages
        Those of the capture.
    step_s : float, optional
        Seconds of the run that one frame stands for; a 400th of the whole if not given.
    """
    found = Film()
    for frame in frames(messages, step_s):
        found.append(frame)
    return found


def frames(messages: Messages, step_s: float | None = None) -> Iterator[Frame]:
    """Yield the frames of `film`, the first one with all nodes that take part."""
    at_s = messages.at_s
    first_s = float(at_s.min(initial=np.inf)) if len(at_s) else 0.0
    wide_s = float(at_s.max() - first_s) if len(at_s) else 0.0
    step_s = step_s or max(wide_s / FRAMES, LEAST_STEP_S)
    cast = _Cast(messages)
    yield Frame(number=1, at_s=first_s, nodes=cast.everybody())
    order = np.argsort(at_s, kind="stable")
    steps = ((at_s[order] - first_s) / step_s).astype(np.int64)
    bounds = np.flatnonzero(np.diff(steps, append=-1)) + 1
    begin = 0
    for number, end in enumerate(bounds.tolist(), start=2):
        yield cast.frame(number, order[begin:end].tolist())
        begin = end


class _Cast:
    """Who takes part, what each has sent and heard so far, and who has met whom."""

    def __init__(self, messages: Messages) -> None:
        self.messages, self.reading = messages, messages.reading
        self.at_s = messages.at_s.tolist()
        self.addresses = _addresses(messages)
        self.ours = set(self.reading.names.values())
        zeros = ("sent", "received", "sent_bytes", "received_bytes")
        self.totals = {name: dict.fromkeys(zeros, 0.0) for name in self.addresses}
        self.met: set[Link] = set()

    def everybody(self) -> tuple[NodeFrame, ...]:
        return tuple(map(self._node, self.addresses))

    def frame(self, number: int, some: list[int]) -> Frame:
        """Return what happened in some messages."""
        marks = [self._mark(index) for index in some]
        links = {(mark.source, mark.target, "talked"): None for mark in marks}
        new = tuple(link for link in links if link not in self.met)
        self.met.update(new)
        busy = {name: None for one in marks for name in (one.source, one.target)}
        return Frame(
            number=number,
            at_s=self.at_s[some[-1]],
            nodes=tuple(map(self._node, busy)),
            linked=new,
            marks=tuple(marks),
        )

    def _mark(self, index: int) -> Mark:
        messages, hosts = self.messages, self.reading.hosts
        source = hosts[messages.source[index]]
        target = hosts[messages.destination[index]]
        size = int(messages.payload_bytes[index])
        for name, way in ((source, "sent"), (target, "received")):
            self.totals[name][way] += 1
            self.totals[name][f"{way}_bytes"] += size
        label = messages.types.name(index)
        return Mark("message", source, target, label, self.at_s[index], size_bytes=size)

    def _node(self, name: str) -> NodeFrame:
        is_ours = not self.ours or name in self.ours
        return NodeFrame(
            name, 0, self.addresses[name], "alive" if is_ours else "foreign", "",
            dict(self.totals[name]),
        )  # fmt: skip


def _addresses(messages: Messages) -> Mapping[str, Address]:
    """Return the address of everybody who said or heard something, by name."""
    reading, found = messages.reading, dict[str, Address]()
    codes = np.unique(np.concatenate([messages.source, messages.destination]))
    for code in codes.tolist():
        found.setdefault(reading.hosts[code], reading.endpoints.addresses[code])
    return dict(sorted(found.items()))
