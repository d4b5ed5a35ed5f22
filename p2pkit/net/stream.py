"""One stream: TCP cut into messages, with bounded queues, and faults in order."""

from __future__ import annotations

import asyncio
import socket
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, cast

from p2pkit.core import Address, FrameTooLarge, RemoteProtocolError
from p2pkit.core.driver import WRITE_QUEUE_BYTES
from p2pkit.net.wheel import Wheel
from p2pkit.net.wire_count import SIOCINQ, SIOCOUTQNSD, WireCount, stream_bytes

if TYPE_CHECKING:
    from p2pkit.net.streams import StreamNode


class Lane:
    """One direction of a stream under faults: late, but whole and in order.

    Parameters
    ----------
    wheel : Wheel
        What wakes it.
    deliver : callable
        Called with the bytes of each message in turn; with None at the end.
    """

    def __init__(self, wheel: Wheel, deliver: Callable[[bytes | None], None]) -> None:
        self._wheel, self._deliver = wheel, deliver
        self._waiting: deque[bytes | None] = deque()
        self.waiting_bytes = 0

    def put(self, delay_s: float, data: bytes | None) -> None:
        """Deliver `data` after `delay_s` seconds and after all that was put before."""
        if delay_s <= 0 and not self._waiting:
            self._deliver(data)
            return
        self._waiting.append(data)
        self.waiting_bytes += len(data or b"")
        # Whichever wake-up comes first releases the oldest: the order is kept.
        self._wheel.add(delay_s, self._release)

    def _release(self) -> None:
        data = self._waiting.popleft()
        self.waiting_bytes -= len(data or b"")
        self._deliver(data)


class NetStream(asyncio.Protocol):
    """One stream of one node.

    The end that connected judges both directions, since only it knows the addresses
    that both nodes listen at.
    """

    def __init__(self, node: StreamNode, peer: Address | None) -> None:
        self.node = node
        self.is_ours = peer is not None
        self.peer: Address = peer or ("", 0)
        self.is_open = False  # may be written to
        self.gone = asyncio.Event()
        self.is_heard = False  # what comes from it concerns the protocol
        self.framing = node.framing.start()
        self._transport: asyncio.Transport | None = None
        self._inbox = bytearray()
        self._unsent: list[bytes] = []  # what this turn of the loop has to write
        self._unsent_bytes = 0
        self._written = self._read = 0  # bytes given to the transport, and taken of it
        self._is_broken = False
        self._local: Address = ("", 0)
        self._asked_ns = time.time_ns()
        self._in = Lane(node.network.wheel, self._on_payload)
        self._out = Lane(node.network.wheel, self._write)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection up."""
        self._transport = cast("asyncio.Transport", transport)
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._local = transport.get_extra_info("sockname")[:2]
        if self.is_ours:
            self.node.network.note_end(self._local, self.node.name)
        else:
            self.peer = transport.get_extra_info("peername")[:2]
        self.is_open = self.is_heard = True
        if (tap := self.node.network.wire_tap) is not None:
            ends = (
                (self._local, self.peer) if self.is_ours else (self.peer, self._local)
            )
            tap.opened(*ends, self._asked_ns, is_ours=self.is_ours)
        self.node.network.streams.add(self)
        gate = self.node.network.gate
        if self.is_ours or gate.welcomes(self.peer[0]):
            self.node.on_open(self)
        else:
            self.node.counters.drop(gate.refusal)
            self.abort()

    def data_received(self, data: bytes) -> None:
        """Cut what has come into messages."""
        self._read += len(data)
        if (tap := self.node.network.wire_tap) is not None:
            tap.read(self.peer, self._local, data)
        self._inbox += data
        try:
            payloads = self.framing.split(self._inbox)
        except FrameTooLarge:
            self._refuse("frame too large")
        except RemoteProtocolError as error:
            self._refuse(error.reason)
        else:
            for payload in payloads:
                self._on_way(self._in, self.peer, self.node.me.address, payload)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the node once, after everything that came before."""
        if self.gone.is_set():
            return
        self.is_open = False
        self._is_broken |= exc is not None
        self.node.sums.end(self._carried())
        tap = self.node.network.wire_tap
        if tap is not None and self._transport is not None:
            tap.ended(self._local, self.peer, broken=self._is_broken)
        self.node.network.streams.discard(self)
        self.gone.set()
        self._in.put(0.0, None)

    def send(self, data: bytes) -> None:
        """Write one framed message; a peer that does not read loses the stream."""
        transport = self._transport
        assert transport is not None
        waiting = self._unsent_bytes + self._out.waiting_bytes + len(data)
        if waiting + transport.get_write_buffer_size() > WRITE_QUEUE_BYTES:
            self.node.counters.drop("write queue full")
            self.abort()
        else:
            self._on_way(self._out, self.node.me.address, self.peer, data)

    def close(self) -> None:
        """Close when everything written has gone."""
        if self.is_open:
            self.is_open = self.is_heard = False
            self._out.put(0.0, None)

    def abort(self) -> None:
        """Close at once."""
        self.is_open = self.is_heard = False
        if self._transport is not None:
            self._is_broken = True
            self._transport.abort()

    def wire_count(self) -> WireCount:
        """Return how many bytes left for the wire, and arrived from it, so far."""
        count, transport = self._carried(), self._transport
        if transport is not None and not self._is_broken:
            sock = transport.get_extra_info("socket")
            count.stream_sent -= transport.get_write_buffer_size()
            count.stream_sent -= stream_bytes(sock, SIOCOUTQNSD)
            count.stream_received += stream_bytes(sock, SIOCINQ)
        return count

    def _carried(self) -> WireCount:
        """Return the bytes written and read, all of which a whole stream carries."""
        return WireCount(
            stream_sent=self._written,
            stream_received=self._read,
            broken=int(self._is_broken),
        )

    def set_reading(self, is_reading: bool) -> None:
        """Read, or leave what comes in the kernel."""
        transport = self._transport
        if transport is not None and not transport.is_closing():
            (transport.resume_reading if is_reading else transport.pause_reading)()

    def _on_way(self, lane: Lane, source: Address, to: Address, data: bytes) -> None:
        delay_s = self.node.travel_s(source, to, len(data)) if self.is_ours else 0.0
        if delay_s is None or lane.waiting_bytes > WRITE_QUEUE_BYTES:
            self.abort()
        else:
            lane.put(delay_s, data)

    def _write(self, data: bytes | None) -> None:
        assert self._transport is not None
        if data is None:
            self._flush()
            self._transport.close()
            return
        if not self._unsent:
            self.node.network.soon(self._flush)
        self._unsent.append(data)
        self._unsent_bytes += len(data)

    def _flush(self) -> None:
        """Write all that a turn of the loop has brought: one call of the system."""
        assert self._transport is not None
        if self._unsent and not self._transport.is_closing():
            data = b"".join(self._unsent)
            self._written += len(data)
            if (tap := self.node.network.wire_tap) is not None:
                tap.wrote(self._local, self.peer, data)
            self._transport.write(data)
        self._unsent.clear()
        self._unsent_bytes = 0

    def _on_payload(self, payload: bytes | None) -> None:
        node = self.node
        if payload is None:
            node.take(partial(node.on_gone, self))
        else:
            node.take(partial(node.hear_payload, self, payload))

    def _refuse(self, reason: str) -> None:
        self.node.counters.reject(reason)
        self.abort()
