"""Five ways to find other nodes, compared: what each costs, whom it names, who is dead.

A way is a function of a network that returns addresses. The first three are those of
Gnutella: the entrance that everybody knows, the cache from last time, and asking who is
there whom else they know. The fourth looks an application's name up in a DHT, where its
nodes have announced themselves. The last follows random walks in a Cyclon overlay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from p2pkit.cluster import Cluster
from p2pkit.core import Address, P2PError
from p2pkit.core.driver import seeded
from p2pkit.observe.extras import load
from p2pkit.protocols import Cyclon, Kademlia, Supernodes

if TYPE_CHECKING:
    import pandas as pd

APPLICATION = 0xD15C0 << 128
"""The key in the DHT under which all nodes of an application announce themselves."""

ENTRANCE, NEWCOMER = 0, 1
"""Nodes of the network of ultrapeers: who names others, and who asks."""

Found = list[Address]


def ultrapeers(nodes: int, seed: int) -> Cluster:
    """Return ultrapeers and leaves that came in through one bootstrap node."""
    cluster = _virtual(Supernodes, 1, seed, upkeep_s=5.0)
    cluster[ENTRANCE].take_role("bootstrap")
    cluster.add(nodes)
    cluster.advance(30)
    cluster[NEWCOMER].take_role("bootstrap")  # without links it may ask anybody
    cluster.advance(30)
    return cluster


def dht(nodes: int, seed: int) -> Cluster:
    """Return a DHT whose nodes have all announced themselves."""
    cluster = _virtual(Kademlia, nodes, seed)
    for node in cluster:
        node.announce(APPLICATION, node.address[1])
    return cluster


def walks(nodes: int, seed: int) -> Cluster:
    """Return a Cyclon overlay after a while of shuffling."""
    cluster = _virtual(Cyclon, nodes, seed)
    cluster.advance(60)
    return cluster


def ask(cluster: Cluster, peer: Address) -> Found:
    """Ask a peer whom it is linked to, as a crawler does."""
    said = cluster[NEWCOMER].crawl(peer)
    return [*said.peers, *said.leaves]


def by_entrance(cluster: Cluster, rng: Any) -> Found:
    """Ask the bootstrap node."""
    return ask(cluster, cluster[ENTRANCE].address)


def by_cache(cluster: Cluster, rng: Any) -> Found:
    """Take ten addresses that a node has in its cache; no message is sent."""
    node = rng.choice(cluster.alive[2:])
    hosts = [one.rpartition(":") for one in node.inspect()["hosts"]]
    some = rng.sample(hosts, min(10, len(hosts)))
    return [(host, int(port)) for host, _, port in some]


def by_exchange(cluster: Cluster, rng: Any) -> Found:
    """Ask one node that is there for ten of those it knows."""
    known = ask(cluster, rng.choice(cluster.alive[2:]).address)
    return rng.sample(known, min(10, len(known)))  # type: ignore[no-any-return]


def by_dht(cluster: Cluster, rng: Any) -> Found:
    """Look the application up."""
    found: Found = rng.choice(cluster.alive).get_peers(APPLICATION)
    return found


def by_walk(cluster: Cluster, rng: Any) -> Found:
    """Send ten walkers out."""
    found: Found = rng.choice(cluster.alive).sample(10)
    return found


Way = tuple[str, Callable[[int, int], Cluster], Callable[[Cluster, Any], Found]]
WAYS: tuple[Way, ...] = (
    ("entrance", ultrapeers, by_entrance),
    ("cache", ultrapeers, by_cache),
    ("exchange", ultrapeers, by_exchange),
    ("dht", dht, by_dht),
    ("walk", walks, by_walk),
)


def compare(
    nodes: int, seeds: Iterable[int], draws: int = 20, dead: float = 1 / 3
) -> pd.DataFrame:
    """Use every way `draws` times, before and after a share of the nodes has died.

    Parameters
    ----------
    nodes : int
        Nodes of each network.
    seeds : iterable of int
        One network of each kind for each.
    draws : int
        How often each way is used, half of them after the deaths.
    dead : float
        Share of the nodes that die at once; nobody has time to notice.

    Returns
    -------
    pandas.DataFrame
        A row for each address that was named: `way`, `seed`, `after` the deaths or
        not, the `node` it belongs to, whether that `is_dead`, and the `messages` that
        this use of the way took, shared out among the addresses it brought.
    """
    rows: list[dict[str, Any]] = []
    for seed in seeds:
        for way, build, use in WAYS:
            rng = seeded(seed, "discovery", way)
            with build(nodes, seed) as cluster:
                for after in (False, True):
                    if after:
                        victims = range(2, len(cluster))
                        cluster.kill(rng.sample(victims, round(dead * len(victims))))
                    for _ in range(draws // 2):
                        found = _use(cluster, use, rng)
                        labels = {"way": way, "seed": seed, "after": after}
                        rows += [labels | row for row in found]
    table: pd.DataFrame = load("pandas", "view").DataFrame(rows)
    return table


def _use(cluster: Cluster, use: Any, rng: Any) -> list[dict[str, Any]]:
    """Use a way once; return a row for each address."""
    by_address = {node.address: node for node in cluster}
    before = _messages(cluster)
    try:
        found = [(host, port) for host, port in use(cluster, rng)]
    except P2PError:
        return []
    spent = (_messages(cluster) - before) / max(1, len(found))
    return [
        {
            "node": by_address[address].name,
            "is_dead": by_address[address].state != "alive",
            "messages": spent,
        }
        for address in found
        if address in by_address
    ]


def _messages(cluster: Cluster) -> int:
    kinds = {"Greeting", "GetPeers", "FindNode", "Reply", "Sample", "Sampled"}
    sent = cluster.counters.sent
    return sum(tally.messages for kind, tally in sent.items() if kind in kinds)


def _virtual(protocol: type[Any], nodes: int, seed: int, **settings: Any) -> Cluster:
    cluster = Cluster(
        protocol, nodes, carrier="virtual", seed=seed, progress="none", **settings
    )
    cluster.wait_ready()
    return cluster
