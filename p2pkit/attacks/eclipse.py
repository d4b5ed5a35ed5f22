"""Eclipse: hide a key from everybody, by being all that anybody finds beside it.

What it shows: a lookup ends at the k nodes nearest to the key, and believes them. If
all of them lie, nothing is wrong with any honest node, and still nobody reads. Asked
about the key, an Eclipse names its fellows and has no value; what is to be stored it
takes, says thank you, and forgets. To all other questions it answers as it should, so
nobody has a reason to drop it.
A value that was stored before stays where it is until it expires: the attack needs no
more than patience. With `all_keys` it lies about every key, wherever its id is: that
is how a share of bad nodes on the way to a key is measured.
Source: A. Singh et al., "Eclipse Attacks on Overlay Networks", INFOCOM 2006; M. Castro
et al., "Secure routing for structured peer-to-peer overlay networks", OSDI 2002.
Defense: ``kademlia/hardened.py``; against liars on the way ``kademlia/disjoint.py``.
Read first: ``sybil.py``.
"""

from __future__ import annotations

from typing import ClassVar, cast

from p2pkit.attacks.sybil import Sybil, SybilConfig
from p2pkit.core import Address, Contact
from p2pkit.protocols.kademlia import messages as m
from p2pkit.protocols.kademlia.distance import k_closest
from p2pkit.protocols.kademlia.responder import Answerable

TOKEN = b"trust me"


class EclipseConfig(SybilConfig, frozen=True, kw_only=True):
    """What can be set about an Eclipse, beside the settings of a Sybil.

    Parameters
    ----------
    all_keys : bool
        Whether it lies about every key; else about `target` alone.
    """

    all_keys: bool = False


class Eclipse(Sybil):
    """One identity of the attacker, that lies about the key."""

    Config: ClassVar[type[SybilConfig]] = EclipseConfig

    def _on_query(self, sender: Address, message: Answerable) -> None:
        key = key_in(message)
        all_keys = cast("EclipseConfig", self.plan).all_keys
        if key is None or not (all_keys or key == self.plan.target):
            super()._on_query(sender, message)
            return
        self.ctx.send(sender, self._lie(message, key))
        if not message.read_only:
            self.peers.checks.noticed(Contact(message.sender_id, sender))

    def _lie(self, query: Answerable, key: int) -> m.Reply:
        """Return an answer that leads to fellows, or thanks for what it forgets."""
        if isinstance(query, m.Put | m.AnnouncePeer):
            return m.Reply(query.tid, self.ctx.me.id)
        by_id = {one.id: one for one in self.fellows if one.id != query.sender_id}
        near = k_closest(by_id, key, self.config.k)
        nodes = tuple(by_id[one] for one in near)
        token = b"" if isinstance(query, m.FindNode) else TOKEN
        return m.Reply(query.tid, self.ctx.me.id, nodes=nodes, token=token)


def key_in(query: Answerable) -> int | None:
    """Return the key that a query is about; None if it is about none."""
    match query:
        case m.FindNode() | m.Get() | m.SampleInfohashes():
            return query.target
        case m.GetPeers() | m.AnnouncePeer():
            return query.infohash
        case m.Put():
            return query.item.target
        case _:
            return None
