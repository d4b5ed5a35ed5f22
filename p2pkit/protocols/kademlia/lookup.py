"""Lookup: the walk toward a key, as an object that is stepped.

What it shows: keep alpha requests in flight to the nearest candidates not yet asked;
each answer names nearer ones; end when the k nearest, leaving out those that failed,
*have all answered*. A slow peer gives its slot to the next but may still answer, so
the walk never waits for the slowest of a round.
Source: "Kademlia", IPTPS 2002, section 2.3, with loose instead of strict parallelism.
Read next: ``messages.py``, then ``node.py``.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Sequence
from enum import Enum

from p2pkit.core import Address, Contact, Step

MOST_IDS = 2  # at one address: the one before a restart, and the one after


class State(Enum):
    """What we know of a candidate."""

    HEARD = "somebody named it; not asked yet"
    ASKED = "asked, the answer may come any moment"
    SLOW = "asked, and late: its slot went to another"
    ANSWERED = "answered"
    FAILED = "did not answer in time, or refused"


class Candidate:
    """A peer on the way to the target."""

    __slots__ = ("asked_s", "contact", "ended_s", "hop", "returned", "state")

    def __init__(self, contact: Contact, hop: int) -> None:
        self.contact, self.hop, self.state = contact, hop, State.HEARD
        self.asked_s = self.ended_s = 0.0
        self.returned: tuple[int, ...] = ()


class Lookup:
    """The walk of the node `own` toward the key `target`.

    Parameters
    ----------
    k, alpha : int
        How many must answer; how many are asked at a time.
    limit : int
        Candidates remembered, and requests in all: ten times what is usual.
    """

    def __init__(
        self,
        target: int,
        own: Contact,
        k: int,
        alpha: int,
        limit: int = 100,
    ) -> None:
        self.target, self.own, self.k, self.alpha = target, own, k, alpha
        self.limit = max(limit, 4 * k)
        self.candidates: dict[int, Candidate] = {}  # by distance, which is unique
        self.order: list[int] = []  # the distances, nearest first
        self.ids_at: dict[Address, int] = {}
        self.asked: list[Candidate] = []  # in order of asking: the trace
        self.in_flight, self.done = 0, False

    def add(self, contacts: Iterable[Contact], hop: int = 1) -> None:
        """Take in candidates; those of our own table are at hop 1."""
        candidates, target, own = self.candidates, self.target, self.own
        for contact in contacts:
            gap = contact.id ^ target
            ours = contact.id == own.id or contact.address == own.address
            if gap not in candidates and not ours and contact.address[1]:
                there = self.ids_at.get(contact.address, 0)
                if there < MOST_IDS:
                    candidates[gap] = Candidate(contact, hop)
                    self.ids_at[contact.address] = there + 1
                    insort(self.order, gap)
        self._forget_farthest()

    def step(self, now: float) -> list[Candidate]:
        """Return whom to ask now; an empty list and `done` when the walk has ended."""
        ask: list[Candidate] = []
        self.done = True
        for candidate in self._top():
            if candidate.state is State.HEARD:
                if len(self.asked) == self.limit:
                    continue  # somebody leads us on
                if self.in_flight < self.alpha:
                    candidate.state, candidate.asked_s = State.ASKED, now
                    self.in_flight += 1
                    self.asked.append(candidate)
                    ask.append(candidate)
            if candidate.state is not State.ANSWERED:
                self.done = False
        return ask

    def on_reply(self, peer: Candidate, named: Sequence[Contact], now: float) -> None:
        """Hear that a peer answered, and which contacts it named."""
        self._leave_slot(peer)
        named = named[: 2 * self.k]  # nobody may crowd out what others named
        peer.state, peer.ended_s = State.ANSWERED, now
        peer.returned = tuple([contact.id for contact in named])
        self.add(named, peer.hop + 1)

    def on_slow(self, peer: Candidate) -> None:
        """Hear that a peer is late: another one may be asked meanwhile."""
        self._leave_slot(peer)
        peer.state = State.SLOW

    def on_failure(self, peer: Candidate, now: float) -> None:
        """Hear that a peer did not answer in time, or refused."""
        self._leave_slot(peer)
        peer.state, peer.ended_s = State.FAILED, now

    def closest(self) -> list[Candidate]:
        """Return the k nearest candidates that answered, nearest first."""
        return [c for c in self._top() if c.state is State.ANSWERED]

    def steps(self) -> tuple[Step, ...]:
        """Return the trace: every request, in order of asking."""
        words = {State.ANSWERED: "answered", State.FAILED: "failed"}
        return tuple(
            Step(c.contact.id, c.hop, c.asked_s, c.ended_s, word, c.returned)
            for c in self.asked
            for word in [words.get(c.state, "unanswered")]
        )

    def _top(self) -> list[Candidate]:
        top: list[Candidate] = []
        for gap in self.order:
            candidate = self.candidates[gap]
            if candidate.state is not State.FAILED:
                top.append(candidate)
                if len(top) == self.k:
                    break
        return top

    def _forget_farthest(self) -> None:
        for gap in self.order[self.limit :]:
            if self.candidates[gap].state is State.HEARD:
                del self.candidates[gap]
                self.order.remove(gap)

    def _leave_slot(self, peer: Candidate) -> None:
        if peer.state is State.ASKED:
            self.in_flight -= 1
