"""Datagrams: UDP on a plain non-blocking socket, read in batches.

Against asyncio's own datagram transport this costs a third a datagram, and with
uvloop's it is level; so it serves on either loop.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from p2pkit.core import (
    Address,
    Codec,
    Contact,
    Counters,
    NodeState,
    RemoteProtocolError,
)
from p2pkit.core.driver import MAX_DATAGRAM_BYTES
from p2pkit.faults import flip_one_bit
from p2pkit.net.node import NetContext, NetNode
from p2pkit.net.sockets import kernel_drops
from p2pkit.net.wire_count import WireCount, waiting_datagrams
from p2pkit.net.wire_tap import SendTo, Take

if TYPE_CHECKING:
    from p2pkit.net.network import Network

BATCH = 32
"""Datagrams that one node reads before others have their turn."""

MAX_DELAYED = 262_144
"""Datagrams of one network that a fault plan may delay at a time."""

ALIVE = NodeState.ALIVE

WSAEMSGSIZE = 10_040
"""Windows: a datagram was longer than what was asked for."""

_SEND_ERRORS = {
    errno.EAGAIN: "send buffer full",
    errno.ENOBUFS: "send buffer full",
    errno.EMSGSIZE: "too long for a datagram",
}


class DatagramNode(NetNode):
    """One node on a UDP socket.

    What a fault plan delays has left its node: it arrives although the node ends
    meanwhile. So the socket stays, deaf, until the last such datagram is sent or the
    address is wanted again. A host process that is killed takes them with it.

    Attributes
    ----------
    sendto : callable
        How a datagram goes to the kernel: the socket's own way, or the wire tap's.
    """

    __slots__ = (
        "_decode", "_delayed", "_hear", "_kernel_drops", "_most_bytes", "_recvfrom",
        "_round", "_round_bytes", "_take", "_undecoded", "sendto",
    )  # fmt: skip

    def __init__(
        self, network: Network, name: str, me: Contact, sock: socket.socket,
        codec: Codec,
    ) -> None:  # fmt: skip
        super().__init__(network, name, me, sock)
        self._recvfrom = sock.recvfrom
        self.heed_wire_tap()
        self._decode = codec.decode
        # One byte more than allowed shows that a datagram is too long.
        self._most_bytes = min(codec.max_bytes, MAX_DATAGRAM_BYTES)
        self._hear: Callable[[Address, Any], None] = lambda sender, message: None
        self._kernel_drops = 0
        self._delayed = 0
        # What went another way than straight to the kernel: less what did not arrive
        # there, and more what arrived there after all, once or several times.
        self._round = self._round_bytes = 0
        self._undecoded = 0

    @property
    def counters(self) -> Counters:
        """What the node sent, received, refused and lost, the kernel's drops too."""
        drops = kernel_drops(self.sock)
        if drops > self._kernel_drops:
            self._kernel_drops = self._counters.dropped["receive buffer full"] = drops
        return self._counters

    def heed_wire_tap(self) -> None:
        """Exchange bytes with the kernel by way of the wire tap, if there is one."""
        tap, here = self.network.wire_tap, self.me.address
        self.sendto: SendTo = self.sock.sendto
        self._take: Take = self.arrive
        if tap is not None:
            self.sendto = tap.sending(here, self.sendto)
            self._take = tap.arriving(here, self._take)

    def wire_count(self) -> WireCount:
        """Return what the node gave to the kernel, and took from it, so far."""
        sent, received = self._counters.sent.values(), self._counters.received.values()
        return WireCount(
            sent=sum(one.messages for one in sent) + self._round,
            sent_bytes=sum(one.payload_bytes for one in sent) + self._round_bytes,
            received=sum(one.messages for one in received) + self._undecoded,
            socket_drops=self.counters.dropped.get("receive buffer full", 0),
            waiting=waiting_datagrams(self.sock),
            is_there=self.state is not NodeState.DEAD,
        )

    def went_round(self, data: bytes) -> None:
        """Count that a message that was tallied did not go straight to the kernel."""
        self._round -= 1
        self._round_bytes -= len(data)

    def open(self) -> None:
        """Begin to hear; called once the protocol is there."""
        self._hear = self.protocol.receive
        super().open()

    def on_readable(self) -> None:
        """Take what has arrived, up to a batch."""
        recvfrom, take, most_bytes = self._recvfrom, self._take, self._most_bytes + 1
        for _ in range(BATCH):
            try:
                data, sender = recvfrom(most_bytes)
            except BlockingIOError:
                return
            except OSError as error:
                self.on_receive_error(error)
                return
            take(data, sender)
            if self.state is not ALIVE:
                return

    def arrive(self, data: bytes, sender: Any) -> None:
        """Decode one datagram and hand it to the protocol."""
        if len(data) > self._most_bytes:
            self._undecoded += 1
            self.refuse(sender[:2], data, "message too long")
            return
        message = None
        try:
            message = self._decode(data)
            tally = self.received[message.__class__]
            tally.messages += 1
            tally.payload_bytes += len(data)
            tap = self.network.tap
            if tap is not None and tap.hears:
                tap.heard(self, sender[:2], message, data)
            self._hear(sender if len(sender) == 2 else sender[:2], message)
        except RemoteProtocolError as error:
            self._undecoded += message is None
            self.refuse(sender[:2], data, error.reason)
        except Exception as error:  # noqa: BLE001  # a bug in one protocol's class
            self._undecoded += message is None
            self.crash(error)

    def on_receive_error(self, error: OSError) -> None:
        """Count what the system reports instead of a datagram."""
        if WSAEMSGSIZE in (error.errno, getattr(error, "winerror", None)):
            self._counters.reject("message too long")
        else:
            self._counters.drop("receive error")

    def send_judged(self, to: Address, data: bytes) -> None:
        """Send a datagram as far as the fault plan lets it."""
        self.went_round(data)
        verdict = self.judge(self.me.address, to, len(data), False)
        if not verdict.deliveries:
            self.lose(to, data, verdict.reason or "fault")
        if verdict.corrupt:
            self.tell_lost(to, data, "corrupted")
            data = flip_one_bit(data, self.fault_rng)
        wheel = self.network.wheel
        for delay_s in verdict.deliveries:
            if delay_s <= 0:
                self.send_now(to, data)
            elif len(wheel) < MAX_DELAYED:
                self._delayed += 1
                wheel.add(delay_s, self.send_late, to, data)
            else:
                self.lose(to, data, "too many delayed")

    def send_late(self, to: Address, data: bytes) -> None:
        """Hand a datagram that was delayed to the system."""
        self._delayed -= 1
        if self.network.gate.holds_back(to):
            self.lose(to, data, self.network.gate.refusal)
        else:
            self.send_now(to, data)
        if self.state is NodeState.DEAD and not self._delayed:
            self.let_go()

    def let_go(self) -> None:
        """Close the socket of a node that has ended, whatever it still would send."""
        lingering = self.network.lingering
        if lingering.get(self.me.address) is self:
            del lingering[self.me.address]
        self.sock.close()

    def send_now(self, to: Address, data: bytes) -> None:
        """Hand a datagram to the system; what fails is counted."""
        try:
            self.sendto(data, to)
        except (OSError, OverflowError) as error:
            self.on_send_error(to, data, error)
        else:
            self._round += 1
            self._round_bytes += len(data)

    def on_send_error(self, to: Address, data: bytes, error: Exception) -> None:
        """Count a datagram that did not leave."""
        number = getattr(error, "errno", None)
        reason = _SEND_ERRORS.get(number or 0, "unreachable")
        if self.state is NodeState.DEAD:
            reason = "sender is dead"
        self.lose(to, data, reason)

    async def pump(self) -> None:
        """Do the same for ever, where the loop has no `add_reader` (proactor)."""
        loop = asyncio.get_running_loop()
        while await self.awake.wait():
            try:
                data, sender = await loop.sock_recvfrom(self.sock, self._most_bytes + 1)
            except OSError as error:
                if self.state is NodeState.DEAD:
                    return
                self.on_receive_error(error)
            else:
                await self.awake.wait()
                self.arrive(data, sender)

    def _leave(self, *, abrupt: bool) -> None:
        self._counters = self.counters
        super()._leave(abrupt=abrupt)

    def _free_socket(self) -> None:
        if self._delayed:
            self.network.lingering[self.me.address] = self
        else:
            self.sock.close()


class DatagramContext(NetContext):
    """The port on UDP."""

    __slots__ = ("_encode", "_faults", "_gate", "_sent")

    def __init__(self, node: DatagramNode, codec: Codec) -> None:
        super().__init__(node)
        self._encode = codec.encode
        self._faults = node.network.faults
        self._sent = node.sent
        self._gate = node.network.gate

    def send(self, to: Address, message: Any) -> None:
        """Send one message in one datagram."""
        data = self._encode(message)
        tally = self._sent[message.__class__]
        tally.messages += 1
        tally.payload_bytes += len(data)
        node: Any = self._node
        tap = self._network.tap
        if tap is not None and tap.sends:
            tap.sent(node, to, message, data)
        if to not in self._gate.seen:
            there = self._gate.admit(to)
            if there is None:
                node.went_round(data)
                node.lose(to, data, self._gate.refusal)
                return
            to = there
        if self._faults.fixed_delay_s != 0.0:
            node.send_judged(to, data)
        else:
            try:
                node.sendto(data, to)
            except (OSError, OverflowError) as error:
                node.went_round(data)
                node.on_send_error(to, data, error)
