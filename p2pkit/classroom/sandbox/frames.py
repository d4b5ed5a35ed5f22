"""What crosses between the grader and a sandboxed process, and how it is framed.

Requests go in as pickles: they are the grader's own, and whoever unpickles them may do
to itself what it likes. Answers come out as msgpack of the types below and of nothing
else, because whatever wrote them may mean harm.
"""

from __future__ import annotations

import os
import struct
from typing import Annotated, Any, Protocol

import msgspec
from msgspec import Meta

HEAD = struct.Struct("<I")
"""Before each frame stands its length in bytes."""

MAX_REQUEST_BYTES = 8 << 20
RECEIVE_BYTES = 1 << 16

Name = Annotated[str, Meta(max_length=120)]
Text = Annotated[str, Meta(max_length=4000)]
Data = Annotated[bytes, Meta(max_length=1 << 20)]
Number = Annotated[int, Meta(ge=0, le=1 << 62)]
Host = Annotated[str, Meta(max_length=45)]  # the longest way to write an IPv6 address
Port = Annotated[int, Meta(ge=0, le=0xFFFF)]
Peer = tuple[Host, Port]


class Effect(msgspec.Struct, array_like=True, frozen=True):
    """Something a node did during a call, in the order in which it did it."""


class Sent(Effect, frozen=True, tag=0):
    """A message was sent; `data` is it, encoded."""

    to: Peer
    data: Data


class TimerSet(Effect, frozen=True, tag=1):
    """A timer was set; the number is the node's own for it."""

    timer: Number
    delay_s: float


class TimerCanceled(Effect, frozen=True, tag=2):
    """A timer was canceled."""

    timer: Number


class Emitted(Effect, frozen=True, tag=3):
    """An event was reported; `data` is it, a struct as ``values`` writes it."""

    data: Data


class Opened(Effect, frozen=True, tag=4):
    """A stream was asked for."""

    to: Peer


class Shut(Effect, frozen=True, tag=5):
    """A stream was closed."""

    to: Peer


class Raised(msgspec.Struct, array_like=True, frozen=True):
    """An error came out of the student's code.

    Parameters
    ----------
    kind : str
        The name of its class, one of the kit's own.
    text : str
        Its sentence.
    lines : str
        The student's own lines that led there, the latest last.
    """

    kind: Name
    text: Text
    lines: Text = ""


class Answer(msgspec.Struct, array_like=True, frozen=True):
    """What a call came to.

    Parameters
    ----------
    number : int
        That of the request.
    effects : list
        What the node did, in order.
    value : bytes
        What the call returned, as ``values`` writes it.
    raised : Raised or None
        The error that ended it.
    printed : str
        The beginning of what it printed.
    printed_chars : int
        The length of all it printed.
    strange : list of str
        Clocks and generators it used that are not the context's.
    """

    number: Number
    effects: list[Sent | TimerSet | TimerCanceled | Emitted | Opened | Shut] = []
    value: Data = b""
    raised: Raised | None = None
    printed: Annotated[str, Meta(max_length=1 << 16)] = ""
    printed_chars: Number = 0
    strange: Annotated[list[Name], Meta(max_length=16)] = []


class CellReport(msgspec.Struct, array_like=True, frozen=True):
    """What came of one cell when it was tried out: compiled, and later run."""

    cell: Number
    raised: Raised | None
    printed: Text
    printed_chars: Number


encode = msgspec.msgpack.Encoder().encode
decode_answer = msgspec.msgpack.Decoder(Answer).decode
decode_report = msgspec.msgpack.Decoder(CellReport).decode


class Broken(Exception):
    """The other end closed in the middle of something, or for good."""


class TooLong(Exception):
    """The other end sent more than it may."""


class Line(Protocol):
    """What carries bytes: a connected stream socket, or one known by number alone."""

    def recv(self, most: int, /) -> bytes:
        """Return some bytes; none at the end."""
        ...

    def sendall(self, data: bytes, /) -> None:
        """Send all bytes."""
        ...


class Descriptor:
    """A stream socket known by its number, which costs a child less than an object."""

    def __init__(self, number: int) -> None:
        self._number = number

    def recv(self, most: int, /) -> bytes:
        """Return some bytes; none at the end."""
        return os.read(self._number, most)

    def sendall(self, data: bytes, /) -> None:
        """Send all bytes."""
        while data:
            data = data[os.write(self._number, data) :]


class Channel:
    """One end of a stream that carries frames.

    Parameters
    ----------
    line : Line
        What carries it; a socket's time-out is that of one frame's parts.
    max_bytes : int
        The longest frame that is taken.
    """

    def __init__(self, line: Line, max_bytes: int) -> None:
        self.line, self.max_bytes = line, max_bytes
        self._buffer = b""

    def send(self, frame: bytes) -> None:
        """Send one frame.

        Raises
        ------
        OSError
            If the other end is gone, or takes nothing until the time-out.
        """
        self.line.sendall(HEAD.pack(len(frame)) + frame)

    def receive(self) -> bytes:
        """Return the next frame.

        Raises
        ------
        Broken
            If the other end closed.
        TooLong
            If its frame is longer than it may be.
        OSError
            If it sends nothing until the time-out, or its end was torn down.
        """
        length = HEAD.unpack(self._take(HEAD.size))[0]
        if length > self.max_bytes:
            reason = f"an answer of {length} bytes, where {self.max_bytes} are allowed"
            raise TooLong(reason)
        return self._take(length)

    @property
    def has_more(self) -> bool:
        """Whether bytes beyond the last frame have come with it."""
        return bool(self._buffer)

    def _take(self, count: int) -> bytes:
        buffer = self._buffer
        if len(buffer) < count:
            parts, have = [buffer], len(buffer)
            while have < count:
                part = self.line.recv(RECEIVE_BYTES)
                if not part:
                    reason = "the other end closed"
                    raise Broken(reason)
                parts.append(part)
                have += len(part)
            buffer = b"".join(parts)
        self._buffer = buffer[count:]
        return buffer[:count]


def clipped(text: Any, most: int = 4000) -> str:
    r"""Return the beginning of a text, with what cannot be encoded replaced.

    Examples
    --------
    >>> clipped("a lone \ud800 surrogate", 12)
    'a lone ? sur'
    """
    return str(text)[:most].encode("utf-8", "replace").decode()
