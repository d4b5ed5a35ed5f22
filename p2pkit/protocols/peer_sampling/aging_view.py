"""A partial view whose entries grow old: the oldest is asked next, and then gone.

What it shows: an entry is not a fact about a peer but a memory of it. Memories that
nobody renews are used up, so the dead vanish from all views without being declared so.
Source: S. Voulgaris, D. Gavidia, M. van Steen, "CYCLON", J. Network and Systems
Management 13 (2005), section 2.
Read next: ``cyclon.py``.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from p2pkit.core import Address, LocalProtocolError, Rng
from p2pkit.protocols.peer_sampling.messages import Entry, PeerAddress


class AgingView:
    """Ages in shuffles, by peer; never ourselves and nobody twice."""

    def __init__(self, own: Address, limit: int, rng: Rng) -> None:
        self.own, self.limit, self.rng = own, limit, rng
        self.ages: dict[Address, int] = {}

    def __len__(self) -> int:
        return len(self.ages)

    @property
    def full(self) -> bool:
        """Whether there is no room."""
        return len(self.ages) >= self.limit

    def pop_oldest(self) -> Address | None:
        """Take out the oldest entry and return its peer; None if there is none."""
        peer = max(self.ages, key=self.ages.__getitem__, default=None)
        if peer is not None:
            del self.ages[peer]
        return peer

    def grow_old(self) -> None:
        """Let every entry be one shuffle older."""
        for peer in self.ages:
            self.ages[peer] += 1

    def random(self, without: Iterable[Address] = ()) -> Address | None:
        """Return a random peer; None if there is none."""
        peers = [peer for peer in self.ages if peer not in without]
        return self.rng.choice(peers) if peers else None

    def some(self, count: int, without: Address | None = None) -> list[Entry]:
        """Return up to `count` random entries."""
        entries = [entry for entry in self.ages.items() if entry[0] != without]
        return self.rng.sample(entries, min(count, len(entries)))

    def swap(self, peer: Address) -> Entry | None:
        """Put a new entry in the place of a random one, and return that one."""
        if peer in self.ages or peer == self.own:
            return None
        chosen = self.random() if self.full else None
        replaced = None if chosen is None else (chosen, self.ages.pop(chosen))
        self.ages[peer] = 0
        return replaced

    def take(self, entries: Iterable[Entry], sent: Iterable[Entry]) -> None:
        """Keep what is new: in free places first, then in those of what was sent."""
        gone = [peer for peer, _ in sent]
        for peer, age in entries:
            if peer == self.own or peer in self.ages:
                continue
            while self.full and gone:
                self.ages.pop(gone.pop(0), None)
            if not self.full:
                self.ages[peer] = age

    def save(self) -> bytes:
        """Return the peers, without their ages, as JSON."""
        return msgspec.json.encode(list(self.ages))

    @staticmethod
    def restore(saved: bytes) -> list[Address]:
        """Return the peers that `save` wrote down.

        Raises
        ------
        LocalProtocolError
            If the bytes are not what `save` makes.
        """
        try:
            peers: list[Address] = msgspec.json.decode(saved, type=list[PeerAddress])
        except msgspec.MsgspecError as error:
            reason = "the saved peers are damaged: restart the node without its state"
            raise LocalProtocolError(reason) from error
        return peers
