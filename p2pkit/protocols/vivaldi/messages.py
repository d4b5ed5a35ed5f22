"""Messages of Vivaldi: a question whose answer is timed. Read next: ``node.py``."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from p2pkit.core import Message
from p2pkit.protocols.vivaldi.coordinate import Coordinate

Tid = Annotated[bytes, Meta(min_length=4, max_length=4)]


class Ping(Message, frozen=True, gc=False):
    """Tell me where you are; how long that takes is what I want to know."""

    tid: Tid


class Pong(Message, frozen=True, gc=False):
    """Answer to a `Ping`: where I believe to be."""

    tid: Tid
    coordinate: Coordinate
