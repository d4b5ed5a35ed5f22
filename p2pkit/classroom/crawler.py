"""A crawler: it asks peer after peer whom they know, and reckons what it has missed.

No crawl sees everything. Some peers are not asked, or do not answer, and whoever is
known to those alone is never named. But peers that did answer have told how many they
are linked to, and so how likely it was that somebody names them. The rest is division.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from p2pkit.core import Address, P2PError, format_address
from p2pkit.core.driver import seeded
from p2pkit.observe.extras import load

if TYPE_CHECKING:
    import networkx as nx

Ask = Callable[[Address], Iterable[Address]]
"""Asks a peer who its neighbors are; raises a `P2PError` if it does not answer."""


@dataclass(frozen=True)
class Crawl:
    """What a crawl has seen.

    Parameters
    ----------
    answers : dict
        Each peer that answered, and whom it named, in the order of asking.
    silent : tuple of Address
        Peers that were asked and did not answer.
    named : tuple of Address
        Every peer that was named by anybody, those that answered included.
    """

    answers: dict[Address, tuple[Address, ...]]
    silent: tuple[Address, ...]
    named: tuple[Address, ...]

    def size(self) -> float:
        """Return how many peers there are, those that nobody named reckoned in.

        If a neighbor answers with chance p, a peer with d links is named unless none of
        its neighbors does: with odds 1 - (1 - p)**d. So each stands for 1 / odds of its
        kind. What p is those tell that were named: of their neighbors a share has
        answered, which would be p, had not at least one of them had to.

        Links must go both ways, and whether a peer answers must not depend on how
        many it has.

        References
        ----------
        .. [1] D. Horvitz, D. Thompson, "A generalization of sampling without
           replacement from a finite universe", JASA 47 (1952).
        .. [2] L. Wang, J. Kangasharju, "Measuring large-scale distributed systems:
           case of BitTorrent Mainline DHT", P2P 2013, who correct a crawl likewise.

        Examples
        --------
        >>> star = {("hub", 1): tuple((f"n{i}", 1) for i in range(9))}
        >>> Crawl(star, (), (*star, *star[("hub", 1)])).size()
        10.0
        """
        _, *others = self.answers.values()  # the first was not named, but given
        told = [len(named) for named in others if named]
        if not told:
            return float(len(self.named))
        heard = (sum(one in self.answers for one in named) for named in others if named)
        share = fmean(some / all_ for some, all_ in zip(heard, told, strict=True))
        chance = _chance(told, share)
        return len(self.named) * fmean(1 / _odds(chance, links) for links in told)

    def graph(self) -> nx.Graph[str]:
        """Return who is linked to whom, as far as it was told."""
        graph: nx.Graph[str] = load("networkx", "view").Graph()
        graph.add_nodes_from(map(format_address, self.named))
        for peer, others in self.answers.items():
            here = format_address(peer)
            graph.add_edges_from((here, format_address(other)) for other in others)
        return graph


def crawl(
    ask: Ask,
    start: Address,
    share: float = 1.0,
    seed: int | str = 0,
    most: int = 100_000,
) -> Crawl:
    """Ask `start`, and then a share of those it names, and of those they name.

    Parameters
    ----------
    ask : callable
        Asks one peer.
    start : Address
        Who is asked first.
    share : float
        Chance that a peer is asked that has been named, above 0 and up to 1.
    seed : int or str
        Starts the generator that tosses for each.
    most : int
        Peers that are asked at most.
    """
    rng = seeded(seed, "crawl")
    named: dict[Address, None] = {start: None}
    answers: dict[Address, tuple[Address, ...]] = {}
    silent: list[Address] = []
    todo = deque([start])
    while todo and len(answers) + len(silent) < most:
        peer = todo.popleft()
        try:
            answers[peer] = tuple(dict.fromkeys(ask(peer)))
        except P2PError:
            silent.append(peer)
            continue
        for other in answers[peer]:
            if other not in named:
                named[other] = None
                if rng.random() < share:
                    todo.append(other)
    return Crawl(answers, tuple(silent), tuple(named))


def _odds(chance: float, links: int) -> float:
    """Return how likely it is that a peer with so many links is named."""
    return -math.expm1(links * math.log1p(-chance)) if chance < 1 else 1.0


def _chance(told: Sequence[int], share: float) -> float:
    """Return the chance that explains a share of neighbors that answered.

    Among those that at least one neighbor has named, `chance / odds` is the share to
    be expected; it grows with the chance, so halving intervals finds it.
    """
    low, high = 1e-9, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if fmean(middle / _odds(middle, links) for links in told) < share:
            low = middle
        else:
            high = middle
    return high
