"""Experiments with searches: how far a flood gets, and what finding a file costs.

Each function runs real servents in virtual time, with any parameters, and returns rows
for a table. Show one in a notebook with
``listing("p2pkit.classroom.search_experiments", "coverage")``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isqrt
from typing import Any

import networkx as nx

from p2pkit.classroom.search_overlay import Overlay
from p2pkit.core import LabError, topologies
from p2pkit.core.content import Content, Strategy, place, replicate, zipf
from p2pkit.core.driver import seeded
from p2pkit.core.topologies import Links
from p2pkit.observe import search as oracle
from p2pkit.protocols.gnutella import ExpandingRing, Flood, RandomWalk, Rule

NODES, DEGREE = 10_000, 4.0
TTLS = (5, 6, 7, 8, 9)
REPLICATION = (0.01, 0.005, 0.001)
"""Shares of the nodes that have a file."""

LATE_S = 1e4
"""So slow are datagrams if walkers are to know at once what was found: slower than a
hit from a million steps away."""

WALK_S = 1e9
"""Virtual seconds that a walk may take: no walk is cut short by the clock."""

MOST_LINKS = 1000
"""Links of a hub at most; servents can be set to have a few more."""

NO_FILE = "what nobody shares"


def _random(nodes: int, degree: float, seed: int) -> Links:
    return topologies.erdos_renyi(nodes, min(1.0, degree / max(nodes - 1, 1)), seed)


def _power_law(nodes: int, degree: float, seed: int) -> Links:
    """As many links as asked for, and a hub that is linked to a tenth of all."""
    hub, low, high = min(max(1, nodes // 10), MOST_LINKS), 1.2, 6.0
    links: Links = []
    while high - low > 1e-3:
        exponent = (low + high) / 2
        links = topologies.plrg(nodes, exponent, hub, seed)
        if len(links) < nodes * degree / 2:  # with the hub given, it flattens the law
            low = exponent
        else:
            high = exponent
    return links


NETWORKS: Mapping[str, Callable[[int, float, int], Links]] = {
    "random": _random,
    "regular": lambda n, degree, seed: topologies.regular(n, round(degree), seed),
    "power-law": _power_law,
    "scale-free": lambda n, degree, seed: topologies.barabasi_albert(
        n, max(1, round(degree / 2)), seed
    ),
    "small-world": lambda n, degree, seed: topologies.small_world(
        n, 2 * max(1, round(degree / 2)), 0.1, seed
    ),
    "grid": lambda n, degree, seed: topologies.grid(isqrt(n), isqrt(n)),
    "tree": lambda n, degree, seed: topologies.tree(n, max(1, round(degree) - 1)),
}
"""Networks by name, made for a number of nodes, a mean degree and a seed."""


def network(kind: str, nodes: int, degree: float, seed: int) -> Links:
    """Return the links of a network's largest connected part.

    Raises
    ------
    LabError
        If there is no such kind.
    """
    if kind not in NETWORKS:
        reason = f"there is no network {kind!r}: say {', '.join(NETWORKS)}"
        raise LabError(reason)
    return topologies.largest_part(NETWORKS[kind](nodes, degree, seed))


def coverage(
    seed: int,
    ttls: Iterable[int] = TTLS,
    sources: int = 20,
    nodes: int = NODES,
    degree: float = DEGREE,
    kind: str = "random",
) -> list[dict[str, Any]]:
    """Flood from random nodes with one TTL after the other.

    Parameters
    ----------
    seed : int
        Starts every generator.
    ttls : iterable of int
        How far floods may go.
    sources : int
        From how many nodes, the same for each TTL.
    nodes, degree, kind
        The network, see `network`.

    Returns
    -------
    list of dict
        A row a flood: `reached`, share of the nodes; `messages`; `wasted`, share of
        those that were duplicates; `exact`, whether all of it is what the graph says.
    """
    links = network(kind, nodes, degree, seed)
    graph = nx.Graph(links)
    overlay = Overlay(links, seed)
    askers = seeded(seed, "sources").sample(sorted(graph), min(sources, len(graph)))
    return [
        {"ttl": ttl, "source": asker, **_flood(overlay, graph, asker, ttl)}
        for ttl in ttls
        for asker in askers
    ]


def _flood(overlay: Overlay, graph: Any, asker: int, ttl: int) -> dict[str, Any]:
    outcome = overlay.search(asker, NO_FILE, Flood(ttl=ttl))
    law = oracle.flood(graph, asker, ttl)
    depth = {f"n{node}": distance for node, distance in law.depth.items()}
    exact = (outcome.heard, outcome.questions) == (depth, law.messages)
    reached = len(outcome.heard) / len(graph)
    row = {"reached": reached, "messages": outcome.questions}
    return {**row, "wasted": outcome.wasted, "exact": exact}


def expected_coverage(
    seed: int,
    ttls: Iterable[int] = TTLS,
    sources: int = 200,
    nodes: int = NODES,
    degree: float = DEGREE,
    kind: str = "random",
) -> list[dict[str, Any]]:
    """Return the same from the graph alone: `coverage` without servents.

    Near the horizon it matters much who asks: at TTL 6 the share of 10,000 nodes that
    are reached differs by 15 points from one to the next. So few floods tell little,
    and many are only affordable like this.
    """
    graph = nx.Graph(network(kind, nodes, degree, seed))
    askers = seeded(seed, "sources").sample(sorted(graph), min(sources, len(graph)))
    ttls, rows = list(ttls), []
    for asker in askers:
        for ttl, law in oracle.floods(graph, asker, ttls).items():
            row = {"reached": law.reached / len(graph), "messages": law.messages}
            rows.append({"ttl": ttl, "source": asker, **row, "wasted": law.wasted})
    return rows


def tree_coverage(
    seed: int, degree: int = 4, ttls: Iterable[int] = range(1, 8)
) -> list[dict[str, Any]]:
    """Flood from the root of a tree whose nodes have `degree` links, but for leaves.

    Returns
    -------
    list of dict
        A row a TTL: `reached`, how many others; and `messages`.
    """
    ttls = list(ttls)
    size = 1 + oracle.tree_reach(degree, max(ttls))
    # The root has one child more than the others, so each node has equally many links.
    child = range(1, size)
    links = sorted((max(0, (i - 2) // (degree - 1)), i) for i in child)
    overlay = Overlay(links, seed)
    outcomes = {ttl: overlay.search(0, NO_FILE, Flood(ttl=ttl)) for ttl in ttls}
    return [
        {"ttl": ttl, "reached": len(one.heard) - 1, "messages": one.questions}
        for ttl, one in outcomes.items()
    ]


def rules(
    walkers: Sequence[int] = (32, 1), ttls: Sequence[int] = (1, 3, 5, 7, 9)
) -> dict[str, Rule]:
    """Return walks with so many walkers, and a ring, by what they are called."""
    walks = {
        f"{k} walker{'s' * (k > 1)}": RandomWalk(walkers=k, most=1_000_000)
        for k in walkers
    }
    return {**walks, "expanding ring": ExpandingRing(ttls=tuple(ttls))}


def compare(
    seed: int,
    replication: Iterable[float] = REPLICATION,
    ways: Mapping[str, Rule] | None = None,
    searches: int = 40,
    nodes: int = NODES,
    degree: float = DEGREE,
    kind: str = "random",
    late_s: float = LATE_S,
) -> list[dict[str, Any]]:
    """Search for files that some nodes have, in several ways, until one is found.

    Parameters
    ----------
    seed : int
        Starts every generator.
    replication : iterable of float
        Which share of the nodes has the file, 0 to 1.
    ways : mapping of str to Rule, optional
        How to search; those of `rules` if not given. Walkers get all the time they
        take.
    searches : int
        How often, each time for another file and from another node.
    nodes, degree, kind
        The network, see `network`.
    late_s : float
        Walkers hear of a hit as papers reckon, at once; 0 for how it is in a network
        where the hit has a way to go first, and walkers go on meanwhile.

    Returns
    -------
    list of dict
        A row a search: `found`; `messages` with the question, and `checks` and
        `answers`; `hops` from the asker to the first node met that has it, along
        the way the question took; `visited`, nodes that heard it.
    """
    links = network(kind, nodes, degree, seed)
    size = 1 + max(b for _, b in links)
    overlay, found = Overlay(links, seed), []
    for number, share in enumerate(replication):
        copies = max(1, round(share * size))
        equal, label = zipf(searches, 0), f"set{number}"
        content = place(equal, (copies,) * searches, size, seed, label=label)
        overlay.share(content)
        for asker, name in content.queries(searches, f"{seed}/{number}"):
            for way, rule in (ways or rules()).items():
                row = _search(overlay, content, asker, name, rule, late_s)
                found.append({"replication": share, "way": way, **row})
    return found


def strategies(
    seed: int,
    files: int = 50,
    copies: float = 1.0,
    exponent: float = 1.0,
    searches: int = 1000,
    nodes: int = NODES,
    degree: float = DEGREE,
    kind: str = "regular",
    names: Iterable[Strategy] = ("uniform", "proportional", "square-root"),
) -> list[dict[str, Any]]:
    """Let a walker search, where the same storage holds copies by three strategies.

    Parameters
    ----------
    seed : int
        Starts every generator.
    files : int
        How many there are; popularity falls with rank by a Zipf law.
    copies : float
        Files that a node holds, on average: the budget is as many times the nodes.
    exponent : float
        Of the Zipf law.
    searches : int
        How many for each strategy, by popularity, from random nodes.
    nodes, degree, kind
        The network, see `network`.
    names : iterable of str
        The strategies.

    Returns
    -------
    list of dict
        A row a search: `strategy`, `rank` of the file, its `copies`, and `steps` to
        the first node that has it.
    """
    links = network(kind, nodes, degree, seed)
    size = 1 + max(b for _, b in links)
    overlay, popularity, found = Overlay(links, seed), zipf(files, exponent), []
    walk = RandomWalk(walkers=1, most=1_000_000)
    for name in names:
        counts = replicate(popularity, round(copies * size), name, size)
        content = place(popularity, counts, size, f"{seed}/{name}", label=name)
        overlay.share(content)
        for asker, text in content.queries(searches, seed):
            size_steps = _search(overlay, content, asker, text, walk, LATE_S)["hops"]
            rank = content.names.index(text) + 1
            row = {"rank": rank, "copies": counts[rank - 1], "steps": size_steps}
            found.append({"strategy": name, **row})
    return found


def _search(
    overlay: Overlay, content: Content, asker: int, name: str, rule: Rule, late_s: float
) -> dict[str, Any]:
    """Search once for one file, until the first hit."""
    if isinstance(rule, RandomWalk):
        rule = RandomWalk.of(rule, walk_s=WALK_S)
    else:
        late_s = 0.0
    outcome = overlay.search(asker, name, rule, want=1, late_s=late_s)
    return {
        "found": bool(outcome.hits),
        "messages": outcome.questions,
        "checks": outcome.checks,
        "answers": outcome.answers,
        "hops": outcome.met(f"n{node}" for node in content.who_has(name)),
        "visited": len(outcome.heard),
    }
