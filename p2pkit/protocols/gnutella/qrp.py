"""Query routing: a leaf says in a few kilobytes which words its files have.

Each word falls into one slot of a table, by a hash that everybody computes alike. Who
has the table of a leaf spares it every question with a word whose slot is empty. Tables
of two sizes go together: the hash for the smaller one is the same with fewer bits.
Source: C. Rohrs, "Query Routing for the Gnutella Network", version 1.0 (2002), section
3.5 and the appendix. Tables of leaves are not passed on, as its note of 2002 says.
Read next: ``query_table.py``, ``qrp_messages.py``, ``query_tables.py``.
"""

from __future__ import annotations

from collections.abc import Iterable

MULTIPLIER = 0x4F1BBCDC
"""2**32 times a quarter of (sqrt(5) - 1): a multiplier of the golden ratio."""

WORDS_ENOUGH = 2, 3
"""With three words and more, two thirds of them must be in a table: others leave out
what is short or frequent. This is practice; the paper wants all."""


def word_slot(word: str, bits: int) -> int:
    """Return the slot of a word in a table of ``2**bits`` slots.

    Parameters
    ----------
    word : str
        Any word; lower and upper case are one.
    bits : int
        1 to 32.

    Examples
    --------
    >>> word_slot("ebck", 13), word_slot("NDF", 16)
    (6698, 4953)
    """
    folded = 0
    for at, byte in enumerate(word.lower().encode()):
        folded ^= byte << at % 4 * 8
    return (folded * MULTIPLIER & 0xFFFF_FFFF) >> 32 - bits


def words_needed(words: int) -> int:
    """Return how many of a question's words a table must have.

    Examples
    --------
    >>> [words_needed(words) for words in (1, 2, 3, 4, 6)]
    [1, 2, 2, 3, 4]
    """
    part, whole = WORDS_ENOUGH
    return words if words < whole else -(-words * part // whole)


def word_slots(words: Iterable[str], bits: int) -> list[int]:
    """Return the slots of some words, in their order."""
    return [word_slot(word, bits) for word in words]
