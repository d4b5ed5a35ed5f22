"""Attackers: what yours begins with, and those that your defenses must withstand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from p2pkit.classroom.labs.lab7_sybil_eclipse.keeper import Keeper
from p2pkit.classroom.labs.lab7_sybil_eclipse.wire import (
    SPEC,
    Config,
    Find,
    Found,
    Store,
    id_at,
    net_of,
)
from p2pkit.core import Address, Contact, Context
from p2pkit.harness.examined import Examined, examined


class Accomplice(Keeper):
    """One identity of an attacker, that still behaves.

    Attributes
    ----------
    target : int or None
        The key that is to vanish.
    fellows : list of Contact
        The other identities.
    """

    def __init__(self, ctx: Context, config: Config) -> None:
        super().__init__(ctx, config)
        self.target: int | None = None
        self.fellows: list[Contact] = []

    def aim(self, target: int, ids: Sequence[int], *addresses: Address) -> None:
        """Be told of the target and of all identities; that costs no message."""
        self.target = target
        every = zip(ids, addresses, strict=True)
        everyone = [Contact(one, (host, port)) for one, (host, port) in every]
        self.fellows = [one for one in everyone if one.id != self.ctx.me.id]


class Mute(Keeper):
    """An attacker that is polite, and knows nothing: no peers, no values."""

    def on_find(self, asker: Contact, find: Find) -> None:
        """Answer with nothing."""
        self.ctx.send(asker.address, Found(find.tid, self.ctx.me.id))

    def on_store(self, asker: Contact, store: Store) -> None:
        """Forget it."""


class Inventor(Keeper):
    """An attacker that behaves until `turns_s`, and then names peers who are not there.

    They fit every rule: each has the id that its address must have, and a /24 of its
    own. But nobody lives there, and a path that believes it waits for them in vain.
    """

    turns_s: ClassVar[float] = 0.0
    TRIES: ClassVar[int] = 400

    def on_find(self, asker: Contact, find: Find) -> None:
        """Answer with inventions beside the key."""
        if self.ctx.now() < self.turns_s:
            super().on_find(asker, find)
            return
        peers = self._invented(find.key)
        self.ctx.send(asker.address, Found(find.tid, self.ctx.me.id, peers))

    def on_store(self, asker: Contact, store: Store) -> None:
        """Forget it."""

    def _invented(self, key: int) -> tuple[Contact, ...]:
        first, second, *_ = self.ctx.me.address[0].split(".")
        draw = self.ctx.rng.randrange
        chosen: dict[str, Contact] = {}
        for _ in range(self.TRIES):
            host = f"{first}.{second}.{draw(256)}.{draw(1, 255)}"
            one = Contact(id_at(host), (host, self.ctx.me.address[1]))
            rival = chosen.setdefault(net_of(host), one)
            chosen[net_of(host)] = min(one, rival, key=lambda it: it.id ^ key)
        near = sorted(chosen.values(), key=lambda one: one.id ^ key)
        return tuple(near[: self.config.k])


def trusted(kind: type[Keeper], **changes: Any) -> type[Examined]:
    """Return one of the kit's own classes as drivers run it, with other settings."""
    return examined(type(kind.__name__, (kind,), changes), SPEC)
