"""Maglev hashing: nodes take turns at filling a table, each by its own order.

What it shows: nodes that choose in turn end up with equal numbers of places, to
within one, and a key is found in one step. A place that was not taken from
anybody mostly goes to the same node as before, so little more moves than has to;
but a little more does, which the ring and rendezvous never do.
Source: D. Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load
Balancer", NSDI 2016, section 3.4.
Read next: ``measure.py``, which puts all five side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Self

from p2pkit.core import LocalProtocolError
from p2pkit.protocols.hashing.placement import Key, Placement, hash_of

PLACES = 65_537
"""Places of a small table (section 5.3); a prime, so that every step visits all."""


class Maglev(Placement):
    """Keys by the place of a table that they fall on; order does not matter.

    Parameters
    ----------
    nodes : iterable of str
        Names; at most `places` of them.
    places : int
        Length of the table, a prime. A hundred times the number of nodes keeps shares
        within 1 % of each other.

    Raises
    ------
    LocalProtocolError
        If `places` is not a prime, or less than the number of nodes.
    """

    def __init__(self, nodes: Iterable[str], places: int = PLACES) -> None:
        super().__init__(nodes)
        if not _is_prime(places) or places < len(self.nodes):
            reason = f"a table of {places} places does not do for {len(self.nodes)} "
            reason += "nodes: take a prime, at least as many, better 100 times as many"
            raise LocalProtocolError(reason)
        self.places = places
        self.table = _fill(sorted(self.nodes), places)

    def owner(self, key: Key) -> str:
        """Return the node that took the place of the key."""
        return self.table[hash_of(key) % self.places]

    def with_nodes(self, nodes: Iterable[str]) -> Self:
        """Return the same over other nodes."""
        return type(self)(nodes, self.places)


def _fill(nodes: list[str], places: int) -> list[str]:
    """Let nodes choose in turn until every place is taken."""
    table = [""] * places
    wishes = [(node, _order(node, places)) for node in nodes]
    left = places
    while True:
        for node, wish in wishes:
            table[next(place for place in wish if not table[place])] = node
            left -= 1
            if not left:
                return table


def _order(node: str, places: int) -> Iterator[int]:
    """Yield every place once, in the order in which a node would have them."""
    place = hash_of(f"offset/{node}") % places
    skip = hash_of(f"skip/{node}") % (places - 1) + 1
    for _ in range(places):
        yield place
        place = (place + skip) % places


def _is_prime(number: int) -> bool:
    divisors = range(2, int(number**0.5) + 1)
    return number > 1 and all(number % divisor for divisor in divisors)
