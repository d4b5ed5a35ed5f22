"""Oracles of search: what a question must reach, cost and find, by brute force.

A graph says exactly what a flood does: whom it reaches in how many hops, and what that
costs. Who shares what says which hits are due. Who heard a question is read from the
trace; messages are counted by class, and what was sent before is taken off.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from math import inf
from statistics import fmean
from typing import TYPE_CHECKING, Any, NamedTuple

import networkx as nx

from p2pkit.core import Counters, Finished, Record
from p2pkit.observe.found import matches, recall, sharing, truth
from p2pkit.observe.snapshot import Snapshot
from p2pkit.observe.verdict import Verdict
from p2pkit.observe.views import linked
from p2pkit.protocols.gnutella import QueryHeard

if TYPE_CHECKING:
    Linked = nx.Graph[Any]

__all__ = [
    "Flood",
    "Outcome",
    "asked",
    "cost",
    "flood",
    "floods",
    "heard",
    "load_by_degree",
    "matches",
    "measure",
    "messages",
    "nearest",
    "outcome",
    "overlay",
    "reach",
    "recall",
    "sharing",
    "tree_reach",
    "truth",
]

LINK = "stream"
"""Kind of the edges that questions cross."""

KINDS = QUESTIONS, CHECKS, ANSWERS = "Query", "Vendor", "QueryHit"
"""Classes of the messages that carry questions, words from walkers, and hits."""

QUIET_S = 0.25
"""A search is over when for so long nobody has sent anything about it."""

PATIENCE = 400
"""How many times that is tried: a hundred seconds."""


class Flood(NamedTuple):
    """What one flood does.

    Parameters
    ----------
    reached : int
        Nodes that hear the question, the one that asks among them.
    messages : int
        What is sent, duplicates too.
    depth : dict
        For each node reached, its distance in links.
    """

    reached: int
    messages: int
    depth: dict[Any, int]

    @property
    def duplicates(self) -> int:
        """Messages that are no news to whom they reach."""
        return self.messages - (self.reached - 1)

    @property
    def wasted(self) -> float:
        """The same as a share of all messages, 0 to 1."""
        return self.duplicates / self.messages if self.messages else 0.0


class Outcome(NamedTuple):
    """What became of one search.

    Parameters
    ----------
    hits : tuple
        What was found, as the verb returned it.
    questions, checks, answers : int
        Messages that carried the question, duplicates too; by which walkers asked
        whether to go on, with their answers; that carried hits, once a link.
    heard : dict of str to int
        The nodes that heard the question, and the hops at which they first did. If
        it was asked again, as in rings, the fewest.
    first_hit_s : float or None
        Seconds until the first hit was home; None if there was none.
    """

    hits: tuple[Any, ...]
    questions: int
    checks: int
    answers: int
    heard: dict[str, int]
    first_hit_s: float | None

    @property
    def wasted(self) -> float:
        """Share of the questions that were no news to whom they reached, 0 to 1."""
        news = max(len(self.heard) - 1, 0)
        return 1 - news / self.questions if self.questions else 0.0

    def met(self, nodes: Iterable[str]) -> int | None:
        """Return after how many hops the question met the first of some nodes."""
        return min(
            (self.heard[one] for one in nodes if one in self.heard), default=None
        )


def flood(graph: Linked, source: Any, ttl: float = inf) -> Flood:
    """Return what a flood must do where all links are equally fast.

    A node at distance d sends over all its links but the one it heard from, if d is
    less than the TTL. Without one, that adds up to ``2 E - n + 1`` messages.

    Parameters
    ----------
    graph : networkx.Graph
        Who is linked to whom.
    source : node
        Who asks.
    ttl : int, optional
        Links that the question may cross; no limit if not given.

    Examples
    --------
    >>> flood(nx.grid_2d_graph(5, 5), source=(2, 2)).messages
    56
    >>> flood(nx.path_graph(9), source=0, ttl=3).reached
    4
    """
    return floods(graph, source, [ttl])[ttl]


def floods(graph: Linked, source: Any, ttls: Iterable[float]) -> dict[float, Flood]:
    """Return what a flood must do with each TTL; the graph is searched once."""
    ttls = list(ttls)
    cutoff = None if inf in ttls else int(max(ttls))
    depth = dict(nx.single_source_shortest_path_length(graph, source, cutoff))
    found = {}
    for ttl in ttls:
        within = {node: hops for node, hops in depth.items() if hops <= ttl}
        messages = sum(
            graph.degree(node) - (node != source)
            for node, hops in within.items()
            if hops < ttl
        )
        found[ttl] = Flood(len(within), messages, within)
    return found


def tree_reach(degree: int, ttl: int) -> int:
    """Return whom a flood reaches in an endless tree, the most that any graph allows.

    Parameters
    ----------
    degree : int
        Links of every node, at least 2.
    ttl : int
        Links that the question may cross.

    References
    ----------
    .. [1] J. Ritter, "Why Gnutella can't scale. No, really.", 2001.

    Examples
    --------
    >>> tree_reach(4, 7), tree_reach(8, 7)
    (4372, 1098056)
    """
    return sum(degree * (degree - 1) ** hop for hop in range(ttl))


def overlay(snapshot: Snapshot) -> Linked:
    """Return the graph of the links that questions cross, nodes by name."""
    return linked(snapshot, LINK)


def heard(records: Iterable[Record], query: bytes) -> dict[str, int]:
    """Return who heard a question, and after how many hops, the asker with 0."""
    found: dict[str, int] = {}
    for record in records:
        event = record.event
        if isinstance(event, QueryHeard) and event.query == query:
            found[record.node] = min(event.hops, found.get(record.node, event.hops))
    return found


def measure(cluster: Any, asker: int, text: str, **how: Any) -> Outcome:
    """Search once from one node, wait until it is over, and return what it took.

    Parameters
    ----------
    cluster : Cluster
        On either carrier; nobody else may be searching.
    asker : int
        Which node asks.
    text : str
        What it asks for.
    **how
        Goes to the verb, such as ``rule="ring"`` or ``want=1``.
    """
    node, before = cluster[asker], cluster.snapshot().totals()
    earlier = asked(cluster.trace, node.name)
    began_s = cluster.now()
    hits = node.search(text, **how)
    after = _quiet(cluster)
    queries = asked(cluster.trace, node.name)[len(earlier) :]
    spent = messages(after) - messages(before)
    reached = nearest(heard(cluster.trace, query) for query in queries)
    first_s = _first_hit_s(cluster.trace, node.name, began_s)
    return outcome(hits, spent, reached, first_s)


def outcome(
    hits: Iterable[Any],
    spent: Mapping[str, int],
    heard: dict[str, int],
    first_hit_s: float | None,
) -> Outcome:
    """Return an outcome, of messages counted by class."""
    questions, checks, answers = (spent.get(kind, 0) for kind in KINDS)
    return Outcome(tuple(hits), questions, checks, answers, heard, first_hit_s)


def asked(records: Iterable[Record], node: str) -> list[bytes]:
    """Return the ids of the questions that a node has asked, in order."""
    return [
        record.event.query
        for record in records
        if record.node == node
        and isinstance(record.event, QueryHeard)
        and record.event.sender is None
    ]


def nearest(reached: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Return the fewest hops at which each node heard any of several questions."""
    found: dict[str, int] = {}
    for one in reached:
        for node, hops in one.items():
            found[node] = min(hops, found.get(node, hops))
    return found


def messages(counters: Counters) -> Counter[str]:
    """Return how many messages about searches have been sent, by class."""
    return Counter({k: counters.sent[k].messages for k in KINDS if k in counters.sent})


def cost(graph: Linked, source: Any, questions: int, ttl: float = inf) -> Verdict:
    """Examine whether a flood cost exactly what the graph says."""
    law = flood(graph, source, ttl).messages
    claim = "the flood cost what the graph says"
    detail = f"{questions:,} messages, and {law:,} were due."
    evidence = {"sent": questions, "due": law}
    return Verdict(claim, int(questions == law), 1, detail, evidence)


def reach(
    graph: Linked,
    source: Any,
    heard: Mapping[Any, int],
    ttl: float = inf,
    hops: bool = True,
) -> Verdict:
    """Examine whether a flood reached those, and only those, within its TTL.

    Parameters
    ----------
    graph, source, ttl
        As for `flood`.
    heard : mapping
        Who heard it, and after how many hops.
    hops : bool
        Whether the hops must be the distances. Where links are not equally fast, a
        longer way may be the first, and with a low TTL some are then missed.
    """
    depth = flood(graph, source, ttl).depth
    if hops:
        wrong = [one for one in graph if heard.get(one) != depth.get(one)]
    else:
        wrong = [one for one in graph if (one in heard) != (one in depth)]
    wrong += [one for one in heard if one not in graph]
    claim = "the flood reached those within its TTL" + " by shortest ways" * hops
    if not wrong:
        return Verdict(claim, len(graph), len(graph))
    first = wrong[0]
    met, away = heard.get(first), depth.get(first)
    detail = f"{first} heard it after {met} hops, and is {away} links away."
    return Verdict(claim, len(graph) - len(wrong), len(graph), detail, {"nodes": wrong})


def load_by_degree(
    nodes: Iterable[tuple[int, Counters]], kinds: Iterable[str] = (QUESTIONS, ANSWERS)
) -> dict[int, float]:
    """Return how many messages a node handles, sent and received, by its degree.

    Parameters
    ----------
    nodes : iterable of (int, Counters)
        The degree and the counters of each.
    kinds : iterable of str
        The classes of messages that count.

    Returns
    -------
    dict
        For each degree, the mean over its nodes.
    """
    loads: defaultdict[int, list[int]] = defaultdict(list)
    for degree, counters in nodes:
        both = (counters.sent, counters.received)
        loads[degree].append(
            sum(one[k].messages for one in both for k in kinds if k in one)
        )
    return {degree: fmean(loads[degree]) for degree in sorted(loads)}


def _quiet(cluster: Any) -> Counters:
    """Let time pass until nothing more is sent; return the counters then."""
    counters: Counters = cluster.snapshot().totals()
    for _ in range(PATIENCE):
        before = messages(counters)
        cluster.advance(QUIET_S)
        counters = cluster.snapshot().totals()
        if messages(counters) == before:
            break
    return counters


def _first_hit_s(records: Iterable[Record], node: str, began_s: float) -> float | None:
    ends = (
        step.ended_s - record.event.began_s
        for record in records
        if record.node == node
        and isinstance(record.event, Finished)
        and record.event.verb == "search"
        and record.event.began_s >= began_s
        for step in record.event.steps
    )
    return min(ends, default=None)
