"""Messages and codecs: what nodes say, and how it looks on the wire."""

from __future__ import annotations

from functools import partial
from typing import Any, Protocol

import msgspec

from p2pkit.core.errors import LocalProtocolError, RemoteProtocolError


class Message(msgspec.Struct, frozen=True, tag=True):
    """Base of every message: immutable, typed, its tag the name of its class."""


class Codec(Protocol):
    """Turns messages into bytes and back; each protocol names its own.

    `max_bytes` bounds one message on the wire, in bytes.
    """

    max_bytes: int

    def encode(self, message: Any) -> bytes:
        """Return the bytes of `message`."""
        ...

    def decode(self, data: bytes) -> Any:
        """Return the message in `data`, or raise `RemoteProtocolError`."""
        ...


class MsgpackCodec:
    """Codec for protocols without a wire format of their own: tagged msgpack.

    Parameters
    ----------
    *types : type
        The message classes that may be sent and received.
    max_bytes : int
        Longest message in bytes; 1200 fits any path without fragments.

    Attributes
    ----------
    types : tuple of type
        The message classes, as they were given.
    """

    def __init__(self, *types: type[Message], max_bytes: int = 1200) -> None:
        union: Any = types[0]
        for one in types[1:]:
            union = union | one
        self.max_bytes = max_bytes
        self.types = types
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(union).decode

    def __reduce__(self) -> tuple[Any, ...]:
        # A class from a cell goes to the host processes with its codec.
        return partial(MsgpackCodec, max_bytes=self.max_bytes), self.types

    def encode(self, message: Message) -> bytes:
        """Return the msgpack bytes of `message`.

        Raises
        ------
        LocalProtocolError
            If they are more than `max_bytes`.
        """
        data = self._encode(message)
        if len(data) > self.max_bytes:
            reason = (
                f"a {type(message).__name__} of {len(data)} bytes is longer than the "
                f"{self.max_bytes} that one message may have"
            )
            raise LocalProtocolError(reason)
        return data

    def decode(self, data: bytes) -> Message:
        """Return the message in `data`.

        Raises
        ------
        RemoteProtocolError
            If the bytes are too many, no msgpack, or none of the messages.
        """
        if len(data) > self.max_bytes:
            raise RemoteProtocolError("message too long")  # noqa: EM101, TRY003
        try:
            message: Message = self._decode(data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise RemoteProtocolError("not one of our messages") from error  # noqa: EM101, TRY003
        return message
