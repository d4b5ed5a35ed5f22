"""Records: where each packet of a capture file lies, and when it was taken.

A file is mapped, never copied: a record is an offset into it. So a million packets are
opened in a third of a second, and one of them is looked at without the others.
Source: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng. Read next:
``files.py``, then ``headers.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

MOST_BYTES = 1 << 18
"""Longest packet taken: what libpcap allows; a record that claims more is damaged."""


CHUNK = 1 << 13
"""Packets that are looked at together: some megabyte of them."""


@dataclass(frozen=True)
class Records:
    """The packets of one capture file, in the order of the file.

    Parameters
    ----------
    data : array of uint8
        The whole file, mapped.
    start : array of int64
        Offset of each packet's first byte in `data`.
    stored : array of int64
        Bytes of each packet that the file holds.
    wire : array of int64
        Bytes that it had on the wire; more than `stored` where a capture cut it short.
    at_ns : array of int64
        When it was taken, in nanoseconds since 1970.
    link : array of int64
        Link type of each packet, such as 1 for Ethernet.
    names : dict of str to str
        Names of hosts that the file itself gives, by numeric host.
    damage : str
        What could not be read, as a sentence; empty if everything could.
    """

    data: Bytes
    start: Ints
    stored: Ints
    wire: Ints
    at_ns: Ints
    link: Ints
    names: dict[str, str] = field(default_factory=dict)
    damage: str = ""

    def __len__(self) -> int:
        return len(self.start)

    def __getitem__(self, some: slice) -> Records:
        return replace(
            self, start=self.start[some], stored=self.stored[some],
            wire=self.wire[some], at_ns=self.at_ns[some], link=self.link[some],
        )  # fmt: skip

    def packet(self, index: int) -> bytes:
        """Return the stored bytes of one packet."""
        begin = int(self.start[index])
        return self.data[begin : begin + int(self.stored[index])].tobytes()


def chunks(count: int) -> Iterator[slice]:
    """Yield slices that cover `count` packets, few enough that caches hold them.

    Every question about a packet then finds its bytes near at hand; asked of a whole
    large file at once, each would fetch them from memory again.
    """
    for first in range(0, max(count, 1), CHUNK):
        yield slice(first, min(first + CHUNK, count))


def ints(values: object) -> Ints:
    """Return whole numbers as an array of int64."""
    return np.asarray(values, dtype=np.int64)
