"""Nodes on streams: who is listened for, connected to, accepted and closed."""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from p2pkit.core import (
    Address,
    Codec,
    Contact,
    Framing,
    NodeState,
)
from p2pkit.core.driver import MAX_STREAMS
from p2pkit.net.node import NetContext, NetNode
from p2pkit.net.stream import NetStream
from p2pkit.net.wire_count import StreamSums, WireCount

if TYPE_CHECKING:
    from p2pkit.net.network import Network

CONNECT_S = 10.0
"""How long a peer may take to answer the opening of a stream."""

OUT_OF_SOCKETS_S = 0.1
"""How long nobody is accepted when the process has no socket left."""


class StreamNode(NetNode):
    """One node that listens for streams and opens them."""

    __slots__ = ("_codec", "_connecting", "_held_calls", "framing", "streams", "sums")

    def __init__(
        self,
        network: Network,
        name: str,
        me: Contact,
        sock: socket.socket,
        codec: Codec,
        framing: Framing,
    ) -> None:
        super().__init__(network, name, me, sock)
        self._codec, self.framing = codec, framing
        self.streams: dict[Address, NetStream] = {}
        self._connecting: set[Address] = set()
        self._held_calls: deque[Callable[[], None]] = deque()
        self.sums = StreamSums()

    def wire_count(self) -> WireCount:
        """Return what the node gave to the kernel, and took from it, so far."""
        ours = (one.wire_count() for one in self.network.streams if one.node is self)
        return self.sums.total(ours, is_there=self.state is not NodeState.DEAD)

    def connect(self, to: Address) -> None:
        """Open a stream; on failure the protocol hears `on_closed`."""
        if to in self.streams or to in self._connecting:
            return
        self._connecting.add(to)
        there_s = self.travel_s(self.me.address, to, 0)
        back_s = self.travel_s(to, self.me.address, 0)
        refused = partial(self.take, partial(self._on_refused, to))
        gate, streams = self.network.gate, len(self.streams) + len(self._connecting)
        there = gate.admit(to)
        if there is None or streams > MAX_STREAMS:
            self._counters.drop("too many streams" if there else gate.refusal)
            self.network.soon(refused)
        elif there_s is None or back_s is None:
            self.network.soon(refused)
        elif there_s + back_s > 0:
            self.network.wheel.add(there_s + back_s, self._start, there)
        else:
            self._start(there)

    def travel_s(self, source: Address, to: Address, size: int) -> float | None:
        """Return how much longer bytes take under the fault plan; None if cut."""
        fixed_s = self.network.faults.fixed_delay_s
        if fixed_s is not None:
            return fixed_s
        deliveries = self.judge(source, to, size, True).deliveries
        return deliveries[0] if deliveries else None

    def take(self, call: Callable[[], None]) -> None:
        """Make a call now, or after those that a pause holds."""
        if self.state is NodeState.ALIVE and not self._held_calls:
            call()
        elif self.state is not NodeState.DEAD:
            self._held_calls.append(call)

    def on_open(self, stream: NetStream) -> None:
        """Take a new stream up."""
        self._connecting.discard(stream.peer)
        if self.state is NodeState.DEAD or stream.peer in self.streams:
            stream.abort()
            return
        self.streams[stream.peer] = stream
        stream.set_reading(self.state is NodeState.ALIVE)
        self.take(partial(self._tell_open, stream))

    def on_gone(self, stream: NetStream) -> None:
        """Forget a stream, and tell the protocol."""
        stream.is_heard = False
        if self.streams.get(stream.peer) is stream:
            del self.streams[stream.peer]
            self.guard(self.protocol.on_closed, stream.peer)

    def hear_payload(self, stream: NetStream, payload: bytes) -> None:
        """Hand one message to the protocol."""
        if stream.is_heard:
            self.guard(self._hear, stream.peer, payload)

    def on_readable(self) -> None:
        """Accept who waits."""
        while self.state is NodeState.ALIVE:
            try:
                sock, _ = self.sock.accept()
            except BlockingIOError:
                return
            except OSError:
                self._on_accept_error()
                return
            self._accept(sock)

    async def pump(self) -> None:
        """Do the same for ever, where the loop has no `add_reader` (proactor)."""
        while await self.awake.wait():
            try:
                sock, _ = await self.network.loop.sock_accept(self.sock)
            except OSError:
                if self.state is NodeState.DEAD:
                    return
                self._on_accept_error()
                await self.awake.wait()
            else:
                self._accept(sock)

    def _hear(self, peer: Address, payload: bytes) -> None:
        message = self._codec.decode(payload)
        tally = self.received[message.__class__]
        tally.messages += 1
        tally.payload_bytes += len(payload)
        self.sums.heard_messages += 1
        tap = self.network.tap
        if tap is not None and tap.hears:
            tap.heard(self, peer, message, payload)
        self._hand_over(peer, message)

    def _hand_over(self, peer: Address, message: Any) -> None:
        self.protocol.receive(peer, message)

    def _accept(self, sock: socket.socket) -> None:
        if len(self.streams) >= MAX_STREAMS:
            self._counters.drop("too many streams")
            sock.close()
            return
        sock.setblocking(False)
        self.network.start(self._welcome(sock), f"{self.name} accepts")

    async def _welcome(self, sock: socket.socket) -> None:
        stream = NetStream(self, None)
        try:
            await self.network.loop.connect_accepted_socket(lambda: stream, sock)
        except OSError:
            sock.close()
        except asyncio.CancelledError:
            stream.connection_lost(None)  # uvloop closes it without a word
            raise

    def _on_accept_error(self) -> None:
        """Wait a little, for a full process stays readable and would spin."""
        self._counters.drop("no socket left")
        self._turn_away()
        self.network.wheel.add(OUT_OF_SOCKETS_S, self._listen_again)

    def _listen_again(self) -> None:
        if self.state is NodeState.ALIVE:
            self._listen()

    def _start(self, to: Address) -> None:
        if self.network.gate.holds_back(to):
            self.take(partial(self._on_refused, to))
        elif self.state is not NodeState.DEAD:
            self.network.start(self._open(to), f"{self.name} connects")

    async def _open(self, to: Address) -> None:
        """Connect from our own host, so that the peer sees which node it is."""
        stream, connect = NetStream(self, to), self.network.loop.create_connection
        try:
            async with asyncio.timeout(CONNECT_S):
                await connect(lambda: stream, *to, local_addr=(self.me.address[0], 0))
        except (OSError, TimeoutError):
            if stream.is_open:  # it was made, and the time was over just then
                stream.connection_lost(None)
            else:
                self.take(partial(self._on_refused, to))
        except asyncio.CancelledError:
            stream.connection_lost(None)  # uvloop closes it without a word
            raise

    def _on_refused(self, to: Address) -> None:
        self._connecting.discard(to)
        self.guard(self.protocol.on_closed, to)

    def _tell_open(self, stream: NetStream) -> None:
        if stream.is_heard:
            self.guard(self.protocol.on_connected, stream.peer)

    def _leave(self, *, abrupt: bool) -> None:
        super()._leave(abrupt=abrupt)
        for stream in list(self.streams.values()):
            (stream.abort if abrupt else stream.close)()
        self.streams.clear()
        self._held_calls.clear()

    def _hold(self) -> None:
        super()._hold()
        for stream in self.streams.values():
            stream.set_reading(False)

    def _go_on(self) -> None:
        super()._go_on()
        for stream in self.streams.values():
            stream.set_reading(True)
        self.network.soon(self._drain)

    def _drain(self) -> None:
        while self._held_calls and self.state is NodeState.ALIVE:
            self._held_calls.popleft()()


class StreamContext(NetContext):
    """The port on TCP."""

    __slots__ = ("_encode", "_sent")

    def __init__(self, node: StreamNode, codec: Codec) -> None:
        super().__init__(node)
        self._encode = codec.encode
        self._sent = node.sent

    def send(self, to: Address, message: Any) -> None:
        """Send one message on the stream to `to`; without one it is dropped."""
        node: Any = self._node
        data = self._encode(message)
        tally = self._sent[message.__class__]
        tally.messages += 1
        tally.payload_bytes += len(data)
        node.sums.sent_messages += 1
        node.sums.sent_bytes += len(data)
        tap = self._network.tap
        if tap is not None and tap.sends:
            tap.sent(node, to, message, data)
        stream = node.streams.get(to)
        if stream is None or not stream.is_open:
            node.lose(to, data, "no stream")
        else:
            stream.send(stream.framing.wrap(data))

    def connect(self, to: Address) -> None:
        """Open a stream; the node hears `on_connected`, or `on_closed` if it fails."""
        node: Any = self._node
        node.connect(to)

    def close(self, to: Address) -> None:
        """Close the stream to a peer; both ends hear `on_closed`."""
        node: Any = self._node
        stream = node.streams.get(to)
        if stream is not None:
            stream.close()
