"""Sybil: one attacker, many identities, all of them beside the key it is after.

What it shows: nobody can tell whether two ids are two people. Where an id may be any
number, an attacker has a thousand for the price of one, and puts them where it likes:
its ids share `near_bits` leading bits with the key, and a network of n nodes has an
honest one that shares about log2(n). So all k places nearest to the key are its own.
Under BEP 42 an id must come from the address: eight places fit each, one in every
eighth of the id space, and the nearest is taken. That is grinding, and gets three bits.
These ones behave: they join, answer and store as anybody does. See ``eclipse.py``.
Source: J. Douceur, "The Sybil Attack", IPTPS 2002; L. Wang and J. Kangasharju measured
some 300,000 of them in the Mainline DHT in 2012.
Defense: ``kademlia/bep42.py``, and ``kademlia/hardened.py`` for one place a /24.
Read next: ``eclipse.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar, cast

from msgspec import Meta

from p2pkit.attacks.budget import Budgeted
from p2pkit.core import Address, Contact, Context, Rng
from p2pkit.protocols.kademlia import Kademlia, KademliaConfig
from p2pkit.protocols.kademlia.bep42 import id_prefix
from p2pkit.protocols.kademlia.distance import ID_BITS
from p2pkit.protocols.kademlia.upkeep import Upkeep

BEP42_BITS = 21


class SybilConfig(KademliaConfig, frozen=True, kw_only=True):
    """What can be set about an attacker, beside the settings that all nodes have.

    Parameters
    ----------
    target : int
        The key that it is after, of 160 bits.
    near_bits : int
        Leading bits that its ids share with the key; 40 is nearer than any honest
        node comes by chance, in a network of less than a million million.
    messages_hz : float
        Messages a second that each identity may send.
    """

    target: int = 0
    near_bits: Annotated[int, Meta(ge=0, le=ID_BITS)] = 40
    messages_hz: Annotated[float, Meta(gt=0.0)] = 100.0


class Lurking(Upkeep):
    """The upkeep of who wants to be known beside a key, and nowhere else."""

    def refresh(self, on_end: Callable[[], None], near: bool = True) -> None:
        """Look ourselves up again: the nodes around the key then know us."""
        if near:
            self.find(self.node.ctx.me.id, lambda _: on_end())
        else:
            on_end()


class Sybil(Kademlia):
    """One identity of the attacker."""

    is_attacker: ClassVar[bool] = True
    Config: ClassVar[type[SybilConfig]] = SybilConfig

    def __init__(self, ctx: Context, config: SybilConfig | None = None) -> None:
        self.budget = Budgeted(ctx, self.Config.of(config).messages_hz)
        super().__init__(self.budget, config)
        self.upkeep = Lurking(self)
        self.plan = cast("SybilConfig", self.config)
        self.fellows: list[Contact] = []  # the other identities, nearest first

    @staticmethod
    def choose_id(
        rng: Rng, address: Address, config: KademliaConfig | None = None
    ) -> int:
        """Return an id beside the key, or the nearest that may be at `address`."""
        plan = config if isinstance(config, SybilConfig) else SybilConfig()
        if plan.bep42:
            return ground_id(address[0], plan.target)
        return plan.target ^ rng.getrandbits(ID_BITS - plan.near_bits)

    def conspire(self, fellows: Sequence[Contact]) -> None:
        """Be told of the other identities; that costs no message."""
        others = [one for one in fellows if one.id != self.ctx.me.id]
        self.fellows = sorted(others, key=lambda one: one.id ^ self.plan.target)

    def inspect(self) -> dict[str, Any]:
        """Return the tables as plain data, the role, and what the attack has cost."""
        cost = {"spent": self.budget.spent, "refused": self.budget.refused}
        return {**super().inspect(), "role": "attacker", **cost}


def ground_id(host: str, target: int) -> int:
    """Return that of the eight places which BEP 42 allows `host` that is nearest.

    Each has its first 21 bits from the address and 3 bits of its last byte; the rest
    is free, and taken from the target. The hash is linear, so the eight differ by the
    same numbers at every address, and by their first three bits: one of them always
    shares just these with the target, and by chance more.
    """
    free_bits = ID_BITS - BEP42_BITS
    rest = target & ((1 << free_bits) - 1)
    firsts = ((r, id_prefix(host, r) >> 32 - BEP42_BITS) for r in range(8))
    ids = (first << free_bits | rest & ~7 | r for r, first in firsts)
    return min(ids, key=lambda one: one ^ target)
