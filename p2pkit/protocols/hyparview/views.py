"""Two partial views: few peers in use, many in reserve.

What it shows: the active view is what messages travel over. It is small, each of its
peers is linked by a stream, and each holds us in its own active view: links are
symmetric. The passive view is larger, costs nothing, and is where replacements are.
Source: J. Leitao, J. Pereira, L. Rodrigues, "HyParView", DSN 2007, algorithm 1.
Read next: ``joining.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from p2pkit.core import Address, Context, Links
from p2pkit.protocols.hyparview.config import HyParViewConfig
from p2pkit.protocols.hyparview.messages import Disconnect


class Views:
    """The active and the passive view of one node.

    Parameters
    ----------
    ctx, config, links
        The node's; every peer in the active view has a link.
    on_up, on_down : callable
        Called with a peer that has come into the active view, or has left it.
    """

    def __init__(
        self,
        ctx: Context,
        config: HyParViewConfig,
        links: Links,
        on_up: Callable[[Address], None],
        on_down: Callable[[Address], None],
    ) -> None:
        self.ctx, self.config, self.links = ctx, config, links
        # Dictionaries for their order: that of a set could reach a message.
        self.active: dict[Address, None] = {}
        self.passive: dict[Address, None] = {}
        self._on_up, self._on_down = on_up, on_down

    @property
    def room(self) -> int:
        """How many peers more the active view may hold."""
        return self.config.active - len(self.active)

    def admit(self, peer: Address) -> None:
        """Take a linked peer into the active view; in a full one another makes room."""
        if peer in self.active or peer not in self.links:
            return
        if self.room <= 0:
            self.dismiss(self.choose(self.active))
        self.passive.pop(peer, None)
        self.active[peer] = None
        self._on_up(peer)

    def dismiss(self, peer: Address) -> None:
        """Tell a peer that it is a neighbor no more, and keep it in reserve."""
        self.links.send(peer, Disconnect())
        self.links.close(peer)
        self.leave(peer)
        self.keep(peer)

    def leave(self, peer: Address) -> None:
        """Take a peer out of the active view, if it is there."""
        if peer in self.active:
            del self.active[peer]
            self._on_down(peer)

    def keep(self, peer: Address, sent: Iterable[Address] = ()) -> None:
        """Put a peer into the passive view; in a full one another makes room.

        Parameters
        ----------
        peer : Address
            Who; ourselves, and peers that are in a view already, are left out.
        sent : iterable of Address
            Peers that go first, for another node has them now.
        """
        if peer == self.ctx.me.address or peer in self.active or peer in self.passive:
            return
        if len(self.passive) >= self.config.passive:
            gone = next((one for one in sent if one in self.passive), None)
            del self.passive[gone or self.choose(self.passive)]
        self.passive[peer] = None

    def forget(self, peer: Address) -> None:
        """Let a peer that cannot be reached out of both views."""
        self.leave(peer)
        self.passive.pop(peer, None)

    def choose(self, view: Iterable[Address]) -> Address:
        """Return a random peer of a view that is not empty."""
        return self.ctx.rng.choice(list(view))

    def some(self, view: Iterable[Address], count: int) -> list[Address]:
        """Return up to `count` random peers of a view."""
        peers = list(view)
        return self.ctx.rng.sample(peers, min(count, len(peers)))
