"""From the notes of all hosts' taps to one capture, in order of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from p2pkit.core import Address
from p2pkit.observe.capture import pcapng
from p2pkit.observe.capture.census import Census, Flows, Names, StreamNames
from p2pkit.observe.capture.packing import (
    ACK,
    FIN,
    RST,
    Segment,
    Stream,
    datagram,
    opening,
    pieces,
)
from p2pkit.observe.capture.spool import finish
from p2pkit.observe.capture.tap import (
    ACCEPTED,
    BROKEN,
    CAME,
    ENDED,
    OPENED,
    READ,
    SENT,
    WROTE,
)
from p2pkit.observe.capture.tap_notes import Notes, Tapped


def merge(files: Iterable[Path], path: Path, names: Names) -> tuple[Census, str]:
    """Append the packets that hosts noted to a capture.

    Parameters
    ----------
    files : iterable of Path
        What `TapFile`s wrote.
    path : Path
        A file that begins with its section and its interface.
    names : Names
        Who is who.

    Returns
    -------
    census : Census
        What stands in the file.
    trouble : str
        Why not all of it could be written, as a sentence; empty if it could.
    """
    flows = Flows(names)
    try:
        with path.open("ab") as file:
            for at_ns, frame in _Packing(names).frames(in_order(files)):
                ending = flows.ending(at_ns, frame)
                file.write(pcapng.packet(at_ns, len(frame), frame, ending))
    except OSError as error:
        trouble = f"the file could not be written: {error.strerror}"
        return finish(path, names), trouble
    return flows.census(), ""


def in_order(files: Iterable[Path]) -> Iterator[Tapped]:
    """Yield the notes of several hosts in order of time."""
    hosts = [Notes(path.read_bytes()) for path in files]
    if not hosts:
        return
    times = np.concatenate([one.times for one in hosts])
    owners = np.repeat(np.arange(len(hosts)), [len(one.times) for one in hosts])
    places = np.concatenate([np.arange(len(one.times)) for one in hosts])
    # Stable, so that what one host noted within a tick of the clock keeps its order.
    order = np.argsort(times, kind="stable")
    order = order[times[order] > 0]  # the others tell the ends of flows
    for owner, place in zip(
        owners[order].tolist(), places[order].tolist(), strict=True
    ):
        yield hosts[owner][place]


class _Packing:
    """Makes frames of notes; a note that both ends made is taken once."""

    def __init__(self, names: Names) -> None:
        self._nodes, self._names = names.nodes, StreamNames(names)
        self._streams: dict[frozenset[Address], Stream] = {}
        self._number = 0

    def frames(self, notes: Iterable[Tapped]) -> Iterator[tuple[int, bytes]]:
        for one in notes:
            if one.kind in (SENT, CAME):
                if one.kind == SENT or one.source not in self._nodes:
                    self._number += 1
                    frame = datagram(one.source, one.target, one.data, self._number)
                    yield one.at_ns, frame
            else:
                for segment, stream in self._segments(one):
                    self._number += 1
                    yield one.at_ns, stream.segment(segment, self._number)

    def _segments(self, one: Tapped) -> Iterator[tuple[Segment, Stream]]:
        ends = frozenset((one.source, one.target))
        is_inside = bool(self._names.of(one.source))
        if one.kind == OPENED or (one.kind == ACCEPTED and not is_inside):
            stream = self._streams[ends] = Stream(is_begun=False)
            yield from ((each, stream) for each in opening(one.source, one.target))
            return
        if (found := self._streams.get(ends)) is None:
            found = self._streams[ends] = Stream(is_begun=True)
        if one.kind in (ENDED, BROKEN):
            yield from ((each, found) for each in self._ending(one, found))
        elif one.kind == WROTE or (one.kind == READ and not is_inside):
            for each in pieces(one.source, one.target, one.data):
                yield each, found
            if one.target in found.ended:  # its system refuses what comes too late
                yield Segment(one.target, one.source, RST), found

    def _ending(self, one: Tapped, stream: Stream) -> Iterator[Segment]:
        stream.ended.add(one.source)
        if one.kind == BROKEN:
            yield Segment(one.source, one.target, RST | ACK)
            return
        yield Segment(one.source, one.target, FIN | ACK)
        if one.target in stream.ended:
            yield Segment(one.target, one.source, ACK)
