"""The door: who may become a member in our eyes, and how many at a time.

What it shows: a cluster without keys takes in whoever asks. What it can do is make a
crowd expensive: a stranger's word is not enough, it must take our call and show its
table; one address has few names; and of newcomers that we did not ask about, only so
many are let in a period. Against many members that live and lie, SWIM has nothing.
Source: ours; memberlist takes all.
Read next: ``own.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NoReturn

from p2pkit.core import Address, RemoteProtocolError
from p2pkit.protocols.swim.messages import Alive

if TYPE_CHECKING:
    from p2pkit.protocols.swim.node import SwimNode

MAX_NAMES: Final = 4
"""Members at one address: whoever starts again with another name is there twice."""


class Door:
    """Lets newcomers in, or not."""

    def __init__(self, node: SwimNode) -> None:
        self.node, self.config = node, node.config
        self.entered = 0  # since `opened_s`, without having been asked about
        self.opened_s = 0.0

    def require_room(self, newcomer: Alive, *, asked: bool) -> None:
        """Raise `RemoteProtocolError` if somebody unknown may not come in.

        `asked` is whether we asked for the table that names the newcomer.
        """
        node, address = self.node, newcomer.address
        if not address[1] or address == node.ctx.me.address:
            _refuse("member at an impossible address")
        if node.members.at[address] >= MAX_NAMES:
            self._make_room(address)
        if asked:
            return
        now = node.ctx.now()
        if now - self.opened_s >= self.config.probe_s:
            self.opened_s, self.entered = now, 0
        if self.entered >= self.config.max_joins:
            _refuse("too many newcomers")
        self.entered += 1

    def _make_room(self, address: Address) -> None:
        """Forget a former name of whoever is at an address."""
        here = (one for one in self.node.members if one.address == address)
        former = [one for one in here if not one.is_up]
        if not former:
            _refuse("too many names at one address")
        self.node.members.forget(min(former, key=lambda one: one.changed_s))


def _refuse(reason: str) -> NoReturn:
    raise RemoteProtocolError(reason)
