"""What is found out about the packets of a capture, each when it is asked for.

Read first: ``packets.py``. Read next: ``reading.py``, ``table.py``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from p2pkit.core import CaptureError, Codec

if TYPE_CHECKING:
    import pandas as pd

    from p2pkit.observe.capture.conversation import Conversation
    from p2pkit.observe.capture.ledger import Ledger
    from p2pkit.observe.capture.messages import Messages
    from p2pkit.observe.capture.note import Note
    from p2pkit.observe.capture.reading import Reading
    from p2pkit.observe.capture.records import Records
    from p2pkit.observe.film import Film
    from p2pkit.observe.flights import Flight


RECENT_RINGS = 4
"""Blocks of a ring, a megabyte each, that `Analyzed.recent` looks at."""

NOTHING_YET = "no packet yet, as far as the file goes"


class Analyzed:
    """The part of `Packets` that counts and names what is in the file.

    Attributes
    ----------
    protocol : type or str or None
        What the nodes ran, where the note does not say it: for a foreign file, or a
        class from a cell.
    """

    path: Path
    note: Note | None
    protocol: type[Any] | str | None = None

    def table(self) -> pd.DataFrame:
        """Return a table with a row a packet, see `capture.table.table`."""
        from p2pkit.observe.capture.table import table

        return table(self.reading)

    def messages(self) -> pd.DataFrame:
        """Return a table with a row an application message, from both carriers."""
        from p2pkit.observe.capture.messages import messages_table

        return messages_table(self.said)

    def streams(self) -> pd.DataFrame:
        """Return a table with a row a TCP stream: what it carried, what came again."""
        from p2pkit.observe.capture.messages import streams_table

        return streams_table(self.said)

    def ledger(self) -> Ledger:
        """Return the bill: what nodes said, and what it became on the wire."""
        from p2pkit.observe.capture.books import ledger

        return ledger(self.said, self.note)

    def between(self, a: int | str, b: int | str, limit: int = 200) -> Conversation:
        """Return the packets between two nodes, decoded; printed, they are text.

        Parameters
        ----------
        a, b : int or str
            The nodes: their numbers, their names, or ``HOST:PORT``.
        limit : int
            How many packets at most, the last ones.

        Raises
        ------
        CaptureError
            If there is no node of that number.
        """
        from p2pkit.observe.capture.conversation import Conversation

        return Conversation(self.said, self._name(a), self._name(b), limit)

    def recent(self, a: str, b: str, limit: int = 30) -> str:
        """Return the latest packets between two nodes as text, the last one first.

        Costs little while a capture goes on: of a long one only the end is looked at.

        Parameters
        ----------
        a, b : str
            The nodes, as ``HOST:PORT``.
        limit : int
            How many packets at most.
        """
        from p2pkit.observe.capture.conversation import Conversation
        from p2pkit.observe.capture.messages import Messages

        said = self.said if self.note else Messages(self._read(RECENT_RINGS))
        found = Conversation(said, a, b, limit)
        return "\n\n".join(reversed([str(one) for one in found])) or NOTHING_YET

    def _name(self, node: int | str) -> str:
        if isinstance(node, str):
            return node
        names = sorted(self.note.names) if self.note is not None else []
        if not 0 <= node < len(names):
            reason = (
                f"there is no node {node} in {self.path.name}, which knows "
                f"{len(names)} by number: say HOST:PORT instead"
            )
            raise CaptureError(reason)
        return names[node]

    @property
    def flights(self) -> list[Flight]:
        """Every message as a flight, so that a space-time diagram can draw them."""
        from p2pkit.observe.capture.replay import flights

        return flights(self.said)

    @property
    def codec(self) -> Codec | None:
        """What decodes the messages; None where the protocol's class is not known."""
        wire = self.reading.wire
        return wire.codec if wire is not None else None

    def film(self, step_s: float | None = None) -> Film:
        """Return the capture as a film: who had talked to whom by when.

        Parameters
        ----------
        step_s : float, optional
            Seconds of the run that one frame stands for; a 400th of the whole if not
            given.
        """
        from p2pkit.observe.capture.replay import film

        return film(self.said, step_s)

    def wireshark(self) -> str:
        """Open the file in Wireshark; return what was done, or how you can do it."""
        from p2pkit.observe.capture.wireshark import open_in_wireshark

        return open_in_wireshark(self.path)

    @property
    def said(self) -> Messages:
        """The messages behind their table, with the bytes of each."""
        from p2pkit.observe.capture.messages import Messages

        reading = self.reading
        found: Messages | None = self.__dict__.get("_said")
        if found is None or found.reading is not reading:
            found = self.__dict__["_said"] = Messages(reading)
        return found

    @property
    def damage(self) -> str:
        """What of the file could not be read, as a sentence; empty if all could."""
        return self.records.damage

    @property
    def records(self) -> Records:
        """Where each packet lies in the file; found again if the file has changed."""
        from p2pkit.observe.capture.files import read_records

        stamp = _stamp(self.path)
        kept = self.__dict__.get("_records")
        if kept is None or kept[0] != stamp:
            kept = self.__dict__["_records"] = (stamp, read_records(self.path))
        found: Records = kept[1]
        return found

    @property
    def reading(self) -> Reading:
        """The columns behind all tables; read again if the file has changed."""
        stamp = (_stamp(self.path), self.protocol)
        found = self.__dict__.get("_reading")
        if found is None or found[0] != stamp:
            found = self.__dict__["_reading"] = (stamp, self._read())
        reading: Reading = found[1]
        return reading

    def _read(self, most_rings: int = 0) -> Reading:
        from p2pkit.observe.capture.files import read_records
        from p2pkit.observe.capture.reading import Reading

        note = self.note
        if note is None:
            some = read_records(self.path, most_rings) if most_rings else self.records
            return Reading(some, self.protocol)
        protocol = self.protocol or note.protocol or None
        names = note.ends | {where: name for name, where in note.names.items()}
        began_ns = round(note.epoch_s * 1e9) if note.epoch_s else None
        return Reading(self.records, protocol, names, began_ns)


def _stamp(path: Path) -> tuple[int, int]:
    """Return what changes when a file does; what is not there is said by the reader."""
    if not path.exists():
        return 0, 0
    status = path.stat()
    return status.st_mtime_ns, status.st_size
