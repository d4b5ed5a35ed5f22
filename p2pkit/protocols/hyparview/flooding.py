"""Flooding: everybody passes everything on to all neighbors but the one it came from.

What it shows: the plainest broadcast. With n nodes and E links it costs exactly
``2 E - n + 1`` messages, of which ``n - 1`` were needed.
Source: J. Leitao, J. Pereira, L. Rodrigues, "HyParView", DSN 2007, section 4.6.
Read next: the ``plumtree`` package sends the payload along a tree instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from msgspec import Meta

from p2pkit.core import (
    Address,
    Delivered,
    Message,
    Recent,
    RemoteProtocolError,
    message_id,
    require_payload,
)

if TYPE_CHECKING:
    from p2pkit.protocols.hyparview.node import HyParView

NONCE_BYTES = 8


class Flooded(Message, frozen=True):
    """Something for everybody; `hops` counts the links it has crossed."""

    nonce: Annotated[bytes, Meta(max_length=NONCE_BYTES)]
    hops: Annotated[int, Meta(ge=1, le=1_000)]
    payload: bytes


class Flooding:
    """Broadcast over the active view, by flooding."""

    def __init__(self, node: HyParView) -> None:
        self.node, self.config = node, node.config
        self.seen = Recent[bytes, None](node.config.memory)

    def publish(self, payload: bytes) -> bytes:
        """Send `payload` to everybody; return the id of the message."""
        require_payload(payload, self.config.max_payload_bytes)
        nonce = self.node.ctx.rng.randbytes(NONCE_BYTES)
        return self._spread(Flooded(nonce, 1, payload), None)

    def receive(self, sender: Address, message: Flooded) -> None:
        """Deliver what is new, and pass it on."""
        if len(message.payload) > self.config.max_payload_bytes:
            reason = "oversized payload"
            raise RemoteProtocolError(reason)
        self._spread(message, sender)

    def on_up(self, peer: Address) -> None:
        """Do nothing: whoever is a neighbor gets what comes from now on."""

    on_down = on_up

    def stop(self) -> None:
        """Do nothing: there are no timers."""

    def _spread(self, message: Flooded, sender: Address | None) -> bytes:
        number = message_id("", message.nonce, message.payload)
        if number in self.seen:
            return number
        self.seen.put(number, None)
        hops = message.hops if sender is not None else 0
        self.node.ctx.emit(Delivered("", number, sender, hops))
        further = Flooded(message.nonce, hops + 1, message.payload)
        for peer in self.node.views.active:
            if peer != sender:
                self.node.links.send(peer, further)
        return number
