"""Kept streams: those by which we fetch, kept a while for what may be fetched next."""

from __future__ import annotations

from collections.abc import Callable

from p2pkit.core import Address, BothContext, Timer


class KeptStreams:
    """The streams to servents that we fetch from, and which of them are idle.

    Parameters
    ----------
    ctx : BothContext
        The node's driver.
    idle_s : float
        How long one is kept.
    leave : callable
        Closes a stream that was idle for so long.
    """

    def __init__(
        self, ctx: BothContext, idle_s: float, leave: Callable[[Address], None]
    ) -> None:
        self.ctx, self.idle_s, self.leave = ctx, idle_s, leave
        self._to: dict[Address, Address] = {}  # by where the servent listens
        self._idle: dict[Address, Timer] = {}

    def add(self, servent: Address, stream: Address) -> None:
        """Have a stream lead to a servent."""
        self._to[servent] = stream

    def to(self, servent: Address) -> Address | None:
        """Return the stream to a servent, if there is one."""
        return self._to.get(servent)

    def rest(self, stream: Address) -> None:
        """Have a stream idle."""
        self._idle[stream] = self.ctx.after(self.idle_s, lambda: self.leave(stream))

    def wake(self, stream: Address) -> bool:
        """Have a stream idle no more; return whether it was."""
        timer = self._idle.pop(stream, None)
        if timer is not None:
            timer.cancel()
        return timer is not None

    def forget(self, stream: Address) -> None:
        """Know a stream no more."""
        self.wake(stream)
        self._to = {key: one for key, one in self._to.items() if one != stream}

    def stop(self) -> None:
        """Cancel the timers."""
        for stream in list(self._idle):
            self.wake(stream)
