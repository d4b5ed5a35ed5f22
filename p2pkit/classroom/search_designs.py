"""Three designs of search on the same files: one index, a flood, and ultrapeers.

Each network has the same nodes with the same files and answers the same questions, in
virtual time. Node 0 has no files and asks nothing: it founds the network, which makes
it the index of one of them. What a question costs is what it adds to the counters of
search messages; all else that nodes say is upkeep.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from p2pkit.cluster import Cluster
from p2pkit.core import PeerUnreachable
from p2pkit.core.content import Content
from p2pkit.core.content import draw as draw_content
from p2pkit.core.event import Finished
from p2pkit.observe.extras import load
from p2pkit.protocols import CentralIndex, Gnutella, Supernodes

if TYPE_CHECKING:
    import pandas as pd

DESIGNS: dict[str, type[Any]] = {
    "index": CentralIndex,
    "flood": Gnutella,
    "ultrapeers": Supernodes,
}

SEARCH_MESSAGES = frozenset({"Query", "QueryHit", "Find", "Found", "FoundAll"})
SETTLE_S = 20.0
"""Virtual seconds between the last join and the first question."""


def network(design: str, content: Content, seed: int, **settings: Any) -> Cluster:
    """Return a network of one of the `DESIGNS`, with the files in their places.

    Parameters
    ----------
    design : str
        ``index``, ``flood`` or ``ultrapeers``.
    content : Content
        Node i of it is node i + 1 of the network.
    seed : int
        Starts the network's generators.
    **settings
        Changes to the protocol's settings.
    """
    cluster = Cluster(
        DESIGNS[design], content.nodes + 1, carrier="virtual", seed=seed,
        progress="none", **settings,
    )  # fmt: skip
    cluster.wait_ready()
    cluster.advance(SETTLE_S)
    for node, names in content.shared.items():
        for name in names:
            cluster[node + 1].share(name)
    cluster.advance(5.0)
    return cluster


def loads(cluster: Cluster) -> dict[str, int]:
    """Return the search messages that each node has sent and heard."""
    return {
        node.name: sum(
            tally.messages
            for side in (node.counters.sent, node.counters.received)
            for kind, tally in side.items()
            if kind in SEARCH_MESSAGES
        )
        for node in cluster.snapshot().nodes
    }


def questions(
    cluster: Cluster, content: Content, count: int, seed: int, want: int = 3, **how: Any
) -> list[dict[str, Any]]:
    """Ask some questions, one after the other; return a row for each.

    Parameters
    ----------
    cluster : Cluster
        What `network` returned; askers that are dead are passed over.
    content : Content
        Draws who asks for what, by popularity.
    count, seed : int
        How many questions, and which.
    want : int
        Copies that are enough.
    **how
        For `search`, such as ``rule="flood"``.

    Returns
    -------
    list of dict
        `copies` there are, `found` of the copies wanted as a share, `messages` it
        took, and `took_s` until the search ended; for who gets an error, `found` is 0.
    """
    rows = []
    for node, name in content.queries(count, seed):
        asker = cluster[node + 1]
        if asker.state != "alive":
            continue
        holders = content.who_has(name)
        before = sum(loads(cluster).values())
        words = name.removesuffix(".txt")
        try:
            hits = len(asker.search(words, want=want, **how))
        except PeerUnreachable:
            hits = 0
        cluster.advance(1.0)  # what was under way when it was enough costs as well
        # Every message is counted where it is sent and where it is heard.
        spent = (sum(loads(cluster).values()) - before) / 2
        took_s = [
            record.at_s - record.event.began_s
            for record in cluster.trace.of(Finished)
            if isinstance(record.event, Finished)
        ]
        rows.append({
            "copies": len(holders),
            "found": min(hits, want) / min(len(holders), want),
            "messages": spent,
            "took_s": took_s[-1] if took_s else 0.0,
        })  # fmt: skip
    return rows


def compare(
    seeds: Iterable[int],
    nodes: int = 59,
    files: int = 40,
    budget: int = 300,
    count: int = 10,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
) -> pd.DataFrame:
    """Ask the same questions in networks of all designs; a row for each question.

    Parameters
    ----------
    seeds : iterable of int
        One network of each design for each.
    nodes : int
        Nodes that may have files, beside the first.
    files, budget : int
        Files, and copies of all of them; the popular ones have more.
    count : int
        Questions to each network.
    settings : mapping, optional
        Changes to the settings, by design.
    """
    rows = []
    for seed in seeds:
        content = draw_content(nodes, files, budget, seed)
        for design in DESIGNS:
            changes = (settings or {}).get(design, {})
            with network(design, content, seed, **changes) as cluster:
                answered = questions(cluster, content, count, seed)
            rows += [{"design": design, "seed": seed, **row} for row in answered]
    table: pd.DataFrame = load("pandas", "view").DataFrame(rows)
    return table
