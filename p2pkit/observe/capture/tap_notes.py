"""The notes of a tap, as they are read when the capture has ended.

Host processes write them with ``tap.py``, and stay small without what is needed here.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from p2pkit.core import Address
from p2pkit.observe.capture.tap import BATCH, ENDS, FLOW, NOTE_BYTES


class Tapped(NamedTuple):
    """One note: what, when, between whom, and the payload."""

    kind: int
    at_ns: int
    source: Address
    target: Address
    data: bytes


class Notes:
    """The notes of one host, in order of writing.

    Parameters
    ----------
    data : bytes
        Its file, which may be cut at any place.

    Attributes
    ----------
    times : array of int64
        When each was made, in ns since 1970; 0 for the ends of a flow.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        columns = list(_columns(data)) or [_NO_NOTES]
        self.times, lengths, flows, kinds, starts = map(
            np.concatenate, zip(*columns, strict=True)
        )
        self._lengths, self._starts = lengths.tolist(), starts.tolist()
        self._numbers, self._kinds = flows.tolist(), kinds.tolist()
        self._flows = {
            self._numbers[index]: _ends(self._payload(index))
            for index in np.flatnonzero(kinds == FLOW).tolist()
        }

    def __getitem__(self, index: int) -> Tapped:
        source, target = self._flows[self._numbers[index]]
        return Tapped(
            self._kinds[index],
            int(self.times[index]),
            source,
            target,
            self._payload(index),
        )

    def _payload(self, index: int) -> bytes:
        start = self._starts[index]
        return self._data[start : start + self._lengths[index]]


def _columns(data: bytes) -> Iterator[tuple[NDArray[Any], ...]]:
    """Yield times, lengths, flows, kinds and starts of each whole batch."""
    at = 0
    while at + BATCH.size <= len(data):
        count, size = BATCH.unpack_from(data, at)
        at += BATCH.size
        end = at + count * NOTE_BYTES + size
        if end > len(data):
            return
        times = np.frombuffer(data, np.int64, count, at)
        lengths = np.frombuffer(data, np.uint32, count, at + 8 * count)
        flows = np.frombuffer(data, np.uint32, count, at + 12 * count)
        kinds = np.frombuffer(data, np.uint8, count, at + 16 * count)
        starts = end - size + np.cumsum(lengths, dtype=np.int64) - lengths
        yield times, lengths, flows, kinds, starts
        at = end


_NO_NOTES = tuple(
    np.empty(0, kind) for kind in (np.int64, np.uint32, np.uint32, np.uint8, np.int64)
)


def _ends(body: bytes) -> tuple[Address, Address]:
    host, port, other_host, other_port = ENDS.unpack(body)
    source = socket.inet_ntoa(host), port
    return source, (socket.inet_ntoa(other_host), other_port)
