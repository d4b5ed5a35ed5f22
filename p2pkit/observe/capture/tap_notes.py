"""The notes of a tap, as they are read when the capture has ended.

Host processes write them with ``tap.py``, and stay small without what is needed here.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import NamedTuple

import msgspec
import numpy as np

from p2pkit.core import Address
from p2pkit.observe.capture.tap import ENDS, FLOW, HEAD, Note


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
        self._notes = [one for batch in _batches(data) for one in batch]
        self.times = np.fromiter((one[0] for one in self._notes), np.int64)
        self._flows = {
            number: _ends(body) for _, number, kind, body in self._notes if kind == FLOW
        }

    def __getitem__(self, index: int) -> Tapped:
        at_ns, number, kind, data = self._notes[index]
        return Tapped(kind, at_ns, *self._flows[number], data)


def _batches(data: bytes) -> Iterator[list[Note]]:
    decode = msgspec.msgpack.Decoder(list[Note]).decode
    view, at = memoryview(data), 0
    while at + HEAD.size <= len(data):
        (length,) = HEAD.unpack_from(data, at)
        at += HEAD.size
        if at + length > len(data):
            return  # it was cut while this batch was written
        yield decode(view[at : at + length])
        at += length


def _ends(body: bytes) -> tuple[Address, Address]:
    host, port, other_host, other_port = ENDS.unpack(body)
    source = socket.inet_ntoa(host), port
    return source, (socket.inet_ntoa(other_host), other_port)
