"""Counters: what one node sent, received and refused, by message type."""

from __future__ import annotations

import msgspec


class Tally(msgspec.Struct):
    """How many messages, and how many bytes of payload, headers not counted."""

    messages: int = 0
    payload_bytes: int = 0


class Counters(msgspec.Struct):
    """The counters of one node; drivers keep them, everybody may read them.

    Parameters
    ----------
    sent, received : dict of str to Tally
        By message class name, such as ``FindNode``.
    rejected : dict of str to int
        Messages that did not decode or broke a rule, by reason.
    dropped : dict of str to int
        Messages that never reached the protocol or the wire, by reason: a fault's
        verdict, a full socket buffer, a node that was paused or gone.
    events : int
        Events emitted.
    """

    sent: dict[str, Tally] = {}
    received: dict[str, Tally] = {}
    rejected: dict[str, int] = {}
    dropped: dict[str, int] = {}
    events: int = 0

    def reject(self, reason: str) -> None:
        """Count one message that did not decode or broke a rule."""
        self.rejected[reason] = self.rejected.get(reason, 0) + 1

    def drop(self, reason: str) -> None:
        """Count one message that got lost on the way."""
        self.dropped[reason] = self.dropped.get(reason, 0) + 1
