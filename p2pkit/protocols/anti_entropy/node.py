"""Anti-entropy: call a random peer now and then, and make up the difference.

What it shows: what one round does not mend a later one does, so no update is missed
for good. A round costs its calls even when nothing is new; rumors run ahead of it.
Source: Demers et al., "Epidemic Algorithms for Replicated Database Maintenance",
PODC 1987, section 1.3. Simplified: deletions are kept for ever (their death
certificates are not aged).
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from itertools import chain, islice
from typing import Any, ClassVar

from p2pkit.core import Address, Context, MsgpackCodec, RemoteProtocolError
from p2pkit.protocols.anti_entropy.config import AntiEntropyConfig
from p2pkit.protocols.anti_entropy.merges import MICROSECONDS, latest, merge_of
from p2pkit.protocols.anti_entropy.messages import (
    WRITER_BYTES,
    Digest,
    Summary,
    Updated,
    Version,
    Versions,
    Want,
    paged,
)
from p2pkit.protocols.anti_entropy.store import Store
from p2pkit.protocols.rounds import Rounds

ASKED = 2
"""Peers called last, whose digests are still heard."""


class AntiEntropy(Rounds):
    """One node, and its copy of all data."""

    codec: ClassVar[MsgpackCodec] = MsgpackCodec(Summary, Digest, Want, Versions)
    Config = AntiEntropyConfig
    config: AntiEntropyConfig

    def __init__(self, ctx: Context, config: AntiEntropyConfig) -> None:
        super().__init__(ctx, config)
        # Who comes back without a disk does not know how far it had counted, and so
        # is another writer.
        name = b"%d/%r" % (ctx.me.id, ctx.now())
        writer = blake2b(name, digest_size=WRITER_BYTES).digest()
        self.store = Store(merge_of(config), writer, config.max_keys)
        self.calls = self.wants = 0  # answered in this round
        self.asked: list[Address] = []

    def put(self, key: bytes, value: bytes) -> None:
        """Write a value, in place of all that stand here under its key."""
        self._write(key, value)

    def delete(self, key: bytes) -> None:
        """Delete a key; all must hear of it, so the key itself is kept."""
        self._write(key, None)

    def get(self, key: bytes) -> tuple[bytes, ...]:
        """Return the values that stand: none, one, or several of a disagreement."""
        values = (one.value for one in self.store.standing.get(key, ()))
        return tuple(value for value in values if value is not None)

    def inspect(self) -> dict[str, Any]:
        """Return the values that stand, by key in hexadecimal; deleted ones too."""
        return {
            "data": {
                key.hex(): [version.value for version in standing]
                for key, standing in sorted(self.store.standing.items())
            }
        }

    def save(self) -> bytes:
        """Keep everything."""
        return self.store.save()

    def restore(self, saved: bytes) -> None:
        """Take up what `save` returned."""
        self.store.restore(saved)

    def receive(self, sender: Address, message: Any) -> None:
        """Handle one message."""
        match message:
            case Summary():
                self._on_summary(sender, message)
            case Digest():
                self._on_digest(sender, message)
            case Want():
                self._on_want(sender, message)
            case Versions():
                for key, version in message.versions:
                    self._take(key, version, sender)

    def on_round(self) -> None:
        """Call a random peer."""
        self.calls = self.wants = 0
        if self.view:
            peer = self.pick()
            self.asked = [peer, *self.asked[: ASKED - 1]]
            self.ctx.send(peer, Summary(self.store.sums()))

    def _on_summary(self, sender: Address, message: Summary) -> None:
        if self.calls >= self.config.max_calls:
            raise RemoteProtocolError("too many calls in one round")  # noqa: EM101, TRY003
        self.calls += 1
        buckets = self.store.differing(message.sums)
        self.ctx.rng.shuffle(buckets)  # or one that stays different delays the rest
        parts = chain.from_iterable(map(self.store.parts, buckets))
        for page in islice(paged(parts), self.config.max_pages):
            self.ctx.send(sender, Digest(page))

    def _on_digest(self, sender: Address, message: Digest) -> None:
        if sender not in self.asked:
            raise RemoteProtocolError("digest that nobody asked for")  # noqa: EM101, TRY003
        tells, clock = self.store.merge.tells, self.store.clock
        theirs = {key: their for part in message.parts for key, their in part.clocks}
        if self.config.mode != "pull":
            held = chain.from_iterable(map(self.store.span, message.parts))
            give = (key for key in held if tells(clock(key), theirs.get(key, ())))
            self._send_versions(sender, give)
        if self.config.mode != "push":
            want = (key for key, their in theirs.items() if tells(their, clock(key)))
            for page in paged(want):
                self.ctx.send(sender, Want(page))

    def _on_want(self, sender: Address, message: Want) -> None:
        if self.wants >= self.config.max_calls * self.config.max_pages:
            raise RemoteProtocolError("too many wants in one round")  # noqa: EM101, TRY003
        self.wants += 1
        self._send_versions(sender, message.keys)

    def _send_versions(self, peer: Address, keys: Iterable[bytes]) -> None:
        for page in islice(paged(self.store.versions(keys)), self.config.max_pages):
            self.ctx.send(peer, Versions(page))

    def _take(self, key: bytes, version: Version, sender: Address) -> None:
        ahead_s = latest(version.clock) / MICROSECONDS - self.ctx.now()
        if self.config.merge == "last-writer" and ahead_s > self.config.max_skew_s:
            raise RemoteProtocolError("version from the future")  # noqa: EM101, TRY003
        if not self.store.has_room(key):
            raise RemoteProtocolError("store is full")  # noqa: EM101, TRY003
        if self.store.take(key, version):
            self.ctx.emit(Updated(key, sender))

    def _write(self, key: bytes, value: bytes | None) -> None:
        self.store.write(key, value, self.ctx.now())
        self.ctx.emit(Updated(key, None))
