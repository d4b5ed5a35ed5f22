"""Experiments with attackers: one key, before, during and after its siege.

A value is put, and read; then attackers come, and stay until every copy from before has
expired; then they leave. What a siege is stands in `besiege`, which a notebook shows
with ``listing("p2pkit.classroom.attack_experiments", "besiege")``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from statistics import fmean
from typing import TYPE_CHECKING, Any

from p2pkit.core.driver import seeded
from p2pkit.observe.extras import load
from p2pkit.observe.paths import operations

if TYPE_CHECKING:
    import pandas as pd

    from p2pkit.cluster import Cluster

BEFORE, DURING, AFTER = "before", "during", "after"

DEFENSES: dict[str, Any] = {"bep42": "enforce", "max_per_net": 1, "paths": 3}
"""Settings of Kademlia that stand against Sybils and Eclipses, all switched on."""

SETTLE_S = 5.0
"""Seconds between the last join and the first put, to fill tables."""

LOOKUPS = 4
"""Lookups behind each value of contamination, from as many nodes."""

PUBLISHER = 0
"""Place of the node that puts the value, and again while it runs."""


@dataclass(frozen=True)
class Siege:
    """What is attacked, by whom, and how it is measured.

    Parameters
    ----------
    nodes, attackers, machines : int
        Honest nodes; identities of the attacker, and the /24s that these are in.
    value : bytes
        What is put; its hash is the chosen key.
    reads : int
        Reads behind each sample, each by an honest node drawn at random.
    samples : int
        How often is looked in each phase; the last look of a phase comes when all that
        was stored in the one before has expired.
    expire_s : float
        How long a copy is kept. Two hours in the Mainline DHT; shorter here, for it
        only stretches time. The publisher puts the value again at half of that.
    loss : float
        Odds, 0 to 1, that a datagram is lost.
    carrier, processes, network : str, int, str
        As for a `Cluster`.
    """

    nodes: int = 64
    attackers: int = 32
    machines: int = 1
    value: bytes = b"a page that somebody does not want to be read"
    reads: int = 40
    samples: int = 1
    expire_s: float = 60.0
    loss: float = 0.0
    carrier: str = "virtual"
    processes: int = 4
    network: str = "host"


@dataclass(frozen=True)
class Sample:
    """One look at a besieged key.

    Parameters
    ----------
    phase : str
        ``before``, ``during`` or ``after``.
    at_s : float
        When, in seconds of the run.
    success : float
        Share of the reads that brought the value.
    contamination : float
        Share of attackers among the k nearest that honest nodes find.
    asked : float
        Peers asked for a read, on average.
    sent : float
        Messages that all honest nodes sent while the reads went on, questions, answers
        and upkeep, for each read.
    spent : int
        Messages that all attackers have sent so far.
    """

    phase: str
    at_s: float
    success: float
    contamination: float
    asked: float
    sent: float
    spent: int


def besiege(seed: int, siege: Siege, **settings: Any) -> Iterator[Sample]:
    """Besiege one key of one Kademlia network; yield what is seen of it.

    Parameters
    ----------
    seed : int
        Starts every generator.
    siege : Siege
        What is attacked, by whom.
    **settings
        Settings of Kademlia, such as `DEFENSES` or ``k=20``.
    """
    from p2pkit.attacks import Eclipse

    with _network(seed, siege, settings) as cluster:
        cluster.advance(SETTLE_S)
        key = cluster[PUBLISHER].put(siege.value)
        yield from _look(cluster, siege, key, BEFORE)
        cluster.add_attackers(
            Eclipse, siege.attackers, machines=siege.machines, target=key
        )
        yield from _look(cluster, siege, key, DURING)
        for attacker in cluster.attackers:
            attacker.stop()
        yield from _look(cluster, siege, key, AFTER)


def phases(seed: int, siege: Siege, **settings: Any) -> dict[str, Sample]:
    """Return the last sample of each phase of a siege."""
    return {one.phase: one for one in besiege(seed, siege, **settings)}


def sieges(
    name: str,
    values: Iterable[Any],
    seeds: Iterable[int],
    siege: Siege | None = None,
    **settings: Any,
) -> pd.DataFrame:
    """Repeat a siege for every value of one condition, and for every seed.

    Parameters
    ----------
    name : str
        A field of `Siege`, or a setting of Kademlia.
    values, seeds : iterable
        Its values; one network each for every seed.
    siege : Siege, optional
        What stays the same; settings of Kademlia may follow.

    Returns
    -------
    pandas.DataFrame
        A row a sample: `name`, ``seed``, and the fields of `Sample`.
    """
    begun, seeds, rows = siege or Siege(), list(seeds), []
    for value in values:
        is_field = name in Siege.__dataclass_fields__
        one = replace(begun, **{name: value}) if is_field else begun
        some = settings if is_field else {**settings, name: value}
        for seed in seeds:
            looks = besiege(seed, one, **some)
            rows += [{name: value, "seed": seed, **asdict(look)} for look in looks]
    table: pd.DataFrame = load("pandas", "view").DataFrame(rows)
    return table


def _network(seed: int, siege: Siege, settings: dict[str, Any]) -> Cluster:
    from p2pkit.cluster import Cluster
    from p2pkit.faults import Constant, Link
    from p2pkit.protocols import Kademlia

    virtual = siege.carrier == "virtual"
    half_s = siege.expire_s / 2
    return Cluster(
        Kademlia,
        siege.nodes,
        None if virtual else siege.processes,
        seed=seed,
        carrier=siege.carrier,
        network=siege.network,
        progress="none",
        link=Link(latency=Constant(0.01 if virtual else 0.0), loss=siege.loss),
        item_expire_s=siege.expire_s,
        republish_s=half_s,
        replicate_s=half_s,
        **settings,
    )


def _look(cluster: Cluster, siege: Siege, key: int, phase: str) -> Iterator[Sample]:
    """Look at a key again and again, until what was stored before has expired."""
    began_s, whole_s = cluster.now(), 1.1 * siege.expire_s
    rng = seeded(cluster.seed, phase)
    for number in range(1, siege.samples + 1):
        due_s = began_s + whole_s * number / siege.samples
        cluster.advance(max(0.0, due_s - cluster.now()))
        success, asked, sent = _read(cluster, siege, key, rng)
        spent = sum(one.inspect()["spent"] for one in _alive(cluster.attackers))
        share = contamination(cluster, key, rng)
        yield Sample(phase, cluster.now(), success, share, asked, sent, spent)


def _read(
    cluster: Cluster, siege: Siege, key: int, rng: Any
) -> tuple[float, float, float]:
    """Return the share of reads that bring the value, and what each of them costs."""
    readers = rng.choices(range(PUBLISHER + 1, siege.nodes), k=siege.reads)
    calls = [(reader, "get", (key,)) for reader in readers]
    before = _sent_by_honest(cluster)
    found = cluster.call_many(calls, in_flight=4)
    sent = _sent_by_honest(cluster) - before
    looked = operations(cluster.trace, "get")[-siege.reads :]
    return (
        sum(one == siege.value for one in found) / siege.reads,
        fmean(one["asked"] for one in looked),
        sent / siege.reads,
    )


def _sent_by_honest(cluster: Cluster) -> int:
    names = {one.name for one in cluster.honest}
    seen = [one for one in cluster.snapshot().nodes if one.name in names]
    return sum(it.messages for one in seen for it in one.counters.sent.values())


def contamination(cluster: Cluster, key: int, rng: Any) -> float:
    """Return the share of attackers among the k nearest that honest nodes find.

    Parameters
    ----------
    cluster : Cluster
        Kademlia nodes, with attackers or without.
    key : int
        The key that is looked up.
    rng : random.Random
        Draws who looks.
    """
    bad = {one.id for one in cluster.attackers}
    lookers = rng.sample(_alive(cluster.honest), LOOKUPS)
    found = [contact.id for one in lookers for contact in one.lookup(key)]
    return sum(one in bad for one in found) / len(found)


def _alive(nodes: Iterable[Any]) -> list[Any]:
    return [one for one in nodes if one.state == "alive"]


def liars(
    seed: int, share: float, nodes: int = 96, lookups: int = 40, **settings: Any
) -> float:
    """Return how often a lookup finds the nearest honest node among liars.

    These attackers are anywhere, not beside the key, and lie about every key: they are
    bad nodes on the way.

    Parameters
    ----------
    seed : int
        Starts every generator.
    share : float
        Attackers among all nodes, from 0 to less than 1.
    nodes, lookups : int
        Honest nodes; lookups of random keys, each by one of them.
    **settings
        Settings of Kademlia, such as ``paths=3``.
    """
    from p2pkit.attacks import Eclipse
    from p2pkit.observe.check import closest

    with _network(seed, Siege(nodes=nodes), settings) as cluster:
        cluster.advance(SETTLE_S)
        count = round(nodes * share / (1 - share))
        if count:
            cluster.add_attackers(Eclipse, count, near_bits=0, all_keys=True)
        cluster.advance(SETTLE_S)
        rng, found = seeded(seed, "liars"), 0
        for _ in range(lookups):
            key, looker = rng.getrandbits(160), rng.choice(cluster.honest)
            others = [one.id for one in cluster.honest if one.id != looker.id]
            ids = [contact.id for contact in looker.lookup(key)]
            found += closest(others, key, 1)[0] in ids
    return found / lookups
