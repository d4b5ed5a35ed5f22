"""One tree: eager links carry payloads, lazy links only say what there is.

What it shows: flooding finds the fastest paths; whoever gets a message twice prunes the
slower link, and what is left is a tree. The pruned links still carry announcements, so
a node that hears of a message and does not get it grafts a link back into the tree.
Source: J. Leitao, J. Pereira, L. Rodrigues, "Epidemic Broadcast Trees", SRDS 2007,
algorithms 1 to 3.
Differs: there is a tree a topic. A node that does not want it and leads nowhere leaves,
as in multicast (RFC 1075), and comes back when it wants it or is grafted.
Read next: ``missing.py``, then ``trees.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from p2pkit.core import Address
from p2pkit.protocols.plumtree.messages import Gossip, Graft, Leave, Prune
from p2pkit.protocols.plumtree.missing import Missing

if TYPE_CHECKING:
    from p2pkit.protocols.plumtree.trees import Trees


class Tree:
    """What one node knows of the tree of one topic.

    Attributes
    ----------
    eager : dict of Address to None
        Neighbors that get payloads.
    away : dict of Address to float
        Neighbors that left the topic, and until when that counts; all others are lazy.
    out_until_s : float or None
        Until when we ourselves are out; None while we are part of the tree.
    """

    def __init__(self, trees: Trees, topic: str) -> None:
        self.trees, self.topic = trees, topic
        self.config, self.ctx, self.send = trees.config, trees.ctx, trees.send
        self.eager: dict[Address, None] = dict.fromkeys(trees.active)
        self.away: dict[Address, float] = {}
        self.out_until_s: float | None = None
        self.missing = Missing(self)

    @property
    def lazy(self) -> list[Address]:
        """The neighbors that get announcements alone."""
        known = self.eager.keys() | self.away.keys()
        return [peer for peer in self.trees.active if peer not in known]

    def on_gossip(self, sender: Address, number: bytes, message: Gossip) -> None:
        """Take a message in: the link that brings it first belongs to the tree."""
        if number in self.trees.seen:
            self.eager.pop(sender, None)
            self.send(sender, Prune(self.topic))
            return
        if self.out_until_s is not None and self.ctx.now() < self.out_until_s:
            self.send(sender, Leave(self.topic))
            return
        if self.out_until_s is not None:  # a flood asks again who wants the topic
            self.out_until_s, self.eager = None, dict.fromkeys(self.trees.active)
            self.away.clear()
        self.away.pop(sender, None)  # who brings a payload has come back
        self.eager[sender] = None
        self.trees.deliver(number, message, sender)
        self.push(number, message, sender)
        announcers = self.missing.found(number)
        self._optimize(announcers, message.hops, sender)
        if self.topic not in self.trees.topics and len(self.eager) < 2:
            self._leave()

    def push(self, number: bytes, message: Gossip, sender: Address | None) -> None:
        """Send the payload to eager neighbors, and announce it to the lazy ones."""
        for peer in [one for one, s in self.away.items() if s <= self.ctx.now()]:
            del self.away[peer]
            self.eager[peer] = None
        further = Gossip(self.topic, message.nonce, message.hops + 1, message.payload)
        for peer in self.eager:
            if peer != sender:
                self.send(peer, further)
        for peer in self.lazy:
            if peer != sender:
                self.trees.announce(peer, self.topic, number, further.hops)

    def on_prune(self, sender: Address) -> None:
        """Announce to a neighbor that gets its payloads from another."""
        self.eager.pop(sender, None)

    def on_leave(self, sender: Address) -> None:
        """Leave a neighbor alone that does not want the topic."""
        self.eager.pop(sender, None)
        self.away[sender] = self.ctx.now() + self.config.away_s

    def on_graft(self, sender: Address) -> None:
        """Take a link into the tree; whoever is out comes back for it."""
        self.away.pop(sender, None)
        self.eager[sender] = None
        if self.out_until_s is not None:
            self.come_back()

    def come_back(self) -> None:
        """Be part of the tree again, through every neighbor; duplicates will prune."""
        self.out_until_s = None
        self.graft(self.trees.active)

    def on_ihave(self, sender: Address, number: bytes, hops: int) -> None:
        """Note what there is; if it does not come along the tree, ask for it."""
        if self.out_until_s is None and number not in self.trees.seen:
            self.missing.announced(sender, number, hops)

    def on_up(self, peer: Address) -> None:
        """Try a new neighbor as part of the tree."""
        if self.out_until_s is None:
            self.eager[peer] = None

    def on_down(self, peer: Address) -> None:
        """Lose a neighbor; where it was in the tree, those who left are called back."""
        was_eager = peer in self.eager
        self.eager.pop(peer, None)
        self.away.pop(peer, None)
        self.missing.forget(peer)
        if was_eager:
            self.graft(self.away)

    def graft(self, peers: Iterable[Address], missing: bytes | None = None) -> None:
        """Take lazy links into the tree, and ask for a message that did not come."""
        for peer in [one for one in peers if missing or one not in self.eager]:
            self.away.pop(peer, None)
            self.eager[peer] = None
            self.send(peer, Graft(self.topic, missing))

    def _optimize(
        self, announcers: dict[Address, int], hops: int, sender: Address
    ) -> None:
        """Swap links if another neighbor offered a path that is so much shorter."""
        peer = min(announcers, key=announcers.__getitem__, default=None)
        least = self.config.optimize_hops
        if peer is not None and least and hops - announcers[peer] >= least:
            self.graft([peer])
            self.eager.pop(sender, None)
            self.send(sender, Prune(self.topic))

    def _leave(self) -> None:
        self.out_until_s = self.ctx.now() + self.config.away_s
        self.eager.clear()
        self.missing.stop()
        for peer in self.trees.active:
            self.send(peer, Leave(self.topic))
