"""Checks: walkers far from home ask whether they are still wanted.

The question is a datagram, straight to whoever began the search, and so is the answer.
A walker that gets no answer ends: nobody waits for it. Who is asked about a search that
it does not know says no, so nobody gains by naming another as home.
Read first: ``random_walk.py``.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING

from p2pkit.core import Address, BothContext, Recent, RemoteProtocolError, Timer
from p2pkit.protocols.gnutella.messages import Vendor
from p2pkit.protocols.gnutella.trailer import VENDOR

if TYPE_CHECKING:
    from p2pkit.protocols.gnutella.random_walk import Walker
    from p2pkit.protocols.gnutella.search import Search

MAY_I_GO_ON, GO_ON_OR_END = 1, 2
ASKED, ANSWERED = struct.Struct("<H"), struct.Struct("<H?")

MAX_WAITING = 4096
"""Walkers that wait for word from home; beyond, the oldest ends."""

TRIES = 2
"""How often a walker asks: a datagram may be lost."""


class Check:
    """One walker that waits."""

    def __init__(self, home: Address, go_on: Callable[[], None]) -> None:
        self.home, self.go_on = home, go_on
        self.tries = 0
        self.timer: Timer | None = None


class Checks:
    """The walkers that wait at one servent.

    Parameters
    ----------
    ctx : BothContext
        The node's driver.
    check_s : float
        How long an answer may take.
    asked : dict
        The searches of this servent, by the id of each of their questions.
    """

    def __init__(
        self, ctx: BothContext, check_s: float, asked: dict[bytes, Search]
    ) -> None:
        self.ctx, self.check_s, self.asked = ctx, check_s, asked
        self._waiting: Recent[tuple[bytes, int], Check] = Recent(MAX_WAITING)

    def ask(self, guid: bytes, walker: Walker, go_on: Callable[[], None]) -> None:
        """Ask a walker's home, and call `go_on` if it is still wanted."""
        if walker.home == self.ctx.me.address:
            if self._is_wanted(guid):
                go_on()
            return
        key = (guid, walker.number)
        if key not in self._waiting:
            self._waiting.put(key, Check(walker.home, go_on))
            self._try(key)

    def on_vendor(self, sender: Address, message: Vendor) -> None:
        """Answer a walker, or hear the answer to one that waits here.

        Raises
        ------
        RemoteProtocolError
            If it is neither.
        """
        try:
            if message.selector == MAY_I_GO_ON:
                (number,) = ASKED.unpack(message.data)
                data = ANSWERED.pack(number, self._is_wanted(message.guid))
                self.ctx.send(sender, say(message.guid, GO_ON_OR_END, data))
            elif message.selector == GO_ON_OR_END:
                self._on_answer(sender, message.guid, *ANSWERED.unpack(message.data))
        except struct.error as error:
            raise RemoteProtocolError("malformed payload") from error  # noqa: EM101, TRY003

    def stop(self) -> None:
        """Let every walker that waits end."""
        for check in self._waiting.values():
            if check.timer is not None:
                check.timer.cancel()
        self._waiting.clear()

    def _on_answer(
        self, sender: Address, guid: bytes, number: int, goes_on: bool
    ) -> None:
        check = self._waiting.get((guid, number))
        if check is None or check.home != sender:
            raise RemoteProtocolError("word for no walker")  # noqa: EM101, TRY003
        del self._waiting[guid, number]
        if check.timer is not None:
            check.timer.cancel()
        if goes_on:
            check.go_on()

    def _try(self, key: tuple[bytes, int]) -> None:
        check = self._waiting.get(key)
        if check is None:
            return
        if check.tries == TRIES:
            del self._waiting[key]
            return
        check.tries += 1
        check.timer = self.ctx.after(self.check_s, lambda: self._try(key))
        data = ASKED.pack(key[1])
        self.ctx.send(check.home, say(key[0], MAY_I_GO_ON, data))

    def _is_wanted(self, guid: bytes) -> bool:
        search = self.asked.get(guid)
        return search is not None and not search.done


def say(guid: bytes, selector: int, data: bytes) -> Vendor:
    """Return a message that only servents of ours understand."""
    return Vendor(guid=guid, vendor=VENDOR, selector=selector, version=1, data=data)
