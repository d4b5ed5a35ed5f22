"""Pairing: all players meet two by two, each round anew, and nobody arranges it.

Whoever knows the roster and the number of the round can shuffle the players as all
others do: a small cipher turns each player's number into a place, and back. Places 0
and 1 meet, then 2 and 3, and so on. Read next: ``pairwise.py``.
Source: Luby and Rackoff 1988 for the cipher; Black and Rogaway 2002 for walking on
until its result is a player's number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b

from p2pkit.core import Address

TURNS = 8
"""Turns of the cipher: four would do for many players, and with six some meet often."""


def partner(player: int, players: int, number: int) -> int | None:
    """Return whom a player meets in round `number`; None for who sits out.

    Parameters
    ----------
    player, players : int
        The player, from 0, and how many there are; of an odd number one sits out.
    number : int
        The round.

    Examples
    --------
    >>> [partner(player, 6, number=1) for player in range(6)]
    [2, 4, 0, 5, 1, 3]
    """
    place = _walk(player, players, number, range(TURNS))
    other = place ^ 1
    if other >= players:
        return None
    return _walk(other, players, number, range(TURNS - 1, -1, -1))


def _walk(value: int, players: int, number: int, turns: Iterable[int]) -> int:
    """Encipher until the result is a player; with turns reversed, decipher."""
    bits = (max(players - 1, 1).bit_length() + 1) // 2  # of each half
    turns = tuple(turns)
    back = turns[0] != 0
    while True:
        left, right = value >> bits, value & ((1 << bits) - 1)
        if back:
            left, right = right, left
        for turn in turns:
            left, right = right, left ^ _mix(right, turn, number) & ((1 << bits) - 1)
        if back:
            left, right = right, left
        value = left << bits | right
        if value < players:
            return value


def _mix(half: int, turn: int, number: int) -> int:
    text = b"%d/%d/%d" % (number, turn, half)
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big")


class Roster:
    """All players in the order of their addresses, as everybody knows it."""

    def __init__(self, me: Address, view: Sequence[Address]) -> None:
        self.players = sorted({me, *view})
        self.index = self.players.index(me)

    def partner_to_call(self, number: int) -> Address | None:
        """Return whom to call in a round: of two partners the first one calls."""
        other = partner(self.index, len(self.players), number)
        if other is None or other < self.index:
            return None
        return self.players[other]
