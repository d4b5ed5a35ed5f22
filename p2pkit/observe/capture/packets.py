"""Packets: a capture as a notebook holds it."""

from __future__ import annotations

import os
from itertools import compress, count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self, overload

from p2pkit.core import CaptureError
from p2pkit.observe.capture import note as notes
from p2pkit.observe.capture import samples
from p2pkit.observe.capture.analyzed import Analyzed
from p2pkit.observe.capture.balance import Balance
from p2pkit.observe.capture.door import scapy_room
from p2pkit.observe.capture.note import Note

if TYPE_CHECKING:
    from p2pkit.observe.capture.layers.dissection import Packet, PacketList

LIST_LIMIT = 200
"""Packets dissected at once, unless told otherwise."""


class PacketRecord(NamedTuple):
    """A packet as it lies in a file."""

    at_ns: int
    wire_bytes: int
    data: bytes
    link: int


class Packets(Analyzed):
    """The packets of one capture, in order of arrival.

    Parameters
    ----------
    path : path
        The capture; its note is read from beside it.

    Attributes
    ----------
    path : Path
        The file: pcapng, which Wireshark and scapy open too.
    note : Note or None
        What else is known; None for a file that others made.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.note: Note | None = None

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Self:
        """Return a capture from a file.

        Raises
        ------
        CaptureError
            If there is no such file, or it is no capture.
        """
        packets = cls(path)
        packets.note = notes.read(packets.path)
        len(packets)
        return packets

    @classmethod
    def sample(cls, name: str) -> Self:
        """Return a capture that comes with the kit, such as ``kademlia``.

        Raises
        ------
        CaptureError
            If there is none of that name; the sentence names them all.
        """
        return cls.open(samples.path_of(name))

    @property
    def source(self) -> str:
        """Who captured: ``ring``, ``dumpcap`` or ``tap``; ``file`` if others did."""
        return self.note.source if self.note else "file"

    @property
    def why(self) -> str:
        """Why that source was used, as a sentence."""
        return self.note.why if self.note else "the file was made elsewhere"

    @property
    def balance(self) -> Balance:
        """What the kernel saw and lost, and what nodes counted.

        Raises
        ------
        CaptureError
            If nobody counted, or the capture is still going on.
        """
        if self.note is None:
            reason = (
                f"{self.path.name} has no balance: it was made elsewhere, or the "
                "capture has not ended"
            )
            raise CaptureError(reason)
        return self.note.balance

    def data(self, index: int) -> bytes:
        """Return the bytes of a packet from its Ethernet header on.

        Raises
        ------
        IndexError
            If there is none.
        """
        return self.record(index).data

    def record(self, index: int) -> PacketRecord:
        """Return a packet's bytes with what the file says about them.

        Raises
        ------
        IndexError
            If there is none.
        """
        records = self.records
        last = len(records) - 1
        if not -last - 1 <= index <= last:
            reason = f"there is no packet {index}: they are numbered 0 to {last}"
            raise IndexError(reason)
        return PacketRecord(
            int(records.at_ns[index]),
            int(records.wire[index]),
            records.packet(index),
            int(records.link[index]),
        )

    def packets(self, mask: Any = None, limit: int = LIST_LIMIT) -> PacketList:
        """Return some packets dissected, as scapy's own functions take them.

        Parameters
        ----------
        mask : array or Series of bool, optional
            One truth for each packet, such as a condition on `table`; all if not
            given.
        limit : int
            How many at most, the first ones: each takes a fraction of a millisecond.

        Raises
        ------
        CaptureError
            If scapy is not installed, or the mask is of another length.
        """
        if mask is not None and len(mask) != len(self):
            reason = (
                f"the mask has {len(mask):,} truths for {len(self):,} packets: make it "
                "from this capture's own table"
            )
            raise CaptureError(reason)
        wanted = range(len(self)) if mask is None else compress(count(), mask)
        found: PacketList = scapy_room("dissection").packet_list(
            self, islice(wanted, limit)
        )
        return found

    def __len__(self) -> int:
        return len(self.records)

    @overload
    def __getitem__(self, index: int) -> Packet: ...
    @overload
    def __getitem__(self, index: slice) -> PacketList: ...

    def __getitem__(self, index: int | slice) -> Packet | PacketList:
        found: Packet | PacketList
        if isinstance(index, slice):
            some = range(*index.indices(len(self)))
            found = scapy_room("dissection").packet_list(self, some)
        else:
            found = scapy_room("dissection").dissect(self, index)
        return found

    def __repr__(self) -> str:
        damage = f"; {self.damage}" if self.damage else ""
        said = f"{len(self):,} in {self.path.name}, from {self.source}{damage}"
        return f"<Packets: {said}>"
