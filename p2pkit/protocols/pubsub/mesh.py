"""The mesh: for each topic a few links that carry its messages in full.

What it shows: each node wants about d mesh links a topic. Too few and it grafts some,
too many and it prunes some, and both ends agree, for a graft is answered by a prune
where it is not welcome. Whoever was pruned waits.
Source: the libp2p specification of gossipsub 1.0 ("mesh maintenance"); 1.1 for backoff
and scores. Left out: peer exchange on prune.
Read next: ``gossip.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from p2pkit.core import Address, RemoteProtocolError
from p2pkit.protocols.pubsub.backoff import Backoff
from p2pkit.protocols.pubsub.messages import Graft, Prune

if TYPE_CHECKING:
    from p2pkit.protocols.pubsub.gossipsub import Gossipsub


class Mesh:
    """The mesh links of one node, and its fanout for topics it only publishes on."""

    def __init__(self, node: Gossipsub) -> None:
        self.node, self.ctx, self.config = node, node.ctx, node.config
        self.links: dict[str, dict[Address, None]] = {}
        self.fanout: dict[str, dict[Address, None]] = {}
        self._published_s: dict[str, float] = {}
        self.backoff = Backoff(node.ctx)

    def join(self, topic: str) -> None:
        """Begin a mesh, with the peers that our publications went to, if any."""
        known = self.fanout.pop(topic, {})
        self.links[topic] = {}
        good = [peer for peer in known if self.node.score(peer) >= 0]
        self._graft(topic, good[: self.config.d])
        self._graft(topic, self._choose(topic, self.config.d - len(self.links[topic])))

    def leave(self, topic: str) -> None:
        """End a mesh, and tell its peers that we may be back soon."""
        for peer in list(self.links.get(topic, ())):
            self._prune(topic, peer, self.config.unsubscribe_backoff_s)
        self.links.pop(topic, None)

    def targets(self, topic: str) -> list[Address]:
        """Return whom a message of ours goes to; without a mesh they are the fanout."""
        if topic in self.links:
            return list(self.links[topic])
        if topic not in self.fanout and len(self.fanout) >= self.config.max_topics:
            del self.fanout[next(iter(self.fanout))]
        self._published_s[topic] = self.ctx.now()
        fanout = self.fanout.setdefault(topic, {})
        fanout |= dict.fromkeys(self._choose(topic, self.config.d - len(fanout)))
        return list(fanout)

    def on_graft(self, sender: Address, message: Graft) -> None:
        """Take a peer into the mesh, or send it away."""
        topic = message.topic
        if topic not in self.links or sender in self.links[topic]:
            return  # a peer must not learn by asking which topics we have
        in_backoff = (sender, topic) in self.backoff
        full = len(self.links[topic]) >= self.config.d_high
        if in_backoff or full or self.node.score(sender) < 0:
            self._prune(topic, sender, self.config.backoff_s)
            if in_backoff:
                self.node.scores.misbehaved(sender)
                reason = "graft during backoff"
                raise RemoteProtocolError(reason)
            return
        self._add(topic, sender)

    def on_prune(self, sender: Address, message: Prune) -> None:
        """Lose a mesh link; the peer is not asked again for a while."""
        self._drop(message.topic, sender)
        self.backoff.begin(sender, message.topic, message.backoff_s)

    def on_lost(self, peer: Address) -> None:
        """Forget a peer that is gone."""
        for topic in self.links:
            self._drop(topic, peer)
        for fanout in self.fanout.values():
            fanout.pop(peer, None)

    def heartbeat(self) -> None:
        """Mend what has too few links, or too many, or bad ones."""
        for topic in self.links:
            self._tend(topic)
        for topic in [one for one in self._published_s if one not in self.fanout]:
            del self._published_s[topic]
        for topic in list(self.fanout):
            idle_s = self.ctx.now() - self._published_s[topic]
            if idle_s > self.config.fanout_s:
                del self.fanout[topic]
        self.backoff.forget_old()

    def _tend(self, topic: str) -> None:
        mesh, config = self.links[topic], self.config
        wanting = set(self.node.topics.peers(topic))
        for peer in list(mesh):
            if peer not in wanting or self.node.score(peer) < 0:
                self._prune(topic, peer, config.backoff_s)
        if len(mesh) < config.d_low:
            self._graft(topic, self._choose(topic, config.d - len(mesh)))
        elif len(mesh) > config.d_high:
            for peer in self._surplus(topic):
                self._prune(topic, peer, config.backoff_s)

    def _surplus(self, topic: str) -> list[Address]:
        """Return the links to cut: random ones, the best-scored and our own spared."""
        peers = self.ctx.rng.sample(list(self.links[topic]), len(self.links[topic]))
        if self.config.scoring:
            peers.sort(key=self.node.score, reverse=True)
            best, rest = peers[: self.config.d_score], peers[self.config.d_score :]
            rest = self.ctx.rng.sample(rest, len(rest))
            ours = [peer for peer in rest if peer in self.node.dialing.contacts]
            spared = [*best, *ours[: self.config.d_out]]
            peers = spared + [peer for peer in rest if peer not in spared]
        return peers[self.config.d :]

    def _choose(self, topic: str, count: int) -> list[Address]:
        mesh = self.links.get(topic) or self.fanout.get(topic, {})
        peers = [
            peer
            for peer in self.node.topics.peers(topic)
            if peer not in mesh
            and self.node.score(peer) >= 0
            and (peer, topic) not in self.backoff
        ]
        return self.ctx.rng.sample(peers, max(0, min(count, len(peers))))

    def _graft(self, topic: str, peers: Iterable[Address]) -> None:
        for peer in peers:
            self._add(topic, peer)
            self.node.links.send(peer, Graft(topic))

    def _prune(self, topic: str, peer: Address, backoff_s: float) -> None:
        self._drop(topic, peer)
        self.backoff.begin(peer, topic, backoff_s)
        self.node.links.send(peer, Prune(topic, backoff_s))

    def _add(self, topic: str, peer: Address) -> None:
        self.links[topic][peer] = None
        self.node.scores.grafted(peer, topic)

    def _drop(self, topic: str, peer: Address) -> None:
        if self.links.get(topic, {}).pop(peer, self) is None:
            self.node.scores.pruned(peer, topic)
