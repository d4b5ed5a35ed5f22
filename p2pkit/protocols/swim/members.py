"""Members: what one node believes of every other, and which claim outweighs which.

What it shows: an incarnation is a number that a member alone raises, so of two claims
the one at the higher incarnation is the newer. At equal incarnations the worse news
wins, else a suspicion could never spread past the good news it corrects. The whole of
that is the table `LEAST_LEAD`.
Source: SWIM, section 4.2; unlike there, a member that was dead may come back at a
higher incarnation, as in memberlist, or a partition would never heal.
Read next: ``beliefs.py``.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from p2pkit.core import Address, Contact, RemoteProtocolError, Rng
from p2pkit.protocols.swim.messages import Alive, Claim, Dead, Entry, Suspect


class State(enum.StrEnum):
    """What a node believes of a member."""

    ALIVE = "alive"
    """It answers, as far as anybody has said."""

    SUSPECT = "suspect"
    """Somebody had no answer; it is given time to say that it is there."""

    DEAD = "dead"
    """Nobody heard from it in that time."""

    LEFT = "left"
    """It said goodbye itself."""


STATES: Final = tuple(State)
"""In the order of their numbers on the wire."""

LEAST_LEAD: Final[dict[type, dict[State, int]]] = {
    Alive: {State.ALIVE: 1, State.SUSPECT: 1, State.DEAD: 1, State.LEFT: 1},
    Suspect: {State.ALIVE: 0, State.SUSPECT: 1},
    Dead: {State.ALIVE: 0, State.SUSPECT: 0},
}
"""By how much a claim's incarnation must lead to outweigh what is believed."""

TRIES: Final = 4  # members looked at for each that is wanted, before all are


@dataclass(slots=True)
class Member:
    """One other node, as we see it."""

    name: str
    contact: Contact
    incarnation: int
    state: State
    changed_s: float
    meta: bytes = b""
    vsn: bytes = b""

    @property
    def address(self) -> Address:
        """Where it listens."""
        return self.contact.address

    @property
    def is_up(self) -> bool:
        """Whether it is not given up: alive, or a suspect."""
        return self.state is State.ALIVE or self.state is State.SUSPECT

    def entry(self) -> Entry:
        """Return what we tell others about it."""
        number, state = self.incarnation, STATES.index(self.state)
        return Entry(self.name, self.address, self.meta, number, state, self.vsn)


def outweighs(claim: Claim, member: Member) -> bool:
    """Tell whether a claim is news, or bad enough news, about a member."""
    lead = LEAST_LEAD[type(claim)].get(member.state)
    return lead is not None and claim.incarnation - member.incarnation >= lead


class Members:
    """Everybody we know of but ourselves, by name, in an order that chance made."""

    def __init__(self, rng: Rng, limit: int) -> None:
        self.rng, self.limit = rng, limit
        self.by_name: dict[str, Member] = {}
        self.order: list[Member] = []  # in which they are probed
        self.at: Counter[Address] = Counter()  # how many of them are at an address
        self.up = 0  # how many are not given up

    def __iter__(self) -> Iterator[Member]:
        return iter(self.order)

    def add(self, member: Member) -> None:
        """Take a new member up, at a random place; the longest dead makes room."""
        if len(self.order) >= self.limit:
            gone = [one for one in self.order if not one.is_up]
            if not gone:
                reason = "too many members"
                raise RemoteProtocolError(reason)
            self.forget(min(gone, key=lambda one: one.changed_s))
        self.by_name[member.name] = member
        self.order.insert(self.rng.randrange(len(self.order) + 1), member)
        self.at[member.address] += 1
        self.up += member.is_up

    def forget(self, member: Member) -> None:
        """Know nothing of a member any more."""
        del self.by_name[member.name]
        self.order.remove(member)
        self._leave_address(member)
        self.up -= member.is_up

    def forget_before(self, oldest_s: float) -> None:
        """Forget who was given up, or left, before a time."""
        for one in [m for m in self if not m.is_up and m.changed_s < oldest_s]:
            self.forget(one)

    def change(self, member: Member, state: State, number: int, now: float) -> None:
        """Believe something new of a member."""
        self.up += (state in (State.ALIVE, State.SUSPECT)) - member.is_up
        member.state, member.incarnation, member.changed_s = state, number, now

    def move(self, member: Member, address: Address) -> None:
        """Reach a member elsewhere from now on."""
        self._leave_address(member)
        member.contact = Contact(member.contact.id, address)
        self.at[address] += 1

    def some(self, count: int, fits: Callable[[Member], bool]) -> list[Member]:
        """Return up to `count` of the members that fit, chosen at random."""
        picked = self.rng.choices(self.order, k=TRIES * count) if self.order else []
        found = [*{one.name: one for one in picked if fits(one)}.values()]
        if len(found) < count:
            fitting = [one for one in self.order if fits(one)]
            return self.rng.sample(fitting, min(count, len(fitting)))
        return found[:count]

    def _leave_address(self, member: Member) -> None:
        self.at[member.address] -= 1
        if not self.at[member.address]:
            del self.at[member.address]
