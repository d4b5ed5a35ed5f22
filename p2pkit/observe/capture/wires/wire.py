"""Wires: the codec, the framing and the quick look of each protocol's messages.

A protocol's own codec is the slow truth about its messages. Where there is a quick look
it is asked first, for it takes a million at once; what it does not know goes to the
codec. So a class from a cell, with a codec of its own, has types as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from p2pkit.core import Codec, Framing, LengthPrefix, MsgpackCodec, RemoteProtocolError
from p2pkit.core.driver import framing_of
from p2pkit.observe.capture.records import Ints
from p2pkit.observe.capture.stretches import Stretches
from p2pkit.observe.capture.wires import gnutella, krpc, memberlist, napster, tagged
from p2pkit.observe.capture.wires.types import Types
from p2pkit.protocols import PROTOCOLS
from p2pkit.protocols.central_index.wire import NapsterCodec
from p2pkit.protocols.gnutella.wire import GnutellaCodec
from p2pkit.protocols.kademlia.krpc import KrpcCodec
from p2pkit.protocols.swim.wire import MemberlistCodec

MALFORMED, CUT = "malformed", "cut short"
"""Types of what does not decode, and of what the capture holds a part of."""

LISTINGS = "p2pkit.protocols."
"""Modules that a name may have loaded: a file must not choose others."""

Look = Callable[[Stretches], Types]


@dataclass(frozen=True)
class Wire:
    """How the messages of a protocol look.

    Parameters
    ----------
    name : str
        What tables call it, such as ``krpc``.
    codec : Codec or None
        The protocol's own; None where only the quick look is known.
    framing : Framing or None
        What cuts its streams; None if it has none.
    look : callable or None
        Names the types of many messages without decoding them.
    opening : bytes
        What a stream that is seen from its middle on is taken to have begun with.
    """

    name: str
    codec: Codec | None = None
    framing: Framing | None = None
    look: Look | None = None
    opening: bytes = b""

    def types(self, payload: Stretches) -> Types:
        """Return the type of each message, or `MALFORMED`."""
        found = self.look(payload) if self.look else Types.unknown(len(payload))
        for index in np.flatnonzero(found.is_unknown):
            found.codes[index] = found.code(self.decoded(payload.piece(int(index))))
        return found

    def is_message(self, data: bytes) -> bool:
        """Tell whether this is a whole message, as far as the codec can say."""
        if self.codec is None:
            return self.types(Stretches.of([data])).name(0) != MALFORMED
        return self.decoded(data) != MALFORMED

    def decoded(self, data: bytes) -> str:
        """Return the type of one message as the protocol's codec says it."""
        if self.codec is None:
            return MALFORMED
        try:
            return type(self.codec.decode(data)).__name__
        except RemoteProtocolError:
            return MALFORMED


LOOKS: dict[type, tuple[str, Look, bytes]] = {
    KrpcCodec: ("krpc", krpc.types, b""),
    MemberlistCodec: ("memberlist", memberlist.types, b""),
    GnutellaCodec: ("gnutella", gnutella.types, b"GNUTELLA/0.6 200 OK\r\n\r\n"),
    NapsterCodec: ("napster", napster.types, b""),
    MsgpackCodec: ("p2pkit", tagged.types, b""),
}
"""By codec: the wire's name, its quick look, and how its streams begin."""


def wire_of(protocol: type[Any] | str) -> Wire:
    """Return the wire of a protocol: its class, or its name.

    Names are those of the command line, such as ``kademlia``, and of classes, with
    their module or without, such as ``Kademlia``. A class that is not among the kit's
    has a wire too; of a mere name that is unknown, messages tell their types only if
    they are the kit's own.
    """
    kind = _named(protocol) if isinstance(protocol, str) else protocol
    if kind is None:
        return Wire("p2pkit", look=tagged.types, framing=LengthPrefix())
    codec = kind.codec
    framing = None if kind.carrier == "datagram" else framing_of(kind)
    name, look, opening = LOOKS.get(type(codec), (kind.__name__.lower(), None, b""))
    return Wire(name, codec, framing, look, opening)


def _named(name: str) -> type[Any] | None:
    by_class = {kind.__name__: kind for kind in PROTOCOLS.values()}
    module, _, kind = name.rpartition(".")
    if not module.startswith(LISTINGS):
        return PROTOCOLS.get(name) or by_class.get(name)
    found: type[Any] | None = getattr(import_module(module), kind, None)
    return found


DHT = wire_of("kademlia")
OURS = wire_of("")


def guess(payload: Stretches) -> list[tuple[Wire, Ints]]:
    """Return the wires that a foreign capture's datagrams may be, and which are so."""
    is_dht = krpc.looks_like(payload)
    rest = np.flatnonzero(~is_dht)
    ours = rest[tagged.looks_like(payload[rest])]
    return [(DHT, np.flatnonzero(is_dht)), (OURS, ours)]
