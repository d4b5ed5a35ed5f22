"""Stepping: a tap that counts what arrives, until so many messages have."""

from __future__ import annotations

from typing import Any

from p2pkit.core import Address, Node, Operation, Tap


class Countdown:
    """Ends an operation with the last of some messages; passes all on to a tap.

    Parameters
    ----------
    messages : int
        How many are to arrive.
    behind : Tap or None
        Who listens besides.

    Attributes
    ----------
    left : int
        How many are still to arrive.
    ended : Operation
        Ends when none is.
    """

    sends = hears = True

    def __init__(self, messages: int, behind: Tap | None) -> None:
        self.left, self._behind = messages, behind
        self.ended: Operation[None] = Operation("step")

    def sent(self, node: Node, to: Address, message: Any, data: bytes) -> None:
        """Pass it on."""
        if self._behind is not None and self._behind.sends:
            self._behind.sent(node, to, message, data)

    def heard(self, node: Node, sender: Address, message: Any, data: bytes) -> None:
        """Pass it on, and count it."""
        if self._behind is not None and self._behind.hears:
            self._behind.heard(node, sender, message, data)
        self.left -= 1
        if not self.left:
            self.ended.finish(None)

    def lost(self, node: Node, peer: Address, data: bytes, reason: str) -> None:
        """Pass it on."""
        if self._behind is not None:
            self._behind.lost(node, peer, data, reason)
