"""Disjoint lookups: several walks to one key that have no peer in common.

What it shows: a walk believes whom it asks, so one liar on the way may lead it astray;
but liars on one path tell nothing to another. With a share m of bad nodes and h hops a
path is good with odds ``(1 - m) ** h``, and one of d good with odds
``1 - (1 - (1 - m) ** h) ** d``.
Differs from ``lookup.py``: the first candidates are dealt out to d paths; what a peer
names is a candidate on its own path alone; no peer is asked on two. A path ends when
the k nearest that it knows have answered, to itself or to another path: so d paths
that agree ask few more than one, and one led astray does not end the others.
Where it breaks: whoever *is* nearest to the key is at the end of every path.
Source: I. Baumgart and S. Mies, "S/Kademlia", ICPADS 2007, section 4.3; there each
path goes on until it has k of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from p2pkit.core import Contact
from p2pkit.protocols.kademlia.config import KademliaConfig
from p2pkit.protocols.kademlia.hardened import make_path, thinned
from p2pkit.protocols.kademlia.lookup import Candidate, Lookup


class DisjointLookup(Lookup):
    """A walk of d paths; from outside, one `Lookup`.

    Parameters
    ----------
    paths : sequence of Lookup
        One lookup for each path, to the same target.
        The result has at most `max_per_net` contacts of one /24, each path its own.
    """

    def __init__(
        self, target: int, own: Contact, config: KademliaConfig, paths: Sequence[Lookup]
    ) -> None:
        super().__init__(target, own, config.k, config.alpha)
        self.paths, self.max_per_net = paths, config.max_per_net
        self.owners: dict[int, Lookup] = {}  # which path asked a peer, by distance
        self.dealt = 0

    def add(self, contacts: Iterable[Contact], hop: int = 1) -> None:
        """Deal candidates out to the paths, each to one."""
        for contact in contacts:
            gap = contact.id ^ self.target
            known = gap in self.owners or any(gap in one.order for one in self.paths)
            if not known:
                self.paths[self.dealt % len(self.paths)].add([contact], hop)
                self.dealt += 1

    def step(self, now: float) -> list[Candidate]:
        """Return whom to ask now, on any path; `done` when all paths have ended."""
        ask: list[Candidate] = []
        for path in self.paths:
            self._note_others(path)
            asked = path.step(now)
            self.owners |= {self._gap(one): path for one in asked}
            ask += asked
        self.asked += ask
        self.done = all(path.done for path in self.paths)
        return ask

    def on_reply(self, peer: Candidate, named: Sequence[Contact], now: float) -> None:
        """Hear an answer: what it names is a candidate on its own path alone."""
        self._path_of(peer).on_reply(peer, named, now)

    def on_slow(self, peer: Candidate) -> None:
        """Hear that a peer is late."""
        self._path_of(peer).on_slow(peer)

    def on_failure(self, peer: Candidate, now: float) -> None:
        """Hear that a peer did not answer in time, or refused."""
        self._path_of(peer).on_failure(peer, now)

    def closest(self) -> list[Candidate]:
        """Return the k nearest that answered, nearest first.

        Each path names k / d of them, and only the rest are the nearest of all: or
        liars on one path, who may be as near as they like, would have all places.
        """
        ends = [path.closest() for path in self.paths]
        share = self.k // len(ends)
        first = self._nearest([one for end in ends for one in end[:share]])
        rest = self._nearest([one for end in ends for one in end])
        chosen = dict.fromkeys(gap for near in (first, rest) for gap in near)
        near = thinned((rest[gap] for gap in chosen), self.max_per_net)[: self.k]
        return sorted(near, key=self._gap)

    def _note_others(self, path: Lookup) -> None:
        """Note on a path what became of its candidates that another one has asked."""
        for gap, owner in self.owners.items():
            if owner is not path and gap in path.candidates:
                path.candidates[gap].state = owner.candidates[gap].state

    def _path_of(self, peer: Candidate) -> Lookup:
        return self.owners[self._gap(peer)]

    def _gap(self, peer: Candidate) -> int:
        return peer.contact.id ^ self.target

    def _nearest(self, peers: Iterable[Candidate]) -> dict[int, Candidate]:
        """Return peers by their distance, nearest first, each once."""
        return dict(sorted({self._gap(one): one for one in peers}.items()))


def make_lookup(
    target: int, own: Contact, config: KademliaConfig, alpha: int | None = None
) -> Lookup:
    """Return the lookup that the settings ask for.

    Parameters
    ----------
    alpha : int, optional
        Requests in flight of a walk that only refreshes: one path will do for it.
    """
    k, d = config.k, config.paths
    if alpha is not None or d == 1:
        return make_path(target, own, k, alpha or config.alpha, config)
    each = max(1, config.alpha // d)
    paths = [make_path(target, own, k, each, config) for _ in range(d)]
    return DisjointLookup(target, own, config, paths)
