"""Requests: transaction ids, resends, deadlines and late replies, for every protocol.

A datagram may be lost, so a request is sent again every `resend_s` until `timeout_s`
has passed. The first resend tells the asker that the peer is *slow*: whoever keeps a
number of requests in flight may then spend that slot on another peer. A reply to any
of the sends still counts until the deadline.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from p2pkit.core.address import Address
from p2pkit.core.context import Context, Timer


class Pending:
    """One request that waits for its reply."""

    __slots__ = (
        "deadline_s", "message", "on_failure", "on_reply", "on_slow", "sends", "to",
    )  # fmt: skip

    def __init__(
        self,
        to: Address,
        message: Any,
        deadline_s: float,
        on_reply: Callable[[Any], None],
        on_failure: Callable[[], None],
        on_slow: Callable[[], None] | None,
        sends: int | None,
    ) -> None:
        self.to, self.message, self.deadline_s = to, message, deadline_s
        self.sends = sends
        self.on_reply, self.on_failure, self.on_slow = on_reply, on_failure, on_slow


class Requests:
    """The requests of one node that wait for a reply.

    Parameters
    ----------
    ctx : Context
        The node's driver.
    resend_s, timeout_s : float
        Seconds between two sends of one request, and until it has failed.
    limit : int
        Requests in flight at most; one more fails at once.
    """

    def __init__(
        self, ctx: Context, *, resend_s: float, timeout_s: float, limit: int = 4096
    ) -> None:
        self.ctx, self.limit = ctx, limit
        self.resend_s, self.timeout_s = resend_s, timeout_s
        self._pending: dict[bytes, Pending] = {}
        # Every request waits equally long for its next send, so a queue is in order
        # of time, and one timer for its head serves all.
        self._due: deque[tuple[float, bytes]] = deque()
        self._timer: Timer | None = None

    def __len__(self) -> int:
        return len(self._pending)

    @property
    def full(self) -> bool:
        """Whether as many are in flight as may be."""
        return len(self._pending) >= self.limit

    def ask(
        self,
        to: Address,
        make: Callable[[bytes], Any],
        on_reply: Callable[[Any], None],
        on_failure: Callable[[], None],
        on_slow: Callable[[], None] | None = None,
        sends: int | None = None,
    ) -> None:
        """Send a request; exactly one of `on_reply` and `on_failure` will be called.

        Parameters
        ----------
        to : Address
            Whom to ask; a reply counts from there alone.
        make : callable
            Makes the message of its transaction id: 4 bytes, hard to guess for others.
        on_reply, on_failure, on_slow : callable
            Called with the reply; when the time is over; when the first resend is due.
        sends : int, optional
            How often it is sent at most; without it, until the time is over.
        """
        ctx = self.ctx
        if self.full:
            ctx.after(0.0, on_failure)
            return
        now = ctx.now()
        tid = ctx.rng.getrandbits(32).to_bytes(4, "big")
        while tid in self._pending:
            tid = ctx.rng.getrandbits(32).to_bytes(4, "big")
        message = make(tid)
        self._pending[tid] = Pending(
            to, message, now + self.timeout_s, on_reply, on_failure, on_slow, sends
        )
        first_s = min(self.resend_s, self.timeout_s)
        self._due.append((now + first_s, tid))
        if self._timer is None:
            self._timer = ctx.after(first_s, self._on_due)
        ctx.send(to, message)

    def settle(self, sender: Address, tid: bytes) -> Pending | None:
        """Take out the request that `tid` from `sender` answers, if there is one."""
        pending = self._pending.get(tid)
        if pending is None or pending.to != sender:
            return None
        return self._pending.pop(tid)

    def stop(self) -> None:
        """Forget every request without telling the askers."""
        self._pending.clear()
        self._due.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _on_due(self) -> None:
        self._timer = None
        now, due = self.ctx.now(), self._due
        # A timer may ring a little early; what is due within a millisecond is due.
        while due and due[0][0] <= now + 1e-3:
            tid = due.popleft()[1]
            pending = self._pending.get(tid)
            if pending is not None:
                self._resend_or_fail(tid, pending, now)
        if due and self._timer is None:
            self._timer = self.ctx.after(due[0][0] - now, self._on_due)

    def _resend_or_fail(self, tid: bytes, pending: Pending, now: float) -> None:
        if now + 1e-3 >= pending.deadline_s:
            del self._pending[tid]
            pending.on_failure()
            return
        self._due.append((min(now + self.resend_s, pending.deadline_s), tid))
        if pending.sends is None or pending.sends > 1:
            self.ctx.send(pending.to, pending.message)
            pending.sends = pending.sends and pending.sends - 1
        if pending.on_slow is not None:
            on_slow, pending.on_slow = pending.on_slow, None
            on_slow()
