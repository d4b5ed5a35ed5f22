"""Candidates: the peers that a lookup has heard of, and what became of each.

Read next: ``lookup.py``.
"""

from __future__ import annotations

from enum import Enum

from p2pkit.core import Contact


class State(Enum):
    """What we know of a candidate."""

    HEARD = "somebody named it; not asked yet"
    ASKED = "asked, the answer may come any moment"
    SLOW = "asked, and late: another was asked meanwhile"
    ANSWERED = "answered"
    FAILED = "did not answer in time, or refused"


class Candidate:
    """A peer on the way; `follows` if it was named as following the key."""

    __slots__ = ("asked_s", "contact", "ended_s", "follows", "hop", "returned", "state")

    def __init__(self, contact: Contact, hop: int, follows: bool) -> None:
        self.contact, self.hop, self.follows = contact, hop, follows
        self.state, self.asked_s, self.ended_s = State.HEARD, 0.0, 0.0
        self.returned: tuple[int, ...] = ()
