"""Membership: the peer's half. It finds an index, logs in, lists its files, and stays.

A peer knows some addresses. Who is no index sends it on, as Napster's entrance did;
who is gone is tried again, until it is let in. Read next: ``searching.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from p2pkit.core import (
    Address,
    Joined,
    Operation,
    PeerUnreachable,
    StreamContext,
    Timer,
    format_address,
)
from p2pkit.protocols.central_index import messages as m
from p2pkit.protocols.central_index.config import CentralIndexConfig
from p2pkit.protocols.central_index.reports import IndexGone

MAX_KNOWN = 16  # addresses that are tried for an index


class Membership:
    """Where one peer is listed, or tries to be.

    Parameters
    ----------
    ctx, config
        The node's driver and settings.
    files : dict
        What it shares: names and bytes.
    on_gone : callable
        Called when the index is gone.
    """

    def __init__(
        self,
        ctx: StreamContext,
        config: CentralIndexConfig,
        files: dict[str, bytes],
        on_gone: Callable[[], None],
    ) -> None:
        self.ctx, self.config, self.files, self.on_gone = ctx, config, files, on_gone
        self.index: Address | None = None  # once it has said Welcome
        self.trying: Address | None = None
        self.known: dict[Address, None] = {}  # who may be, or may know, an index
        self._untried: list[Address] = []
        self._tried: set[Address] = set()  # in this round
        self._joining: Operation[int] | None = None
        self._timer: Timer | None = None

    def join(self, contacts: Sequence[Address]) -> Operation[int]:
        """Log in with an index; ends with 1 when it is done."""
        operation: Operation[int] = Operation("bootstrap", began_s=self.ctx.now())
        self._joining = operation
        for contact in contacts[:MAX_KNOWN]:
            self.known[contact] = None
        self._retry()
        return operation

    def list_file(self, name: str) -> None:
        """Tell the index of a new file, if there is an index."""
        if self.index is not None:
            self.ctx.send(self.index, m.Offer(name, len(self.files[name])))

    def drop_file(self, name: str) -> None:
        """Tell the index that a file is gone."""
        if self.index is not None:
            self.ctx.send(self.index, m.Withdraw(name))

    def stop(self) -> None:
        """Try no more."""
        if self._timer is not None:
            self._timer.cancel()

    def on_connected(self, stream: Address) -> None:
        """Say who we are."""
        me = self.ctx.me
        nick = format_address(me.address)
        self.ctx.send(stream, m.Login(nick, me.address[1], self.config.link_kbit))

    def on_welcome(self) -> None:
        """List what we share."""
        self.index, self.trying = self.trying, None
        for name in self.files:
            self.list_file(name)
        self._end(None)

    def on_redirect(self, redirect: m.Redirect) -> None:
        """Try whom a peer has named, before all others."""
        address = redirect.address
        if address not in self._tried and len(self._tried) < 2 * MAX_KNOWN:
            self._untried.insert(0, address)
            if len(self.known) < MAX_KNOWN:
                self.known[address] = None
        self._leave()

    def on_refusal(self, refusal: m.Refusal) -> None:
        """Try the next one."""
        self._leave()

    def on_closed(self) -> None:
        """Hear that the stream to the index, or to whom we took for it, is gone."""
        was, self.index, self.trying = self.index, None, None
        if was is not None:
            self.ctx.emit(IndexGone(was))
            self.on_gone()
            self._retry_later()
        else:
            self._next()

    def _leave(self) -> None:
        if self.trying is not None:
            self.ctx.close(self.trying)
            self.on_closed()

    def _retry(self) -> None:
        self.stop()
        if self.index is None and self.trying is None:
            self._untried = list(self.known)
            self._tried.clear()
            self._next()

    def _next(self) -> None:
        """Try the next address; when there is none, begin again a little later."""
        while self._untried:
            self.trying = self._untried.pop(0)
            if self.trying not in {*self._tried, self.ctx.me.address}:
                self._tried.add(self.trying)
                self.ctx.connect(self.trying)
                return
        self.trying = None
        self._end(PeerUnreachable("no index answers: give the address of another"))
        self._retry_later()

    def _retry_later(self) -> None:
        wait_s = self.config.retry_s * (0.5 + self.ctx.rng.random())
        self._timer = self.ctx.after(wait_s, self._retry)

    def _end(self, error: PeerUnreachable | None) -> None:
        operation, self._joining = self._joining, None
        if operation is not None and error is None:
            self.ctx.emit(Joined(1))
            operation.finish(1)
        elif operation is not None and error is not None:
            operation.fail(error)
