"""Content: who shares which files, and what is asked for, drawn from a seed.

A few files are wanted by many, and most by few: popularity falls with rank like a power
(Zipf). How many copies of each file there are is a choice of its own, and decides what
a search costs: see `replicate`. Nodes are numbers from 0, as in `core.topologies`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

Strategy = Literal["uniform", "proportional", "square-root"]

POWERS: dict[str, float] = {"uniform": 0.0, "square-root": 0.5, "proportional": 1.0}
"""Copies of a file go with this power of the share of queries that ask for it."""

WORDS = (
    "amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "inlet",
    "jasper", "kelp", "larch", "meadow", "north", "opal", "pine", "quartz", "river",
    "slate", "tundra", "umber", "violet", "willow", "yarrow", "zephyr",
)  # fmt: skip
"""What names are made of, so that they read like names."""


@dataclass(frozen=True)
class Content:
    """Named files, how often each is asked for, and who has a copy.

    Parameters
    ----------
    names : tuple of str
        The files, the most popular first; no name has all words of another.
    popularity : tuple of float
        Which share of the queries is for each; together 1.
    holders : tuple of tuple of int
        For each file the nodes that have a copy, in order.
    nodes : int
        How many nodes there are.
    """

    names: tuple[str, ...]
    popularity: tuple[float, ...]
    holders: tuple[tuple[int, ...], ...]
    nodes: int

    @property
    def copies(self) -> tuple[int, ...]:
        """How many copies there are of each file."""
        return tuple(map(len, self.holders))

    @property
    def shared(self) -> dict[int, tuple[str, ...]]:
        """The names of the files of each node; free riders are left out."""
        found: dict[int, list[str]] = {}
        for name, holders in zip(self.names, self.holders, strict=True):
            for node in holders:
                found.setdefault(node, []).append(name)
        return {node: tuple(found[node]) for node in sorted(found)}

    def who_has(self, name: str) -> tuple[int, ...]:
        """Return the nodes that have a copy: the truth that a search is held to."""
        return self.holders[self.names.index(name)]

    def queries(self, count: int, seed: int | str) -> Iterator[tuple[int, str]]:
        """Yield who asks for which file: anybody who lacks it, and by popularity.

        A file that everybody has is nobody's question, and is passed over.
        """
        rng = random.Random(f"{seed}/queries")
        open_ = [i for i, one in enumerate(self.holders) if len(one) < self.nodes]
        weights = list(accumulate(self.popularity[i] for i in open_))
        for _ in range(count if open_ else 0):
            file = rng.choices(open_, cum_weights=weights)[0]
            has = set(self.holders[file])
            asker = rng.randrange(self.nodes)
            while asker in has:
                asker = rng.randrange(self.nodes)
            yield asker, self.names[file]

    def expected_probes(self) -> float:
        """Return how many nodes a query asks on average, if it asks at random.

        A node asks others one after the other, any of them each time, until one has
        the file: ``(n - 1) / copies`` probes, weighed by popularity.
        """
        pairs = zip(self.popularity, self.copies, strict=True)
        return sum(share * (self.nodes - 1) / copies for share, copies in pairs)


def zipf(items: int, exponent: float = 1.0) -> tuple[float, ...]:
    """Return shares that fall with rank like ``rank ** -exponent``; together 1.

    Parameters
    ----------
    items : int
        How many, at least 1.
    exponent : float
        At least 0, which makes all equal.

    References
    ----------
    .. [1] L. Breslau et al., "Web caching and Zipf-like distributions", INFOCOM 1999.

    Examples
    --------
    >>> [round(share, 2) for share in zipf(4)]
    [0.48, 0.24, 0.16, 0.12]
    """
    if items < 1 or exponent < 0:
        message = f"a Zipf law has 1 item or more, not {items}, and an exponent of 0 "
        message += f"or more, not {exponent}"
        raise ValueError(message)
    weights = [rank**-exponent for rank in range(1, items + 1)]
    return tuple(weight / sum(weights) for weight in weights)


def replicate(
    popularity: Sequence[float], budget: int, strategy: Strategy, most: int
) -> tuple[int, ...]:
    """Share a budget of copies out among files.

    Parameters
    ----------
    popularity : sequence of float
        Which share of the queries is for each file.
    budget : int
        Copies in all, at least one and at most `most` a file.
    strategy : {"uniform", "proportional", "square-root"}
        Whether each file gets as many copies, or as many as its queries are, or as
        the roots of those: the last makes the mean search shortest [1]_.
    most : int
        Copies of one file at most: the number of nodes.

    Returns
    -------
    tuple of int
        Copies of each file; together exactly `budget`.

    References
    ----------
    .. [1] E. Cohen, S. Shenker, "Replication strategies in unstructured peer-to-peer
       networks", SIGCOMM 2002.

    Examples
    --------
    >>> replicate((0.64, 0.32, 0.04), budget=25, strategy="square-root", most=25)
    (13, 9, 3)
    """
    files = len(popularity)
    if strategy not in POWERS or not files <= budget <= files * most:
        message = f"{budget} copies of {files} files on {most} nodes cannot be shared "
        message += f"out by {strategy!r}: give one or more and at most {most} a file, "
        message += f"and one of {', '.join(POWERS)}"
        raise ValueError(message)
    weights = [share ** POWERS[strategy] for share in popularity]
    return _rounded(_fair(weights, budget, most), budget, most)


def place(
    popularity: Sequence[float],
    copies: Sequence[int],
    nodes: int,
    seed: int | str,
    free_riders: float = 0.0,
    label: str = "",
) -> Content:
    """Put copies of files on nodes at random, no two of one file on the same.

    Parameters
    ----------
    popularity : sequence of float
        Which share of the queries is for each file.
    copies : sequence of int
        How many of each, 1 to the number of nodes that share.
    nodes : int
        How many nodes there are.
    seed : int or str
        Starts the generator.
    free_riders : float
        Share of the nodes that share nothing, 0 to 1.
    label : str
        A word that all names begin with, where there are files already.

    Raises
    ------
    ValueError
        If a file has more copies than there are nodes that share.
    """
    rng = random.Random(f"{seed}/content")
    sharers = rng.sample(range(nodes), nodes - round(free_riders * nodes))
    if max(copies, default=0) > len(sharers):
        message = f"{max(copies)} copies of one file need as many nodes that share, "
        message += f"and there are {len(sharers)}"
        raise ValueError(message)
    holders = tuple(tuple(sorted(rng.sample(sharers, one))) for one in copies)
    names = tuple(f"{label} {file_name(i)}".strip() for i in range(len(copies)))
    return Content(names, tuple(popularity), holders, nodes)


def draw(
    nodes: int,
    files: int,
    budget: int,
    seed: int | str,
    strategy: Strategy = "proportional",
    exponent: float = 1.0,
) -> Content:
    """Return files with Zipf popularity, replicated by a strategy, placed at random.

    Examples
    --------
    >>> content = draw(nodes=50, files=3, budget=22, seed=7)
    >>> content.copies, content.names[0]
    ((12, 6, 4), 'amber amber 000.txt')
    """
    popularity = zipf(files, exponent)
    copies = replicate(popularity, budget, strategy, nodes)
    return place(popularity, copies, nodes, seed)


def file_name(number: int) -> str:
    """Return the name of a file, its words in lower case, its number among them.

    Examples
    --------
    >>> file_name(27)
    'birch cedar 027.txt'
    """
    first, second = divmod(number, len(WORDS))
    return f"{WORDS[first % len(WORDS)]} {WORDS[second]} {number:03}.txt"


def _fair(weights: Sequence[float], budget: int, most: int) -> list[float]:
    """Return shares by weight, none below 1 or above `most`; they make up the budget.

    What a bound takes or gives is shared out again among the others, until all fit.
    """
    fixed: dict[int, float] = {}
    while True:
        free = [i for i in range(len(weights)) if i not in fixed]
        left = budget - sum(fixed.values())
        total = sum(weights[i] for i in free)
        shares = {
            i: left * weights[i] / total if total else left / len(free) for i in free
        }
        over = {i: float(most) for i, share in shares.items() if share > most}
        under = {i: 1.0 for i, share in shares.items() if share < 1}
        # The side that binds harder is settled first; the other may then fit.
        too_much = sum(shares[i] - most for i in over)
        too_little = sum(1 - shares[i] for i in under)
        settled = over if too_much >= too_little and over else under
        if not settled:
            return [fixed[i] if i in fixed else shares[i] for i in range(len(weights))]
        fixed |= settled


def _rounded(shares: Sequence[float], budget: int, most: int) -> tuple[int, ...]:
    """Return whole numbers near the shares that make up the budget."""
    copies = [int(share) for share in shares]
    missing = budget - sum(copies)
    by_rest = sorted(range(len(shares)), key=lambda i: copies[i] - shares[i])
    for i in [one for one in by_rest if copies[one] < most][:missing]:
        copies[i] += 1
    return tuple(copies)
