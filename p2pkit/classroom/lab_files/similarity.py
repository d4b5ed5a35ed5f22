"""Similarity: which submissions share more than their exercise asks for.

Code is cut into overlapping runs of tokens, with all names alike, so that renaming
hides nothing. What every submission has from the stub does not count, and neither does
what most of a class wrote: there are few ways to write five lines. A high share is a
reason to look at two notebooks, and no proof.

References
----------
.. [1] S. Schleimer, D. Wilkerson, A. Aiken, "Winnowing: Local Algorithms for Document
   Fingerprinting", SIGMOD 2003: k-grams of normalized text, and why they work.
"""

from __future__ import annotations

import io
import keyword
import tokenize
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import NamedTuple

RUN = 12
"""Tokens in a run: about a line and a half. Shorter ones are alike by chance."""

COMMON = 0.5
"""Share of a class from which on a run is nobody's own."""

LEAST_RUNS = 10
"""Runs of a submission's own below which nothing can be said."""

_SPACE = {
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
    tokenize.ENCODING, tokenize.ENDMARKER,
}  # fmt: skip


class Pair(NamedTuple):
    """Two submissions, and the share of the smaller one's own runs that both have."""

    one: str
    other: str
    share: float
    runs: int


def similar(
    sources: Mapping[str, str], stub: str = "", least: float = 0.6
) -> list[Pair]:
    """Return the pairs of submissions that share much of what is their own.

    Parameters
    ----------
    sources : mapping of str to str
        The exported code of each student.
    stub : str
        The exported code of the released notebook.
    least : float
        The share from which on a pair is named, 0 to 1.

    Returns
    -------
    list of Pair
        The most similar pair first.

    Examples
    --------
    >>> body = "x = [self.send(peer, 1) for peer in self.view if peer != sender][0]"
    >>> own = {"ada": body, "bob": body.replace("peer", "p"), "eve": "x = 1"}
    >>> [(pair.one, pair.other) for pair in similar(own)]
    [('ada', 'bob')]
    """
    given = runs_of(stub)
    runs = {student: runs_of(text) - given for student, text in sources.items()}
    common = _common(runs.values())
    own = {student: mine - common for student, mine in runs.items()}
    pairs = [
        Pair(a, b, len(own[a] & own[b]) / fewer, fewer)
        for a, b in combinations(sorted(own), 2)
        if (fewer := min(len(own[a]), len(own[b]))) >= LEAST_RUNS
    ]
    found = [pair for pair in pairs if pair.share >= least]
    return sorted(found, key=lambda pair: (-pair.share, pair.one, pair.other))


def runs_of(source: str) -> frozenset[tuple[str, ...]]:
    """Return the runs of tokens in a source; none where it is not Python."""
    tokens = _tokens(source)
    return frozenset(
        tuple(tokens[at : at + RUN]) for at in range(len(tokens) - RUN + 1)
    )


def _tokens(source: str) -> list[str]:
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.NAME and not keyword.iskeyword(token.string):
                found.append("name")
            elif token.type not in _SPACE:
                found.append(token.string)
    except (tokenize.TokenError, SyntaxError):
        return []  # who cannot be read cannot be compared
    return found


def _common(runs: Iterable[frozenset[tuple[str, ...]]]) -> set[tuple[str, ...]]:
    """Return the runs that more than half of a class has, of three or more."""
    kept = list(runs)
    if len(kept) < 3:
        return set()
    counts = Counter(run for mine in kept for run in mine)
    most = max(2, COMMON * len(kept))
    return {run for run, count in counts.items() if count > most}
