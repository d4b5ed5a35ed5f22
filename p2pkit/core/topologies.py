"""Topologies: who is linked to whom at the start, as seeded lists of pairs.

Nodes are numbers from 0; each link is given once, as ``(a, b)`` with ``a < b``, and
lists are sorted, so the same arguments give the same list everywhere.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import combinations
from math import isqrt, log, log1p

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
    .. [2] V. Batagelj, U. Brandes, "Efficient generation of large random networks",
       Phys. Rev. E 71 (2005): a draw for each link, and none for each pair.
    """
    if not 0 <= odds <= 1:
        message = f"odds lie between 0 and 1, not at {odds}"
        raise ValueError(message)
    rng = random.Random(f"{seed}/erdos-renyi")
    return sorted(_pair(number) for number in _chosen(_size(n), odds, rng))


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
    linked: list[set[int]] = [set() for _ in range(n)]
    for near, far in links:
        linked[near].add(far)
        linked[far].add(near)
    for near, far in links:
        if odds and len(linked[near]) < n - 1 and rng.random() < odds:
            linked[near].remove(far)
            linked[far].remove(near)
            _link_anew(near, far, linked, rng)
    return _links((near, far) for near in range(n) for far in linked[near])


def barabasi_albert(n: int, links: int, seed: int | str) -> Links:
    """Add nodes one by one; each links to some there are, those with many rather.

    Parameters
    ----------
    n : int
        Number of nodes.
    links : int
        Links that each newcomer makes, at least 1 and less than `n`: half the mean
        degree. The first `links` + 1 nodes are all linked.
    seed : int or str
        Starts the generator.

    References
    ----------
    .. [1] A.-L. Barabasi, R. Albert, "Emergence of scaling in random networks",
       Science 286 (1999): the share of nodes with d links falls like ``d ** -3``.

    Examples
    --------
    >>> pairs = barabasi_albert(100, 2, seed=7)
    >>> len(pairs)
    197
    """
    if not 1 <= links < _size(n):
        message = f"a newcomer makes at least 1 link and fewer than {n}, not {links}"
        raise ValueError(message)
    rng = random.Random(f"{seed}/barabasi-albert")
    made = complete(links + 1)
    ends = [end for link in made for end in link]  # each node as often as it is linked
    for new in range(links + 1, n):
        chosen: dict[int, None] = {}  # a dict, for its order
        while len(chosen) < links:
            chosen[rng.choice(ends)] = None
        made += [(old, new) for old in chosen]
        ends += [end for old in chosen for end in (old, new)]
    return sorted(made)


def plrg(n: int, exponent: float, most: int, seed: int | str) -> Links:
    """Link nodes at random, whose numbers of links follow a power law.

    The node of rank i wants ``most / i ** (1 / (exponent - 1))`` links, and at least
    one, so the share of nodes with d links falls like ``d ** -exponent``. All ends of
    links are then paired at random; what pairs a node with itself, or two nodes
    twice, is left out, so hubs get a little less than they want.

    Parameters
    ----------
    n : int
        Number of nodes; 0 wants most links. A power law leaves small parts aside:
        see `largest_part`.
    exponent : float
        Of the law, more than 1; measured ones lie between 2 and 3.
    most : int
        Links that the first node wants, at least 1 and less than `n`.
    seed : int or str
        Starts the generator.

    References
    ----------
    .. [1] W. Aiello, F. Chung, L. Lu, "A random graph model for massive graphs",
       STOC 2000.
    .. [2] Q. Lv et al., "Search and Replication in Unstructured Peer-to-Peer
       Networks", ICS 2002, section 3: degrees by rank.
    """
    if exponent <= 1 or not 1 <= most < _size(n):
        message = f"a power law has an exponent above 1, not {exponent}, and its hub "
        message += f"at least 1 link and fewer than {n}, not {most}"
        raise ValueError(message)
    rng = random.Random(f"{seed}/plrg")
    fall = 1 / (exponent - 1)
    degrees = [max(1, round(most / (i + 1) ** fall)) for i in range(n)]
    ends = [node for node, degree in enumerate(degrees) for _ in range(degree)]
    rng.shuffle(ends)
    return _links(zip(ends[::2], ends[1::2], strict=False))


def largest_part(links: Iterable[tuple[int, int]]) -> Links:
    """Return the links of the largest connected part, its nodes numbered from 0.

    Their order stays as it was; of several largest parts it is that of the lowest
    number. Nodes without links are in no part.

    Examples
    --------
    >>> largest_part([(0, 1), (3, 5), (5, 9)])
    [(0, 1), (1, 2)]
    """
    pairs = list(links)
    linked: dict[int, list[int]] = {}
    for a, b in sorted(pairs):
        linked.setdefault(a, []).append(b)
        linked.setdefault(b, []).append(a)
    part: set[int] = max(_parts(linked), key=len, default=set())
    number = {node: place for place, node in enumerate(sorted(part))}
    return _links((number[a], number[b]) for a, b in pairs if a in part)


def _parts(linked: dict[int, list[int]]) -> Iterator[set[int]]:
    """Yield the nodes of each connected part, the one with the lowest number first."""
    met: set[int] = set()
    for start in sorted(linked):
        if start in met:
            continue
        part, waiting = {start}, deque([start])
        while waiting:
            new = [one for one in linked[waiting.popleft()] if one not in part]
            part.update(new)
            waiting.extend(dict.fromkeys(new))
        met |= part
        yield part


def _chosen(n: int, odds: float, rng: random.Random) -> Iterator[int]:
    """Yield which of all pairs are linked, as numbers: a gap a draw, not a pair."""
    pairs = n * (n - 1) // 2
    if odds in (0, 1):
        yield from range(pairs if odds else 0)
        return
    at = -1
    while True:
        # 1 - random() is never 0; the gap to the next link is geometric.
        at += 1 + int(log(1 - rng.random()) / log1p(-odds))
        if at >= pairs:
            return
        yield at


def _pair(number: int) -> tuple[int, int]:
    """Return the pair of this number: (0, 1), (0, 2), (1, 2), (0, 3) and so on."""
    b = (1 + isqrt(8 * number + 1)) // 2
    return number - b * (b - 1) // 2, b


def _link_anew(near: int, far: int, linked: list[set[int]], rng: random.Random) -> None:
    """Link a node to one that it is not linked to; the caller knows there is one."""
    taken = sorted({near, far, *linked[near]})
    end = rng.randrange(len(linked) - len(taken))
    for one in taken:  # the end-th of all that are free
        end += one <= end
    linked[near].add(end)
    linked[end].add(near)


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
