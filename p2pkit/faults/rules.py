"""Rules: partitions, cuts, losses, and a link model for some packets only."""

from __future__ import annotations

from collections.abc import Iterable

from p2pkit.core import Address
from p2pkit.faults.link import require_odds, resend_delay_s
from p2pkit.faults.packet import Chance, Packet, Rule, Verdict

Addresses = Iterable[Address] | None
"""Which nodes, by the address each listens at; None for all of them."""


class Partition:
    """The network falls into groups that do not hear each other.

    Parameters
    ----------
    groups : iterable of iterables of Address
        The parts; a node in none of them talks to everyone.
    """

    def __init__(self, groups: Iterable[Iterable[Address]]) -> None:
        self.groups = tuple(frozenset(group) for group in groups)
        self._group = {
            address: number
            for number, group in enumerate(self.groups)
            for address in group
        }

    def judge(self, packet: Packet, rng: Chance) -> Verdict | None:
        """Drop what crosses from one group to another."""
        source, to = self._group.get(packet.source), self._group.get(packet.to)
        if source is None or to is None or source == to:
            return None
        return Verdict((), "partition")


class OneWayCut:
    """Nothing gets from `sources` to `targets`; the other way all is well."""

    def __init__(self, sources: Addresses, targets: Addresses) -> None:
        self._sources, self._targets = _set_of(sources), _set_of(targets)

    def judge(self, packet: Packet, rng: Chance) -> Verdict | None:
        """Drop what goes the cut way."""
        if _matches(packet, self._sources, self._targets):
            return Verdict((), "one-way cut")
        return None


class Isolate:
    """These nodes send and get nothing, not even among themselves."""

    def __init__(self, addresses: Iterable[Address]) -> None:
        self._addresses = frozenset(addresses)

    def judge(self, packet: Packet, rng: Chance) -> Verdict | None:
        """Drop what comes from or goes to one of them."""
        if packet.source in self._addresses or packet.to in self._addresses:
            return Verdict((), "isolated")
        return None


class Loss:
    """Some packets get lost; the others go on to the next rule.

    Parameters
    ----------
    odds : float
        Probability in ``[0, 1]``; a message on a stream is sent again instead.
    sources, targets : iterable of Address, optional
        Only packets from and to these nodes; all if not given.
    """

    def __init__(
        self, odds: float, sources: Addresses = None, targets: Addresses = None
    ) -> None:
        require_odds("loss", odds)
        self.odds = odds
        self._sources, self._targets = _set_of(sources), _set_of(targets)

    def judge(self, packet: Packet, rng: Chance) -> Verdict | None:
        """Drop a packet with the rule's odds."""
        if not _matches(packet, self._sources, self._targets):
            return None
        if packet.stream:
            delay_s = resend_delay_s(self.odds, rng)
            return Verdict((delay_s,)) if delay_s else None
        return Verdict((), "loss") if rng.random() < self.odds else None


class Only:
    """Another rule, such as a `Link`, for some packets only.

    Parameters
    ----------
    rule : Rule
        What judges the packets that match.
    sources, targets : iterable of Address, optional
        Only packets from and to these nodes; all if not given.
    """

    def __init__(
        self, rule: Rule, sources: Addresses = None, targets: Addresses = None
    ) -> None:
        self.rule = rule
        self._sources, self._targets = _set_of(sources), _set_of(targets)

    def judge(self, packet: Packet, rng: Chance) -> Verdict | None:
        """Ask the other rule about packets that match."""
        if _matches(packet, self._sources, self._targets):
            return self.rule.judge(packet, rng)
        return None


def _set_of(addresses: Addresses) -> frozenset[Address] | None:
    return None if addresses is None else frozenset(addresses)


def _matches(
    packet: Packet,
    sources: frozenset[Address] | None,
    targets: frozenset[Address] | None,
) -> bool:
    return (sources is None or packet.source in sources) and (
        targets is None or packet.to in targets
    )
