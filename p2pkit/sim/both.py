"""Datagrams and streams at one address, in virtual time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from p2pkit.core import Address
from p2pkit.sim.node import SimContext, SimNode
from p2pkit.sim.streams import SimStreamContext, SimStreamNode


class SimBothNode(SimStreamNode):
    """One node that listens for datagrams and for streams."""

    __slots__ = ()

    def _hear_payload(self, peer: Address, payload: bytes) -> None:
        message = self.decode(payload)
        tally = self.received[message.__class__]
        tally.messages += 1
        tally.payload_bytes += len(payload)
        tap = self.sim.scheduler.tap
        if tap is not None and tap.hears:
            tap.heard(self, peer, message, payload)
        self.protocol.receive_stream(peer, message)


class SimBothContext(SimContext):
    """The port in virtual time on datagrams, and on streams by `send_stream`."""

    __slots__ = ("close", "connect", "send_stream")

    def __init__(self, node: SimNode, encode: Callable[[Any], bytes]) -> None:
        super().__init__(node, encode)
        streams = SimStreamContext(node, encode)
        self.connect, self.close = streams.connect, streams.close
        self.send_stream = streams.send
