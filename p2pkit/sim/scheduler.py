"""The scheduler of virtual time: what happens next, and when."""

from __future__ import annotations

import heapq
import itertools
import zlib
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from p2pkit.core import Address, NodeState, RemoteProtocolError, Tap, Targets

if TYPE_CHECKING:
    from p2pkit.sim.node import SimNode

Entry = tuple[float, int, "SimTimer | None", Address, Address, bytes]
"""Time, order of making, then a timer, or else a datagram: to, sender, bytes."""

NOWHERE: Address = ("", 0)


class SimTimer:
    """A call that is to come in virtual time; a node's own, or the driver's."""

    __slots__ = ("_call", "_node")

    def __init__(self, call: Callable[[], None], node: SimNode | None) -> None:
        self._call: Callable[[], None] | None = call
        self._node = node

    def cancel(self) -> None:
        """Make it not come; calling twice, or too late, does nothing."""
        self._call = None

    def ring(self) -> None:
        """Make the call, if it still is to come and its node can hear it."""
        call, node = self._call, self._node
        if call is None:
            return
        if node is None:
            call()
        elif node.state is NodeState.ALIVE:
            node.guard(call)
        elif node.state is NodeState.PAUSED:
            node.held_timers.append(self)


class Scheduler:
    """Virtual time: everything that is to happen, in order of time and of making.

    Attributes
    ----------
    now_s : float
        Virtual time, in seconds since the run began.
    listeners : dict of Address to SimNode
        Who hears datagrams, by address.
    digest : int
        CRC-32 over the time and the bytes of everything delivered so far.
    unheard : int
        Datagrams that arrived where nobody listens.
    is_stopping : bool
        Set by a call from inside to make `run` return after it.
    tap : Tap or None
        Is told of each message.
    confined : Targets or None
        Where alone nodes may send.
    """

    def __init__(self) -> None:
        self.now_s = 0.0
        self.listeners: dict[Address, SimNode] = {}
        self.digest = 0
        self.unheard = 0
        self.is_stopping = False
        self.tap: Tap | None = None
        self.confined: Targets | None = None
        self._order = itertools.count()
        self._heap: list[Entry] = []
        # While every datagram takes equally long they arrive in order of sending: a
        # queue holds them, and only what does not fit its order goes to the heap.
        self._flight: deque[Entry] = deque()

    def call_at(
        self, at_s: float, call: Callable[[], None], node: SimNode | None = None
    ) -> SimTimer:
        """Call `call` at a time not before now; return its timer."""
        timer = SimTimer(call, node)
        self.add_timer(at_s, timer)
        return timer

    def add_timer(self, at_s: float, timer: SimTimer) -> None:
        """Have a timer ring at a time."""
        entry = (at_s, next(self._order), timer, NOWHERE, NOWHERE, b"")
        heapq.heappush(self._heap, entry)

    def deliver_at(
        self, at_s: float, to: Address, sender: Address, data: bytes
    ) -> None:
        """Deliver a datagram at a time."""
        entry = (at_s, next(self._order), None, to, sender, data)
        flight = self._flight
        if not flight or flight[-1][0] <= at_s:
            flight.append(entry)
        else:
            heapq.heappush(self._heap, entry)

    def stop(self) -> None:
        """Make `run` return after what is happening now."""
        self.is_stopping = True

    def note(self, data: bytes) -> None:
        """Take delivered bytes and the time into the digest."""
        self.digest = zlib.crc32(data, self.digest ^ (hash(self.now_s) & 0xFFFFFFFF))

    def run(self, until_s: float, most: float = float("inf")) -> int:
        """Let happen what is due up to `until_s`; return how much happened.

        Flat on purpose: in virtual time this loop and `SimContext.send` are what a
        message costs beside its codec and its protocol.
        """
        heap, flight, listeners = self._heap, self._flight, self.listeners
        crc32, heappop, count = zlib.crc32, heapq.heappop, 0
        while count < most and not self.is_stopping:
            if flight and (not heap or flight[0] < heap[0]):
                if flight[0][0] > until_s:
                    break
                now_s, _, timer, to, sender, data = flight.popleft()
            elif heap and heap[0][0] <= until_s:
                now_s, _, timer, to, sender, data = heappop(heap)
            else:
                break
            self.now_s = now_s
            count += 1
            if timer is not None:
                timer.ring()
                continue
            node = listeners.get(to)
            if node is None:
                self.unheard += 1
                self._tell_unheard(sender, to, data)
            elif not node.is_listening:
                node.hold(sender, data)
            else:
                self.digest = crc32(data, self.digest ^ (hash(now_s) & 0xFFFFFFFF))
                try:
                    message = node.decode(data)
                    tally = node.received[message.__class__]
                    tally.messages += 1
                    tally.payload_bytes += len(data)
                    if self.tap is not None and self.tap.hears:
                        self.tap.heard(node, sender, message, data)
                    node.hear(sender, message)
                except RemoteProtocolError as error:
                    node.refuse(sender, data, error.reason)
                except Exception as error:  # noqa: BLE001  # a bug in one protocol
                    node.crash(error)
        return count

    def _tell_unheard(self, sender: Address, to: Address, data: bytes) -> None:
        node = self.listeners.get(sender)
        if node is not None:
            node.tell_lost(to, data, "nobody listens")
