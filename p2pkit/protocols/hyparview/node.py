"""HyParView: a membership that survives the death of most of its members.

What it shows: each node links to five others by streams and keeps thirty more in
reserve. The links make an overlay that is nearly a random regular graph; when they
break, the reserve mends it.
Source: J. Leitao, J. Pereira, L. Rodrigues, "HyParView: a membership protocol for
reliable gossip-based broadcast", DSN 2007.
Read first: ``views.py``, ``joining.py``, ``repair.py``, ``healing.py``,
``shuffling.py``. Read next: ``flooding.py``, then the ``plumtree`` package.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

from p2pkit.core import (
    Address,
    Edge,
    Links,
    MsgpackCodec,
    Operation,
    RemoteProtocolError,
    Rng,
    StreamContext,
)
from p2pkit.protocols.hyparview import account
from p2pkit.protocols.hyparview import messages as m
from p2pkit.protocols.hyparview.config import HyParViewConfig
from p2pkit.protocols.hyparview.flooding import Flooded, Flooding
from p2pkit.protocols.hyparview.healing import Healing
from p2pkit.protocols.hyparview.joining import Joining
from p2pkit.protocols.hyparview.repair import Repair
from p2pkit.protocols.hyparview.shuffling import Shuffling
from p2pkit.protocols.hyparview.views import Views


class HyParView:
    """One node: a membership, and broadcast by flooding on top of it.

    A subclass may name another `Spreading`: what gets the messages beside those of the
    membership, from neighbors alone, and hears of neighbors that come and go.
    """

    codec: ClassVar[MsgpackCodec] = m.codec_with(Flooded)
    carrier: ClassVar[str] = "stream"
    Config: ClassVar[type[HyParViewConfig]] = HyParViewConfig
    Spreading: ClassVar[type[Any]] = Flooding

    def __init__(
        self, ctx: StreamContext, config: HyParViewConfig | None = None
    ) -> None:
        self.ctx, self.config = ctx, self.Config.of(config)
        self.links = Links(ctx, self._on_lost, self.config.max_links)
        self.spreading = self.Spreading(self)
        up, down = self.spreading.on_up, self.spreading.on_down
        self.views = Views(ctx, self.config, self.links, up, down)
        self.joining, self.repair = Joining(self), Repair(self)
        self.shuffling, self.healing = Shuffling(self), Healing(self)
        self.on_connected = self.links.on_connected
        self.on_closed = self.links.on_closed
        self._handlers: dict[type, Callable[[Address, Any], None]] = (
            self.joining.handlers() | self.repair.handlers() | self.shuffling.handlers()
        )
        self.remembered: list[Address] = []  # from before a restart

    @staticmethod
    def choose_id(rng: Rng, address: Address, config: HyParViewConfig) -> int:
        """Return a random id; peers are told apart by their addresses alone."""
        return rng.getrandbits(160)

    def receive(self, stream: Address, message: Any) -> None:
        """Handle one message; calls never overlap."""
        sender = self.links.sender(stream, message)
        if sender is None:
            return
        handler = self._handlers.get(type(message))
        if handler is not None:
            handler(sender, message)
        elif sender in self.views.active:
            self.spreading.receive(sender, message)
        else:
            reason = "news from a stranger"
            raise RemoteProtocolError(reason)

    def bootstrap(self, contacts: Sequence[Address]) -> Operation[int]:
        """Join through any of these; ends with the neighbors, when there is one."""
        operation: Operation[int] = Operation("bootstrap", began_s=self.ctx.now())
        known = dict.fromkeys([*contacts, *self.remembered])
        self.joining.start(list(known), operation)
        self.shuffling.start()
        return operation

    def maintain(self) -> Operation[int]:
        """Shuffle and look for neighbors now; ends with the number of neighbors.

        A node that knows few peers also joins again: its island may be a small one.
        """
        operation: Operation[int] = Operation("maintain", began_s=self.ctx.now())
        self.look_after()
        if len(self.views.passive) < self.config.passive:
            self.joining.again()
        # Nobody promises an answer, so what came within this time is what there is.
        wait_s = self.config.answer_s
        self.ctx.after(wait_s, lambda: operation.finish(len(self.views.active)))
        return operation

    def broadcast(self, payload: bytes) -> bytes:
        """Send `payload` to every node; return the id of the message."""
        number: bytes = self.spreading.publish(payload)
        return number

    def switch_repair(self, on: bool) -> None:
        """Replace lost neighbors or not: the switch that shows what repair is for."""
        self.repair.is_on = on

    def look_after(self) -> None:
        """Do what is done once in a while."""
        self.joining.taken = 0
        self.links.close_idle({*self.views.active, *self.repair.asked})
        self.shuffling.shuffle()
        self.repair.begin()
        self.healing.call()

    def neighbors(self) -> Iterator[Edge]:
        """Yield the peers of both views."""
        return account.neighbors(self)

    def inspect(self) -> dict[str, Any]:
        """Return both views, and what is under way."""
        return account.inspect(self)

    def save(self) -> bytes:
        """Return the peers of both views, for a restart."""
        return account.save(self)

    def restore(self, saved: bytes) -> None:
        """Take up what `save` returned: peers to join through."""
        self.remembered = account.restore(self, saved)

    def stop(self) -> None:
        """Tell the neighbors, close every link and cancel the timers."""
        for part in (self.joining, self.shuffling, self.repair, self.spreading):
            part.stop()
        self.links.stop()

    def _on_lost(self, peer: Address) -> None:
        self.healing.note(peer)
        self.repair.on_failure(peer)
