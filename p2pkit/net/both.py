"""Nodes on datagrams and streams: a UDP socket and a TCP listener at one address."""

from __future__ import annotations

import random
import socket
from typing import TYPE_CHECKING, Any

from p2pkit.core import Address, Codec, Contact, Framing, TransportError
from p2pkit.net.datagrams import DatagramContext, DatagramNode
from p2pkit.net.sockets import address_of, datagram_socket, stream_socket
from p2pkit.net.streams import StreamContext, StreamNode
from p2pkit.net.wire_count import WireCount

if TYPE_CHECKING:
    from p2pkit.net.network import Network

PORT_TRIES = 16
"""Free UDP ports that are tried until TCP has the same one free as well."""


def both_sockets(listen: Address) -> tuple[socket.socket, socket.socket]:
    """Return a UDP and a listening TCP socket at one address; port 0 is any port.

    Raises
    ------
    TransportError
        If one of the two is taken, or the address is not this machine's.
    """
    tries = PORT_TRIES if listen[1] == 0 else 1
    while True:
        datagrams = datagram_socket(listen)
        try:
            return datagrams, stream_socket(address_of(datagrams))
        except TransportError:
            datagrams.close()
            tries -= 1
            if not tries:
                raise


class StreamHalf(StreamNode):
    """The streams of a node that has datagrams too: one state, one set of counters."""

    __slots__ = ("_owner",)

    def __init__(
        self, owner: DatagramNode, sock: socket.socket, codec: Codec, framing: Framing
    ) -> None:
        network, name, me = owner.network, owner.name, owner.me
        super().__init__(network, name, me, sock, codec, framing)
        self._owner = owner
        self._counters = owner.counters
        self.sent, self.received = owner.sent, owner.received

    @property
    def fault_rng(self) -> random.Random:
        """The generator of what befalls this node's packets."""
        return self._owner.fault_rng

    def crash(self, error: BaseException) -> None:
        """Report an error that came out of the protocol, and end the whole node."""
        self._owner.crash(error)

    def _hand_over(self, peer: Address, message: Any) -> None:
        self.protocol.receive_stream(peer, message)


class BothNode(DatagramNode):
    """One node that hears datagrams itself, and leaves its streams to its other half.

    Attributes
    ----------
    half : StreamHalf
        Its streams; it lives, pauses and ends with this node.
    """

    __slots__ = ("half",)

    def __init__(
        self,
        network: Network,
        name: str,
        me: Contact,
        socks: tuple[socket.socket, socket.socket],
        codec: Codec,
        framing: Framing,
    ) -> None:
        super().__init__(network, name, me, socks[0], codec)
        self.half = StreamHalf(self, socks[1], codec, framing)

    def open(self) -> None:
        """Begin to hear; called once the protocol is there."""
        super().open()
        self.half.protocol = self.protocol
        self.half.open()

    def wire_count(self) -> WireCount:
        """Return what the node exchanged with the kernel, both ways of carrying."""
        count, half = super().wire_count(), self.half.wire_count()
        # One set of tallies counts what goes either way.
        count.sent -= self.half.sums.sent_messages
        count.sent_bytes -= self.half.sums.sent_bytes
        count.received -= self.half.sums.heard_messages
        count.stream_sent, count.stream_received = (
            half.stream_sent,
            half.stream_received,
        )
        count.broken = half.broken
        return count

    def _leave(self, *, abrupt: bool) -> None:
        super()._leave(abrupt=abrupt)
        self.half._end(abrupt=abrupt)

    def _hold(self) -> None:
        super()._hold()
        self.half.pause()

    def _go_on(self) -> None:
        super()._go_on()
        if self.half.protocol is not None:  # not while this node is being opened
            self.half.resume()


class BothContext(DatagramContext):
    """The port on UDP, and on TCP by `send_stream`."""

    __slots__ = ("close", "connect", "send_stream")

    def __init__(self, node: BothNode, codec: Codec) -> None:
        super().__init__(node, codec)
        streams = StreamContext(node.half, codec)
        self.connect, self.close = streams.connect, streams.close
        self.send_stream = streams.send
