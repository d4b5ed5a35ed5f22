"""Scores: each node judges its neighbors by what they do, and tells nobody.

What it shows: P1 rewards time in the mesh, P2 being first with messages; P3 punishes a
mesh link that delivers too little, and P3b remembers it after the link was cut; P4
punishes invalid messages, P6 many peers at one host, P7 broken rules. Deficits and
misdeeds count squared: one is an accident, ten are a habit.
Source: the libp2p specification of gossipsub 1.1, "peer scoring". Left out: P5, which
an application decides. Weights stand in ``config.py``.
Read next: ``gossipsub.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from p2pkit.core import Address

if TYPE_CHECKING:
    from p2pkit.protocols.pubsub.gossipsub import Gossipsub


class TopicRecord(msgspec.Struct):
    """What one peer did on one topic."""

    grafted_s: float | None = None
    first: float = 0.0
    delivered: float = 0.0
    deficit_past: float = 0.0
    invalid: float = 0.0


class Scores:
    """The records of one node's peers; all zero where scoring is off."""

    def __init__(self, node: Gossipsub) -> None:
        self.node, self.weights = node, node.config.weights
        self._topics: dict[Address, dict[str, TopicRecord]] = {}
        self._misdeeds: dict[Address, float] = {}

    def of(self, peer: Address) -> float:
        """Return a peer's score: a weighted sum, see the module's first lines."""
        if not self.node.config.scoring:
            return 0.0
        score = sum(self._on_topic(one) for one in self._topics.get(peer, {}).values())
        same_host = sum(other[0] == peer[0] for other in self.node.links)
        crowd = max(0, same_host - self.weights.crowd_limit)
        misdeeds = self._misdeeds.get(peer, 0.0) - self.weights.behavior_limit
        score += self.weights.crowd * crowd**2
        return score + self.weights.behavior * max(0.0, misdeeds) ** 2

    def grafted(self, peer: Address, topic: str) -> None:
        """Note that a mesh link begins."""
        record = self._record(peer, topic)
        record.grafted_s, record.delivered = self.node.ctx.now(), 0.0

    def pruned(self, peer: Address, topic: str) -> None:
        """Note that a mesh link ends, and remember its deficit."""
        record = self._record(peer, topic)
        record.deficit_past += self._deficit(record) ** 2
        record.grafted_s = None

    def delivered(self, peer: Address, topic: str, *, is_first: bool) -> None:
        """Count a message that a peer brought."""
        record, weights = self._record(peer, topic), self.weights
        if is_first:
            record.first = min(weights.first_cap, record.first + 1)
        if record.grafted_s is not None:
            record.delivered = min(weights.mesh_cap, record.delivered + 1)

    def invalid(self, peer: Address, topic: str) -> None:
        """Count a message that no honest peer would bring."""
        self._record(peer, topic).invalid += 1

    def misbehaved(self, peer: Address) -> None:
        """Count a broken rule of the protocol."""
        self._misdeeds[peer] = self._misdeeds.get(peer, 0.0) + 1

    def heartbeat(self) -> None:
        """Let counters fade, and forget peers that are gone and owe nothing."""
        for records in self._topics.values():
            for record in records.values():
                for name in ("first", "delivered", "deficit_past", "invalid"):
                    setattr(record, name, self._faded(getattr(record, name)))
        self._misdeeds = {
            p: c for p, m in self._misdeeds.items() if (c := self._faded(m))
        }
        for peer in [one for one in self._topics if one not in self.node.links]:
            if self.of(peer) >= 0:
                del self._topics[peer]

    def _on_topic(self, record: TopicRecord) -> float:
        weights, in_mesh_s = self.weights, 0.0
        if record.grafted_s is not None:
            in_mesh_s = self.node.ctx.now() - record.grafted_s
        time = min(weights.time_cap, in_mesh_s / weights.time_quantum_s)
        return (
            weights.time * time
            + weights.first * record.first
            + weights.deficit * self._deficit(record) ** 2
            + weights.deficit_past * record.deficit_past
            + weights.invalid * record.invalid**2
        )

    def _deficit(self, record: TopicRecord) -> float:
        """Return how many deliveries a mesh link of some age is short of."""
        if record.grafted_s is None:
            return 0.0
        age_s = self.node.ctx.now() - record.grafted_s
        if age_s < self.weights.activation_s:
            return 0.0
        return max(0.0, self.weights.deliveries_wanted - record.delivered)

    def _record(self, peer: Address, topic: str) -> TopicRecord:
        return self._topics.setdefault(peer, {}).setdefault(topic, TopicRecord())

    def _faded(self, value: float) -> float:
        value *= self.weights.decay
        return value if value >= self.weights.decay_to_zero else 0.0
