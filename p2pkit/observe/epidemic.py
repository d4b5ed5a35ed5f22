"""Epidemics: what became of a rumor, from events and counters.

Works for every protocol whose nodes report what they heard by an event with the
fields `rumor` (its id) and `sender` (None where it began); `hops` is read if it is
there. Messages are counted by class, so the caller names those that carry rumors, and
what was sent before it began is taken off.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from p2pkit.core import Address, Counters, Record
from p2pkit.observe.verdict import Verdict

CARRYING = ("Tell",)
"""Classes of the messages that carry a rumor, in rumor mongering and its twin."""

EARLY = 1e-6
"""Share of a round by which a round may seem to begin early, as seconds are rounded."""


@dataclass(frozen=True)
class Epidemic:
    """How far one rumor got, how fast, and what it cost.

    Parameters
    ----------
    sites : int
        Nodes that should hear of it, the one where it began among them.
    heard : int
        Those of them that did.
    tells : int
        Messages that carried a rumor.
    messages : int
        All messages, questions and answers too.
    last_rounds : int
        Rounds until the last of them heard it (t_last of Demers et al.).
    mean_rounds : float
        Rounds until one heard it, averaged over those that did, the first with 0.
    last_s : float
        Seconds until the last one heard it.
    most_hops : int
        The longest way it took.
    """

    sites: int
    heard: int
    tells: int
    messages: int
    last_rounds: int
    mean_rounds: float
    last_s: float
    most_hops: int

    @property
    def coverage(self) -> float:
        """Share of the sites that heard it."""
        return self.heard / self.sites

    @property
    def residue(self) -> float:
        """Share of the sites that never heard it (s of Demers et al.)."""
        return 1 - self.heard / self.sites

    @property
    def traffic(self) -> float:
        """Tellings per site (m of Demers et al.)."""
        return self.tells / self.sites

    @property
    def duplicates(self) -> int:
        """Tellings that were news to nobody, those that were lost among them."""
        return self.tells - max(self.heard - 1, 0)

    @property
    def redundancy(self) -> float:
        """Relative message redundancy: tellings beyond the one that each needs.

        0 is a tree; not a number where nobody was told.
        """
        return self.tells / (self.heard - 1) - 1 if self.heard > 1 else float("nan")


def first_heard(trace: Iterable[Record], rumor: bytes) -> dict[str, Record]:
    """Return the record with which each node first heard a rumor, by its name.

    Hosts report in batches, so the earliest counts, not the one that came first.
    """
    found: dict[str, Record] = {}
    for record in trace:
        event: Any = record.event
        if getattr(event, "rumor", None) != rumor or not hasattr(event, "sender"):
            continue
        known = found.get(record.node)
        if known is None or record.at_s < known.at_s:
            found[record.node] = record
    return found


def tellers(
    trace: Iterable[Record], rumor: bytes, names: dict[Address, str]
) -> dict[str, str | None]:
    """Return who told each node first: a tree, whose root has None."""
    heard = sorted(first_heard(trace, rumor).items(), key=lambda one: one[1].at_s)
    return {node: names.get(_sender(record) or ("", 0)) for node, record in heard}


def epidemic(
    trace: Iterable[Record],
    rumor: bytes,
    sites: Collection[str],
    sent: Counters,
    round_s: float = 1.0,
    carrying: Sequence[str] = CARRYING,
    before: Counters | None = None,
) -> Epidemic:
    """Return what became of a rumor.

    Parameters
    ----------
    trace : iterable of Record
        The records of the run.
    rumor : bytes
        Its id.
    sites : collection of str
        Names of the nodes that should hear of it.
    sent : Counters
        The counters of all nodes together, once it is over.
    round_s : float
        Length of a round; rounds begin at multiples of it.
    carrying : sequence of str
        The message classes that carry rumors.
    before : Counters, optional
        The counters as they were when it began; zero if not given.
    """
    heard = {n: r for n, r in first_heard(trace, rumor).items() if n in sites}
    times = [record.at_s for record in heard.values()]
    began_s, last_s = min(times, default=0.0), max(times, default=0.0)
    rounds = [_round(at_s, round_s) - _round(began_s, round_s) for at_s in times]
    hops = (getattr(record.event, "hops", 0) for record in heard.values())
    base = before or Counters()
    return Epidemic(
        sites=len(sites),
        heard=len(heard),
        tells=messages(sent, carrying) - messages(base, carrying),
        messages=messages(sent) - messages(base),
        last_rounds=max(rounds, default=0),
        mean_rounds=sum(rounds) / max(len(rounds), 1),
        last_s=last_s - began_s,
        most_hops=max(hops, default=0),
    )


def messages(counters: Counters, kinds: Sequence[str] | None = None) -> int:
    """Return how many messages were sent, of some classes or of all."""
    return sum(
        tally.messages
        for kind, tally in counters.sent.items()
        if kinds is None or kind in kinds
    )


def covered(cluster: Any, rumor: bytes) -> Verdict:
    """Whether every node that is alive has heard a rumor."""
    names = [node.name for node in cluster.alive]
    heard = first_heard(cluster.trace, rumor)
    missing = [name for name in names if name not in heard]
    detail = f"{', '.join(missing[:5])} did not hear it." if missing else ""
    claim = f"every alive node has heard {rumor.hex()[:8]}"
    evidence = {"missing": missing} if missing else {}
    return Verdict(claim, len(names) - len(missing), len(names), detail, evidence)


def same_data(cluster: Any, table: str = "data") -> Verdict:
    """Whether all alive nodes hold the same: one table that `inspect` names.

    The node that differs first, and the keys it differs in, are the evidence.
    """
    nodes = cluster.snapshot(details=True).alive
    tables = {node.name: (node.details or {})[table] for node in nodes}
    claim = "all alive nodes hold the same data"
    if not tables:
        return Verdict(claim, 0, 0)
    first, *others = tables
    differing = [name for name in others if tables[name] != tables[first]]
    if not differing:
        return Verdict(claim, len(tables), len(tables))
    one, other = tables[first], tables[differing[0]]
    keys = [k for k in {**one, **other} if one.get(k) != other.get(k)]
    detail = f"{first} and {differing[0]} differ in {len(keys)} keys."
    evidence = {"nodes": (first, differing[0]), "keys": keys}
    right = len(tables) - len(differing)
    return Verdict(claim, right, len(tables), detail, evidence)


def _round(at_s: float, round_s: float) -> int:
    return int(at_s / round_s + EARLY)


def _sender(record: Record) -> Address | None:
    event: Any = record.event
    sender = event.sender
    return None if sender is None else (sender[0], sender[1])
