"""Trials of membership: loss, a partition, and lies, one function each.

They stand beside `swim_experiments`, whose numbers have formulas; these have none, and
show what becomes of a cluster.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from p2pkit.classroom.swim_experiments import Group
from p2pkit.core import Address
from p2pkit.protocols.swim.messages import Alive, Dead, ProbeFailed, ViewChanged

STRANGER: Address = ("127.66.6.6", 6666)
"""Nobody of the group is here."""


def lossy(
    n: int, loss: float, seconds: float, seed: int, **settings: Any
) -> dict[str, int]:
    """Let datagrams get lost while nobody dies; count what the members made of it."""
    group = Group(n, seed, push_pull_s=1e6, **settings)
    group.loss(loss)
    group.advance(seconds)
    changes = [change.state for _, change in group.reports(ViewChanged)]
    return {
        "failed probes": len(group.reports(ProbeFailed)),
        "suspected": changes.count("suspect"),
        "taken for dead": changes.count("dead"),
    }


def halves(
    n: int, seed: int, cut_s: int, whole_s: int, seconds: int, dead_probe_s: float
) -> list[float]:
    """Cut a group in two for a while; return how many others each lists, by second.

    The value at place `i` is seen `i` seconds after the start, before anything is cut
    or mended at that second.
    """
    group, seen = Group(n, seed, dead_probe_s=dead_probe_s), []
    for second in range(seconds):
        seen.append(sum(group.views()) / n)
        if second == cut_s:
            group.cut(group.nodes[: n // 2], group.nodes[n // 2 :])
        if second == whole_s:
            group.cut()
        group.advance(1.0)
    return seen


def outsider(n: int, seed: int) -> tuple[Counter[str], dict[str, int]]:
    """Have a stranger tell every member that one of them is dead.

    Returns
    -------
    beliefs : Counter of str
        What the others believe of that member a second later.
    rejected : dict of str to int
        What one of them refused.
    """
    group = Group(n, seed)
    victim = group.nodes[3]
    for node in group.nodes:
        group.forge(node, STRANGER, Dead(1, victim.protocol.name, node.protocol.name))
    group.advance(1.0)
    return group.beliefs(victim), dict(group.nodes[0].counters.rejected)


def forged(n: int, seed: int, quarters: int = 12, **settings: Any) -> list[int]:
    """Tell one member, in another's name, that a third is dead.

    Returns
    -------
    list of int
        How many believe it, each quarter of a second.
    """
    group = Group(n, seed, **settings)
    told, victim, pretended = group.nodes[0], group.nodes[3], group.nodes[5]
    claim = Dead(1, victim.protocol.name, pretended.protocol.name)
    group.forge(told, pretended.me.address, claim)
    dead = []
    for _ in range(quarters):
        group.advance(0.25)
        dead.append(group.beliefs(victim)["dead"])
    return dead


def ghost(n: int, seed: int, seconds: int = 60) -> tuple[Counter[str], Counter[str]]:
    """Let a member die while a forger goes on to call it alive, in another's name.

    Returns
    -------
    during, after : Counter of str
        What the others believe when the forger stops, and half a minute later.
    """
    group = Group(n, seed)
    victim, pretended = group.nodes[3], group.nodes[5]
    victim.kill()
    for second in range(0, seconds, 2):
        claim = Alive(2 + second, victim.protocol.name, victim.me.address)
        group.forge(group.nodes[second % n], pretended.me.address, claim)
        group.advance(2.0)
    during = group.beliefs(victim)
    group.advance(30.0)
    return during, group.beliefs(victim)
