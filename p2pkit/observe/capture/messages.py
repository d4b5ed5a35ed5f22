"""Messages: one row an application message, from datagrams and streams alike.

Read first: ``reading.py``, ``streams.py``. Read next: ``ledger.py``.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from p2pkit.observe.capture.endpoints import categories
from p2pkit.observe.capture.fragments import put_together
from p2pkit.observe.capture.reading import Reading
from p2pkit.observe.capture.records import Ints, Mask, ints
from p2pkit.observe.capture.streams import Said, Stream, read_streams
from p2pkit.observe.capture.stretches import Stretches
from p2pkit.observe.capture.table import types_column
from p2pkit.observe.capture.wires import Types
from p2pkit.observe.extras import load

if TYPE_CHECKING:
    import pandas as pd

DATAGRAM, STREAM = "datagram", "stream"
COLUMNS = 5
"""Of what messages are put together from: packet, source, destination, and bytes of
payload and framing."""


class Messages:
    """The messages of a capture, in the order in which their last bytes were seen.

    Attributes
    ----------
    packet : array of int64
        The packet in which each message ends.
    source, destination : array of int64
        Who said it to whom, see `Endpoints`.
    is_stream : array of bool
        Whether it came on a stream.
    wholes : list of Whole
        The datagrams among them that came in several packets.
    payload_bytes, framing_bytes : array of int64
        Its own bytes, and those that a stream needs to find its end.
    types : Types
        Its class.
    """

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.streams: list[Stream] = read_streams(reading)
        self.wholes = put_together(reading.headers) if reading.wire else []
        said = [one for stream in self.streams for one in stream.messages]
        self._datas = [one.cut.data for one in said]
        self._datas += [one.data for one in self.wholes]
        plain = self._datagrams()
        parts = [self._of_datagrams(plain), _of_streams(said), self._of_wholes()]
        whole = np.concatenate(parts, axis=1)
        # Several messages may end in one packet: they stay in order.
        order = np.argsort(whole[0], kind="stable")
        columns: tuple[Ints, ...] = tuple(whole[:, order])
        self.packet, self.source, self.destination = columns[:3]
        self.payload_bytes, self.framing_bytes = columns[3:]
        self._place: Ints = np.where(order < len(plain), -1, order - len(plain))
        self.is_stream: Mask = (self._place >= 0) & (self._place < len(said))
        self.types = self._types(plain, order)

    def __len__(self) -> int:
        return len(self.packet)

    def data(self, index: int) -> bytes:
        """Return the bytes of one message, as its codec takes them."""
        place = int(self._place[index])
        if place >= 0:
            return self._datas[place]
        return self.reading.headers.payload.piece(int(self.packet[index]))

    @property
    def is_apart(self) -> Mask:
        """Which do not stand in one packet as they are."""
        return np.asarray(self._place >= 0)

    @cached_property
    def at_s(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """When the last byte of each was seen, in seconds of the run."""
        seconds: np.ndarray[tuple[int], np.dtype[np.float64]]
        seconds = self.reading.at_s[self.packet]
        return seconds

    def _datagrams(self) -> Ints:
        """Return the datagrams that speak a protocol."""
        wires = {"udp": False}
        protocols, some = self.reading.protocols, self.reading.datagrams
        speaks = ints([wires.get(name, True) for name in protocols.names])
        return some[speaks[protocols.codes[some]] > 0]

    def _of_datagrams(self, some: Ints) -> Ints:
        ends, sizes = self.reading.endpoints, self.reading.headers.payload_bytes
        return np.stack([
            some, ends.source[some], ends.destination[some], sizes[some],
            np.zeros(len(some), np.int64),
        ])  # fmt: skip

    def _of_wholes(self) -> Ints:
        """Return the datagrams in several packets; the first of these has the ports."""
        ends, wholes = self.reading.endpoints, self.wholes
        first = ints([one.packets[0] for one in wholes])
        last, sizes = ([one.last for one in wholes], [len(one.data) for one in wholes])
        source, to = ends.source[first], ends.destination[first]
        return np.stack([ints(last), source, to, ints(sizes), np.zeros_like(first)])

    def _types(self, some: Ints, order: Ints) -> Types:
        kinds, wire = self.reading.types, self.reading.wire
        found = Types.unknown(len(order), kinds.names)
        found.codes[: len(some)] = kinds.codes[some]
        if self._datas:
            assert wire is not None
            place = np.arange(len(some), len(order))
            found.put(place, wire.types(Stretches.of(self._datas)))
        found.codes[:] = found.codes[order]
        return found


def _of_streams(said: list[Said]) -> Ints:
    rows = [
        (one.cut.packet, one.source, one.destination, len(one.cut.data),
         one.cut.framing_bytes)
        for one in said
    ]  # fmt: skip
    return ints(rows).reshape(-1, COLUMNS).T


def messages_table(messages: Messages) -> pd.DataFrame:
    """Return a table with a row a message, in order of time.

    Columns
    -------
    at_s : float
        When its last byte was seen, in seconds of the run.
    source, destination : category
        Names of nodes; ``HOST:PORT`` of who has none.
    carrier : category
        ``datagram`` or ``stream``.
    protocol, type : category
        As in the table of packets.
    answers : category
        Of a reply of KRPC, the class of its question.
    payload_bytes, framing_bytes : int
        Its own bytes, and those that a stream needs to find its end.
    packet : int
        The packet in which it ends: a row of the table of packets.
    """
    reading, pandas = messages.reading, load("pandas", "view")
    kinds, answers = reading.types, reading.answers
    of = np.where(messages.is_apart, -1, answers[messages.packet])
    answered = Types(np.where(of >= 0, kinds.codes[of], -1), kinds.names)
    frame: pd.DataFrame = pandas.DataFrame({
        "at_s": messages.at_s,
        "source": categories(messages.source, reading.hosts),
        "destination": categories(messages.destination, reading.hosts),
        "carrier": pandas.Categorical.from_codes(
            messages.is_stream.astype(np.int8), categories=[DATAGRAM, STREAM]
        ),
        "protocol": types_column(_protocols(messages)),
        "type": types_column(messages.types),
        "answers": types_column(answered),
        "payload_bytes": messages.payload_bytes,
        "framing_bytes": messages.framing_bytes,
        "packet": messages.packet,
    })  # fmt: skip
    return frame


def _protocols(messages: Messages) -> Types:
    reading = messages.reading
    found = Types(
        reading.protocols.codes[messages.packet], list(reading.protocols.names)
    )
    if reading.wire is not None:
        found.codes[messages.is_apart] = found.code(reading.wire.name)
    return found


def streams_table(messages: Messages) -> pd.DataFrame:
    """Return a table with a row a stream, in the order in which they began.

    Columns
    -------
    began_s, ended_s : float
        When its first and last packet were seen.
    source, destination : category
        Who sent the first packet, and the other end.
    opened, closed : bool
        Whether its opening and its end are in the file.
    messages : int
        Messages, both ways.
    there_bytes, back_bytes : int
        Payload from source to destination and back, each byte once.
    again_bytes, missing_bytes, unread_bytes : int
        Payload that came again; that is not in the file; and of which nobody can tell
        where messages begin, or that belongs to one that did not end.
    """
    reading = messages.reading
    at_s, hosts = reading.at_s, reading.hosts
    rows = []
    for stream in messages.streams:
        there, back = (stream.ways[end] for end in stream.ends)
        both = (there, back)
        rows.append({
            "began_s": at_s[stream.first],
            "ended_s": at_s[stream.last],
            "source": hosts[stream.ends[0]],
            "destination": hosts[stream.ends[1]],
            "opened": stream.opened,
            "closed": stream.closed,
            "messages": len(stream.messages),
            "there_bytes": there.direction.stream_bytes,
            "back_bytes": back.direction.stream_bytes,
            "again_bytes": sum(way.direction.again_bytes for way in both),
            "missing_bytes": sum(
                way.direction.missing_bytes + way.direction.cut_bytes for way in both
            ),
            "unread_bytes": sum(way.unread_bytes for way in both),
        })  # fmt: skip
    columns = (
        "began_s", "ended_s", "source", "destination", "opened", "closed", "messages",
        "there_bytes", "back_bytes", "again_bytes", "missing_bytes", "unread_bytes",
    )  # fmt: skip
    frame: pd.DataFrame = load("pandas", "view").DataFrame(rows, columns=columns)
    return frame
