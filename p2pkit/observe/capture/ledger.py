"""The ledger: what nodes said, and every byte that it became on the wire.

It begins with what the nodes' own counters say and ends with what the packets weigh;
every line between is a reason for bytes. The two ends do not know of each other, so
what remains is a finding: on datagrams it is 0 to the byte, unless something was lost
or forged. On streams a message may be said and not be sent yet, and sent and not be
whole, so those have lines of their own. Read first: ``messages.py``, ``note.py``. Read
next: ``books.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

import msgspec

from p2pkit.core import Tally
from p2pkit.observe.extras import load

if TYPE_CHECKING:
    import pandas as pd

SAID = "said"
"""The group of lines that a ledger begins with."""


class Line(msgspec.Struct, frozen=True):
    """One reason for bytes.

    Parameters
    ----------
    group : str
        What kind of reason: `SAID`, ``before the wire``, ``streams``, ``headers``,
        ``control`` or ``others``.
    what : str
        The reason.
    count : int
        How many messages or packets it is about.
    bytes : int
        Bytes that it adds; below 0 where it takes some away.
    why : str
        What is to be known of it; mostly empty.
    """

    group: str
    what: str
    count: int
    bytes: int
    why: str = ""


class Ledger:
    """The bill of a capture.

    Attributes
    ----------
    lines : list of Line
        The reasons for bytes, from what was said down.
    packets, wire_bytes : int
        How many packets the file has, and what they weigh together on the wire.
    by_type : dict of str to (Tally, Tally)
        For each type of message what nodes counted, and what the packets show.
    doubts : str
        Why something may remain; empty if nothing should.
    """

    def __init__(
        self,
        lines: Iterable[Line],
        packets: int,
        wire_bytes: int,
        by_type: dict[str, tuple[Tally, Tally]],
        doubts: str = "",
    ) -> None:
        self.lines = [line for line in lines if line.count or line.bytes]
        self.packets, self.wire_bytes = packets, wire_bytes
        self.by_type, self.doubts = by_type, doubts

    @property
    def said_bytes(self) -> int:
        """What nodes said, as they counted it."""
        return self.group_bytes(SAID)

    @property
    def residue_bytes(self) -> int:
        """Bytes on the wire for which there is no reason; below 0 if some lack."""
        return self.wire_bytes - sum(line.bytes for line in self.lines)

    @property
    def bytes_per_useful(self) -> float:
        """Bytes on the wire for each byte that nodes said."""
        return self.wire_bytes / self.said_bytes if self.said_bytes else float("nan")

    def group_bytes(self, group: str) -> int:
        """Return what the lines of a group add up to."""
        return sum(line.bytes for line in self.lines if line.group == group)

    def to_pandas(self) -> pd.DataFrame:
        """Return the lines, then the sum and the residue, as a table."""
        rows = [msgspec.structs.astuple(line) for line in self._rows()]
        frame: pd.DataFrame = load("pandas", "view").DataFrame(
            rows, columns=Line.__struct_fields__
        )
        frame["share"] = frame["bytes"] / max(self.wire_bytes, 1)
        return frame

    def types_to_pandas(self) -> pd.DataFrame:
        """Return a row a type of message: counted by nodes, and seen in packets."""
        rows = [
            (kind, said.messages, said.payload_bytes, seen.messages, seen.payload_bytes)
            for kind, (said, seen) in self.by_type.items()
        ]
        columns = ["type", "said", "said_bytes", "seen", "seen_bytes"]
        frame: pd.DataFrame = load("pandas", "view").DataFrame(rows, columns=columns)
        return frame

    def _rows(self) -> list[Line]:
        whole = Line("", "on the wire", self.packets, self.wire_bytes)
        rest = Line("", "residue", 0, self.residue_bytes, self.doubts)
        return [*self.lines, whole, rest]

    def __str__(self) -> str:
        rows = [
            (line.group, line.what, f"{line.count:,}", f"{line.bytes:,}", line.why)
            for line in self._rows()
        ]
        wide = [max(len(row[i]) for row in rows) for i in range(4)]
        texts, group = [], ""
        for named, what, count, size, why in rows:
            first = "" if named == group else named
            group = named
            text = f"{first:<{wide[0]}}  {what:<{wide[1]}}  {count:>{wide[2]}}"
            texts.append(f"{text}  {size:>{wide[3]}} B  {why}".rstrip())
        return "\n".join(texts)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"

    def __repr__(self) -> str:
        return (
            f"<Ledger: {self.said_bytes:,} bytes said, {self.wire_bytes:,} on the "
            f"wire, residue {self.residue_bytes:,}>"
        )
