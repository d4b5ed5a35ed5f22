"""The grader's end of a zygote: what it is told, and the sockets of its children."""

from __future__ import annotations

import contextlib
import pickle
import socket

import msgspec

from p2pkit.classroom.sandbox import frames, zygote
from p2pkit.classroom.sandbox.limits import MIB
from p2pkit.core import LabError


class SandboxUnavailable(LabError):
    """Student code cannot be run safely on this machine."""


class Mother:
    """A zygote that can be given orders.

    Parameters
    ----------
    control : socket
        Connected to it.
    """

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._socks: dict[int, socket.socket] = {}  # of children that live
        self._done: dict[int, socket.socket] = {}  # of those to be ended
        self._known: dict[bytes, int] = {}

    def close(self) -> None:
        """Close all sockets; zygote and children end."""
        for sock in [self._control, *self._socks.values(), *self._done.values()]:
            sock.close()

    def order(self, order: zygote.Order, handed: socket.socket | None = None) -> None:
        """Tell the zygote what to do, and which children to end first.

        Raises
        ------
        SandboxUnavailable
            If it has ended; with its last words.
        """
        done, self._done = self._done, {}
        order.done = list(done)
        text = zygote.encode_order(order)
        frame = frames.HEAD.pack(len(text)) + text
        try:
            if handed is None:
                self._control.sendall(frame)
            else:
                sent = socket.send_fds(self._control, [frame], [handed.fileno()])
                self._control.sendall(frame[sent:])
        except OSError as error:
            raise self._lost() from error
        for sock in done.values():
            sock.close()

    def fork(self, order: zygote.Order) -> socket.socket:
        """Have a child made; return the socket it listens to."""
        ours, theirs = socket.socketpair()
        self._socks[order.child] = ours
        with theirs:
            self.order(order, theirs)
        return ours

    def know(self, thing: object) -> int:
        """Have children know an object, as they are made; return its number."""
        key = pickle.dumps(thing)
        if key not in self._known:
            self._known[key] = len(self._known)
            self.order(zygote.Order(do="know", known=key))
        return self._known[key]

    def end(self, child: int) -> zygote.Death:
        """End a child, if it still lives; return how it ended."""
        self._socks.pop(child).close()
        self.order(zygote.Order(do="end", child=child))
        try:
            return zygote.decode_death(frames.Channel(self._control, MIB).receive())
        except (OSError, frames.Broken, msgspec.MsgspecError) as error:
            raise self._lost() from error

    def forget(self, child: int) -> None:
        """Have a child ended with the next order; its socket stays until then."""
        self._done[child] = self._socks.pop(child)

    def _lost(self) -> SandboxUnavailable:
        words = b""
        with contextlib.suppress(OSError):
            self._control.settimeout(1.0)
            while part := self._control.recv(1 << 16):
                words += part
        said = words.removeprefix(zygote.LAST_WORDS).decode("utf-8", "replace")
        reason = f"the process that makes sandboxed nodes has ended: {said[-2000:]}"
        return SandboxUnavailable(reason)
