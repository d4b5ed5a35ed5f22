"""Experiments: one line in a cell for many runs in virtual time.

A curve needs several seeds at each of its points. What a run is stands in `one_run`,
which a notebook shows with ``listing("p2pkit.classroom.experiments", "one_run")``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from p2pkit.core.driver import seeded
from p2pkit.faults import Link
from p2pkit.observe.check import closest
from p2pkit.observe.extras import load
from p2pkit.observe.paths import operations

if TYPE_CHECKING:
    import pandas as pd

    from p2pkit.cluster import Cluster

ID_BITS = 160
SETTLE_S = 5.0
"""Virtual seconds between the last join and the first lookup, to fill tables."""


def sweep(
    name: str, values: Iterable[Any], seeds: Iterable[int], **conditions: Any
) -> pd.DataFrame:
    """Repeat `one_run` for every value of one condition and for every seed.

    Parameters
    ----------
    name : str
        The condition that varies: ``alpha``, ``k``, ``dead``, ``nodes``, or any other
        parameter of `one_run` or setting of Kademlia.
    values : iterable
        Its values.
    seeds : iterable of int
        One run each; at least ten behind any curve.
    **conditions
        What stays the same, such as ``nodes=64`` or ``link=Link(loss=0.1)``.

    Returns
    -------
    pandas.DataFrame
        A row a lookup, with the columns of `one_run`, and `name` and `seed`.
    """
    seeds = list(seeds)
    rows = [
        {name: value, "seed": seed, **row}
        for value in values
        for seed in seeds
        for row in one_run(seed, **{**conditions, name: value})
    ]
    table: pd.DataFrame = load("pandas", "view").DataFrame(rows)
    return table


def one_run(
    seed: int,
    nodes: int = 64,
    lookups: int = 20,
    dead: float = 0.0,
    loss: float = 0.0,
    link: Link | None = None,
    **settings: Any,
) -> list[dict[str, Any]]:
    """Run one Kademlia network in virtual time, and look up random keys in it.

    Parameters
    ----------
    seed : int
        Starts every generator.
    nodes, lookups : int
        How many; each lookup begins at a random node that is alive.
    dead : float
        Share of the nodes, 0 to 1, that die without goodbye just before.
    loss : float
        Odds, 0 to 1, that a datagram is lost from then on, over the usual 10 ms.
    link : Link, optional
        What packets cross from then on, instead.
    **settings
        Settings of Kademlia, such as ``alpha=5``.

    Returns
    -------
    list of dict
        A row a lookup: `took_ms`, `hops`, `asked` and `failed`, peers asked and those
        of them that never answered, `sent`, and `exact`, whether it returned exactly
        the k closest nodes alive. `sent` counts the datagrams with requests of this
        kind that the asking node sent meanwhile: each of `asked`, those sent again,
        and the few that its upkeep may have needed in that time.
    """
    from p2pkit.cluster import Cluster
    from p2pkit.faults import Constant
    from p2pkit.protocols import Kademlia

    rng = seeded(seed, "experiment")
    with Cluster(
        Kademlia, nodes, seed=seed, carrier="virtual", progress="none", **settings
    ) as cluster:
        cluster.advance(SETTLE_S)
        for index in rng.sample(range(nodes), round(dead * nodes)):
            cluster.kill(index)
        cluster.link(link or Link(latency=Constant(0.01), loss=loss))
        keys = [rng.getrandbits(ID_BITS) for _ in range(lookups)]
        return [_look_up(cluster, rng.choice(cluster.alive), key) for key in keys]


def _look_up(cluster: Cluster, node: Any, key: int) -> dict[str, Any]:
    """Do one lookup, and compare what it found with the truth."""
    before = _sent(node)
    found = [contact.id for contact in node.lookup(key)]
    sent = _sent(node) - before
    others = [one.id for one in cluster.alive if one.id != node.id]
    truth = closest(others, key, cluster.config.k)
    row = operations(cluster.trace, "lookup")[-1]
    costs = {name: row[name] for name in ("took_ms", "hops", "asked", "failed")}
    return {**costs, "sent": sent, "exact": found == truth}


def _sent(node: Any) -> int:
    """Return how many requests of lookups have left a node so far, as datagrams."""
    tally = node.counters.sent.get("FindNode")
    return tally.messages if tally else 0
