"""Membership, judged from outside: who agrees, what was found, and what was not so.

A view is what one node lists as alive. The oracles take snapshots and records of any
membership protocol that has ``member`` edges and reports `ViewChanged`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from p2pkit.core import Record
from p2pkit.observe.converged import MEMBER
from p2pkit.observe.snapshot import Snapshot
from p2pkit.observe.verdict import Verdict
from p2pkit.protocols.swim.messages import ViewChanged


class Detection(NamedTuple):
    """What one node made of one death: seconds after it, None for never."""

    node: str
    victim: str
    suspected_s: float | None
    dead_s: float | None


def agreement(snapshot: Snapshot) -> Verdict:
    """Examine whether every alive node lists exactly the other alive nodes.

    Paused nodes may be listed or not: nobody can tell.
    """
    nodes = snapshot.alive
    alive = {node.address for node in nodes}
    unknown = {one.address for one in snapshot.nodes if one.state == "paused"}
    claim, right, first = "every alive node lists exactly the alive nodes", 0, ""
    for node in nodes:
        listed = {edge.to.address for edge in node.edges if edge.kind == MEMBER}
        lacks = len(alive - listed - {node.address})
        beyond = len(listed - alive - unknown)
        right += not lacks and not beyond
        if (lacks or beyond) and not first:
            first = f"{node.name} lacks {lacks} and lists {beyond} that are not alive."
    return Verdict(claim, right, len(nodes), first)


def detections(
    records: Iterable[Record], snapshot: Snapshot, deaths: Mapping[str, float]
) -> list[Detection]:
    """Return when each alive node suspected and buried each that died.

    Parameters
    ----------
    records : iterable of Record
        A cluster's trace.
    snapshot : Snapshot
        Any of the same cluster: it tells whose id is whose.
    deaths : mapping of str to float
        When each victim died, in seconds of the run, by name.
    """
    ids = {node.id: node.name for node in snapshot.nodes if node.name in deaths}
    first: dict[tuple[str, str, str], float] = {}
    for record in records:
        event = record.event
        if isinstance(event, ViewChanged) and event.peer in ids:
            victim = ids[event.peer]
            if record.at_s >= deaths[victim]:
                after_s = record.at_s - deaths[victim]
                first.setdefault((record.node, victim, event.state), after_s)
    return [
        Detection(
            node.name,
            victim,
            first.get((node.name, victim, "suspect")),
            first.get((node.name, victim, "dead")),
        )
        for victim in deaths
        for node in snapshot.alive
    ]


def false_deaths(
    records: Iterable[Record],
    snapshot: Snapshot,
    deaths: Mapping[str, float] | None = None,
) -> Verdict:
    """Examine whether nobody was taken for dead who was not.

    Each time that a node came to believe a death is one case; evidence holds the first
    that was wrong. `deaths` is as in `detections`.
    """
    ids = {node.id: node.name for node in snapshot.nodes}
    total, wrong = 0, []
    for record in records:
        event = record.event
        if isinstance(event, ViewChanged) and event.state == "dead":
            name = ids.get(event.peer, "")
            total += 1
            if record.at_s < (deaths or {}).get(name, float("inf")):
                wrong.append((record.at_s, record.node, name or event.name))
    claim = "whoever was taken for dead was dead"
    if not wrong:
        return Verdict(claim, total, total)
    at_s, node, name = wrong[0]
    detail = f"{node} took {name} for dead after {at_s:.1f} s, and it was alive."
    evidence = {"at_s": at_s, "node": node, "name": name}
    return Verdict(claim, total - len(wrong), total, detail, evidence)
