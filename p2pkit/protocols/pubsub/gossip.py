"""Gossip beside the mesh: names of recent messages, for those who may have missed one.

What it shows: full messages along few links are cheap and can be cut off; names of
messages to random others are cheaper still, and find a way around.
Source: the libp2p specification of gossipsub 1.0 ("gossip emission", "message cache")
and 1.1 (limits on announcements and requests, broken promises).
Read next: ``score.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from p2pkit.core import Address, RemoteProtocolError
from p2pkit.protocols.pubsub.messages import IHave, IWant, Publish

if TYPE_CHECKING:
    from p2pkit.protocols.pubsub.gossipsub import Gossipsub


class Gossip:
    """The messages of the last rounds, and what is said about them."""

    def __init__(self, node: Gossipsub) -> None:
        self.node, self.ctx, self.config = node, node.ctx, node.config
        # Windows of one round each, the newest first.
        self._windows: list[dict[bytes, Publish]] = [{}]
        self._kept_bytes = 0
        self._heard: dict[Address, int] = {}  # announcements in this round
        self._asked: dict[Address, int] = {}  # ids asked for in this round
        self._resent: dict[tuple[Address, bytes], int] = {}
        self._promises: dict[bytes, tuple[Address, float]] = {}

    def keep(self, number: bytes, message: Publish) -> None:
        """Keep a message for those who will ask."""
        self._promises.pop(number, None)
        if self._kept_bytes + len(message.payload) <= self.config.keep_bytes:
            self._windows[0][number] = message
            self._kept_bytes += len(message.payload)

    def on_ihave(self, sender: Address, message: IHave) -> None:
        """Ask for what we lack, within limits."""
        if message.topic not in self.node.topics.ours:
            return
        self._heard[sender] = self._heard.get(sender, 0) + 1
        if self._heard[sender] > self.config.max_ihave:
            reason = "too many announcements"
            raise RemoteProtocolError(reason)
        asked = self._asked.get(sender, 0)
        wanted = [
            one
            for one in dict.fromkeys(message.ids)
            if one not in self.node.seen and one not in self._promises
        ][: self.config.max_ihave_ids - asked]
        if not wanted:
            return
        self._asked[sender] = asked + len(wanted)
        # One of them, drawn by chance, is the peer's promise: all would be too much
        # to remember, and a liar cannot know which one to keep.
        due_s = self.ctx.now() + self.config.promise_s
        self._promises[self.ctx.rng.choice(wanted)] = sender, due_s
        self.node.links.send(sender, IWant(tuple(wanted)))

    def on_iwant(self, sender: Address, message: IWant) -> None:
        """Send what is asked for, but nothing for ever."""
        for number in dict.fromkeys(message.ids):
            found = self._find(number)
            if found is None:
                continue
            key = sender, number
            self._resent[key] = self._resent.get(key, 0) + 1
            if self._resent[key] > self.config.max_resends:
                reason = "asked too often"
                raise RemoteProtocolError(reason)
            further = msgspec.structs.replace(found, hops=found.hops + 1)
            self.node.links.send(sender, further)

    def heartbeat(self) -> None:
        """Tell some peers what there is, and let what is old go."""
        self._keep_promises()
        for topic in {**self.node.mesh.links, **self.node.mesh.fanout}:
            self._announce(topic)
        self._windows.insert(0, {})
        for window in self._windows[self.config.history :]:
            self._forget(window)
        del self._windows[self.config.history :]
        self._heard.clear()
        self._asked.clear()

    def _announce(self, topic: str) -> None:
        ids = [
            number
            for window in self._windows[: self.config.history_gossip]
            for number, message in window.items()
            if message.topic == topic
        ]
        mesh = self.node.mesh.links.get(topic) or self.node.mesh.fanout.get(topic, {})
        least = self.config.weights.gossip_threshold
        others = [
            peer
            for peer in self.node.topics.peers(topic)
            if peer not in mesh and self.node.score(peer) >= least
        ]
        share = int(self.config.gossip_factor * len(others))
        count = min(len(others), max(self.config.d_lazy, share))
        if ids:
            some = self.ctx.rng.sample(ids, min(len(ids), self.config.max_ihave_ids))
            for peer in self.ctx.rng.sample(others, count):
                self.node.links.send(peer, IHave(topic, tuple(some)))

    def _find(self, number: bytes) -> Publish | None:
        for window in self._windows:
            if number in window:
                return window[number]
        return None

    def _forget(self, window: dict[bytes, Publish]) -> None:
        self._kept_bytes -= sum(len(one.payload) for one in window.values())
        gone = [key for key in self._resent if key[1] in window]
        for key in gone:
            del self._resent[key]

    def _keep_promises(self) -> None:
        now = self.ctx.now()
        for number, (peer, due_s) in list(self._promises.items()):
            if due_s <= now:
                del self._promises[number]
                self.node.scores.misbehaved(peer)
