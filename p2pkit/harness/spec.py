"""What drivers need of a protocol that must not come from whoever wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from p2pkit.core import Codec, Event, Settings


@dataclass(frozen=True)
class ProtocolSpec:
    """The face of a protocol under examination; its class supplies what it decides.

    The class is made as ``Class(ctx, config)``, with the `core.Context` that all
    protocols have. It has ``bootstrap(contacts)``, ``receive(sender, message)`` and
    the verbs; on streams also ``on_connected(peer)`` and ``on_closed(peer)``. A verb
    returns a plain value at once. What takes longer ends with an event.

    Parameters
    ----------
    codec : Codec
        The wire format. What it refuses to encode was never sent.
    config : type
        Class of the settings.
    verbs : tuple of str
        Methods that may be called from outside; they return plain values.
    events : tuple of type
        Events that it may emit; others are an error in the class.
    messages : tuple of type
        Messages that it may send.
    carrier : {"datagram", "stream"}
        What it runs on.
    most_sends : int
        Messages that may leave a node in one call; a loop that never ends stops here.
    most_timers : int
        Timers that may be set in one call.
    """

    codec: Codec
    config: type[Settings]
    verbs: tuple[str, ...]
    events: tuple[type[Event], ...] = ()
    messages: tuple[type[Any], ...] = ()
    carrier: str = "datagram"
    most_sends: int = 2_000
    most_timers: int = 1_000
