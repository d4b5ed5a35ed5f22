"""Topologies: who is linked to whom at the start, as seeded lists of pairs.

Nodes are numbers from 0; each link is given once, as ``(a, b)`` with ``a < b``, and
lists are sorted, so the same arguments give the same list everywhere.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from itertools import combinations

Links = list[tuple[int, int]]


def ring(n: int) -> Links:
    """Link each of `n` nodes to the next, and the last to the first.

    Examples
    --------
    >>> ring(4)
    [(0, 1), (0, 3), (1, 2), (2, 3)]
    """
    return _links((i, (i + 1) % n) for i in range(_size(n)))


def complete(n: int) -> Links:
    """Link each of `n` nodes to every other."""
    return list(combinations(range(_size(n)), 2))


def tree(n: int, branching: int = 2) -> Links:
    """Link each node but 0 to its parent, in a tree filled level by level.

    Examples
    --------
    >>> tree(6, branching=2)
    [(0, 1), (0, 2), (1, 3), (1, 4), (2, 5)]
    """
    if branching < 1:
        message = f"a tree's branching is at least 1, not {branching}"
        raise ValueError(message)
    return _links(((i - 1) // branching, i) for i in range(1, _size(n)))


def grid(rows: int, columns: int) -> Links:
    """Link each node to those right of it and below it; numbered row by row.

    Examples
    --------
    >>> grid(2, 2)
    [(0, 1), (0, 2), (1, 3), (2, 3)]
    """
    n = _size(rows) * _size(columns)
    right = ((i, i + 1) for i in range(n) if (i + 1) % columns)
    below = ((i, i + columns) for i in range(n - columns))
    return _links([*right, *below])


def erdos_renyi(n: int, odds: float, seed: int | str) -> Links:
    """Link each pair of nodes with the same odds, independent of the others.

    Parameters
    ----------
    n : int
        Number of nodes, at least 1.
    odds : float
        Chance of each link, 0 to 1; ``d / (n - 1)`` gives a mean degree of d.
    seed : int or str
        Starts the generator.

    References
    ----------
    .. [1] E. N. Gilbert, "Random Graphs", Ann. Math. Statist. 30 (1959): the
       variant called G(n, p), which Erdos and Renyi's name stands for today.
    """
    if not 0 <= odds <= 1:
        message = f"odds lie between 0 and 1, not at {odds}"
        raise ValueError(message)
    rng = random.Random(f"{seed}/erdos-renyi")
    return [pair for pair in complete(n) if rng.random() < odds]


def regular(n: int, degree: int, seed: int | str) -> Links:
    """Link each node to exactly `degree` others, at random.

    Starts from nodes linked to their nearest on a ring, and swaps the ends of
    randomly chosen pairs of links, ten times as often as there are links.

    Raises
    ------
    ValueError
        If no such graph exists: `degree` must be less than `n`, and one of the two
        even.
    """
    if not 0 <= degree < _size(n) or n * degree % 2:
        message = f"no graph has {n} nodes with {degree} links each: one of the two "
        message += "must be even, and the degree less than the number of nodes"
        raise ValueError(message)
    rng = random.Random(f"{seed}/regular")
    links = _nearest(n, degree)
    present = set(links)
    for _ in range(10 * len(links) if len(links) > 1 else 0):
        _swap(links, present, rng)
    return sorted(links)


def small_world(n: int, degree: int, odds: float, seed: int | str) -> Links:
    """Link nodes to their nearest on a ring, then rewire some links at random.

    Parameters
    ----------
    n, degree : int
        Nodes, and links of each before rewiring: even and less than `n`.
    odds : float
        Chance that a link's far end moves to a random node, 0 to 1.
    seed : int or str
        Starts the generator.

    References
    ----------
    .. [1] D. J. Watts, S. H. Strogatz, "Collective dynamics of 'small-world'
       networks", Nature 393 (1998).
    """
    if degree % 2 or not 0 <= degree < _size(n) or not 0 <= odds <= 1:
        message = f"a small world of {n} nodes needs an even degree below {n}, not "
        message += f"{degree}, and odds between 0 and 1, not {odds}"
        raise ValueError(message)
    rng = random.Random(f"{seed}/small-world")
    links = [(i, (i + j) % n) for j in range(1, degree // 2 + 1) for i in range(n)]
    present = {(min(link), max(link)) for link in links}
    for near, far in links:
        free = n - 1 - sum(near in link for link in present) if odds else 0
        if free and rng.random() < odds:
            present.remove((min(near, far), max(near, far)))
            present.add(_new_link(near, far, n, present, rng))
    return sorted(present)


def _new_link(
    near: int, far: int, n: int, present: set[tuple[int, int]], rng: random.Random
) -> tuple[int, int]:
    """Choose a link of `near` that is not there yet; the caller knows there is one."""
    ends = [
        end
        for end in range(n)
        if end not in (near, far) and (min(near, end), max(near, end)) not in present
    ]
    end = rng.choice(ends)
    return min(near, end), max(near, end)


def _nearest(n: int, degree: int) -> Links:
    pairs = [(i, (i + j) % n) for j in range(1, degree // 2 + 1) for i in range(n)]
    if degree % 2:
        pairs += [(i, i + n // 2) for i in range(n // 2)]
    return _links(pairs)


def _swap(links: Links, present: set[tuple[int, int]], rng: random.Random) -> None:
    """Turn links a-b and c-d into a-d and c-b, unless that repeats a link."""
    i, j = rng.sample(range(len(links)), 2)
    (a, b), (c, d) = links[i], links[j]
    if rng.random() < 0.5:  # a link has no direction: either end may move
        c, d = d, c
    new = [(min(a, d), max(a, d)), (min(c, b), max(c, b))]
    if a == d or c == b or new[0] == new[1] or present & set(new):
        return
    present -= {links[i], links[j]}
    present |= set(new)
    links[i], links[j] = new


def _links(pairs: Iterable[tuple[int, int]]) -> Links:
    return sorted({(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]})


def _size(n: int) -> int:
    if n < 1:
        message = f"a topology has at least 1 node, not {n}"
        raise ValueError(message)
    return n
