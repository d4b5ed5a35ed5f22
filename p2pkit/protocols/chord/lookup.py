"""Lookup: the walk to the node a key belongs to, as an object that is stepped.

What it shows: ask the nearest node known *before* the key for nearer ones; the last
one knows who *follows* the key; and that one is asked too, for it may be dead or may
know a newcomer between. Whoever is late gives way to the next best, whoever fails is
gone around, so a lookup survives as long as it knows one living way.
Source: I. Stoica et al., "Chord", ToN 2003, sections 4.3 and 5.3.
Read next: ``peers.py``, ``walk.py``, ``node.py``.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence

from p2pkit.core import Contact, Step
from p2pkit.protocols.chord.candidates import Candidate, State
from p2pkit.protocols.chord.ring import Ring


class Lookup:
    """The walk of `own` to the node that follows `key`.

    Parameters
    ----------
    joins : bool
        Whether `own` is not on the ring yet, so that nobody can mean it.
    limit : int
        Requests at most: somebody may lead us on.
    """

    def __init__(
        self, ring: Ring, key: int, own: Contact, joins: bool = False, limit: int = 200
    ) -> None:
        self.ring, self.key, self.own, self.joins = ring, key, own, joins
        self.limit, self.done = limit, False
        self.owner: Contact | None = None
        self.followers: tuple[Contact, ...] = ()  # of the owner, by its own account
        self.before: list[tuple[int, int]] = []  # (way to the key, id), nearest first
        self.after: list[tuple[int, int]] = []  # (way from the key, id)
        self.candidates: dict[tuple[int, bool], Candidate] = {}
        self.asked: list[Candidate] = []  # in order of asking: the trace
        self.failed: set[int] = set()  # before or after the key, dead is dead

    def add(self, contacts: Sequence[Contact], follows: bool, hop: int = 1) -> None:
        """Take in candidates; those of our own tables are at hop 1."""
        for one in contacts:
            name = (one.id, follows)
            ours = one == self.own
            if name in self.candidates or (ours and (self.joins or not follows)):
                continue
            self.candidates[name] = candidate = Candidate(one, hop, follows)
            if follows:
                insort(self.after, (self.ring.gap(self.key, one.id), one.id))
            else:
                insort(self.before, (self.ring.gap(one.id, self.key), one.id))
            if ours:  # nobody has to tell us that we are here
                candidate.state = State.ANSWERED

    def step(self, now: float) -> Candidate | None:
        """Return whom to ask now, or None: wait, or it is `done`."""
        nearest = self._nearest_before()
        if nearest is None or nearest.state is State.ANSWERED:
            nearest = self._first_after()
            if nearest is None:
                self.done = not self._waits()
                return None
            if nearest.state is State.ANSWERED:
                self.done, self.owner = True, nearest.contact
                return None
        if nearest.state is not State.HEARD:
            return None
        if len(self.asked) == self.limit:
            self.done = True
            return None
        nearest.state, nearest.asked_s = State.ASKED, now
        self.asked.append(nearest)
        return nearest

    def on_nearer(
        self,
        peer: Candidate,
        before: Sequence[Contact],
        after: Sequence[Contact],
        now: float,
    ) -> None:
        """Hear whom a peer before the key names."""
        self._answered(peer, [one.id for one in (*before, *after)], now)
        self.add(before, follows=False, hop=peer.hop + 1)
        self.add(after, follows=True, hop=peer.hop + 1)

    def on_links(
        self,
        peer: Candidate,
        predecessor: Contact | None,
        successors: Sequence[Contact],
        now: float,
    ) -> None:
        """Hear that a peer after the key is there, and who stands before it."""
        before = [predecessor] if predecessor is not None else []
        self._answered(peer, [one.id for one in before], now)
        self.followers = tuple(successors)
        gap = self.ring.gap(self.key, peer.contact.id)
        newcomers = [one for one in before if self.ring.gap(self.key, one.id) < gap]
        self.add(newcomers, True, peer.hop + 1)

    def on_slow(self, peer: Candidate) -> None:
        """Hear that a peer is late."""
        peer.state = State.SLOW

    def on_failure(self, peer: Candidate, now: float) -> None:
        """Hear that a peer did not answer in time, or refused."""
        peer.state, peer.ended_s = State.FAILED, now
        self.failed.add(peer.contact.id)

    def steps(self) -> tuple[Step, ...]:
        """Return the trace: every request, in order of asking."""
        words = {State.ANSWERED: "answered", State.FAILED: "failed"}
        return tuple(
            Step(c.contact.id, c.hop, c.asked_s, c.ended_s, word, c.returned)
            for c in self.asked
            for word in [words.get(c.state, "unanswered")]
        )

    def _nearest_before(self) -> Candidate | None:
        """Return the best of those before the key; one whose way on is dead is none."""
        leads_on = self._first_after() is not None
        for _, node_id in self.before:
            candidate = self.candidates[node_id, False]
            if node_id in self.failed:
                continue
            if candidate.state in (State.HEARD, State.ASKED):
                return candidate
            if candidate.state is State.ANSWERED and leads_on:
                return candidate
        return None

    def _first_after(self) -> Candidate | None:
        for _, node_id in self.after:
            if node_id not in self.failed:
                return self.candidates[node_id, True]
        return None

    def _waits(self) -> bool:
        waiting = (State.ASKED, State.SLOW)
        return any(one.state in waiting for one in self.asked)

    def _answered(self, peer: Candidate, named: Sequence[int], now: float) -> None:
        peer.state, peer.ended_s, peer.returned = State.ANSWERED, now, tuple(named)
