"""Epidemics: gossip in virtual time, one run a call, with any parameters.

Each function builds the nodes, lets the news run its course, and returns what came of
it. A curve needs several seeds at each of its points: `repeat` does that.
Show one in a notebook with ``listing("p2pkit.classroom.epidemics", "rumor")``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict
from statistics import variance
from typing import TYPE_CHECKING, Any

from p2pkit.core import Address, Record
from p2pkit.core.driver import seeded
from p2pkit.core.topologies import Links
from p2pkit.faults import Constant, Link, Plan
from p2pkit.observe.epidemic import Epidemic, epidemic
from p2pkit.observe.extras import load
from p2pkit.observe.snapshot import total
from p2pkit.protocols.averaging import PairwiseAveraging, PushSum
from p2pkit.protocols.rumor import Cooled, Learned, NaiveGossip, Rumor, rumor_id
from p2pkit.sim import Simulation

if TYPE_CHECKING:
    import pandas as pd

ROUND_S = 1.0
LATENCY_S = 0.01
"""On the way, both ways, a hundredth of a round: calls of a round do not overlap."""

AT_ONCE_S = 1e-7
"""So short that exchanges follow one another, as atomic as the papers' are."""

NEWS = b"the news"


class World:
    """Nodes of one protocol in virtual time, and what they reported.

    Parameters
    ----------
    protocol : type
        What every node runs; one of those with a fixed view.
    sites : int
        How many.
    seed : int
        Starts every generator.
    links : list of (int, int), optional
        Who knows whom, see `core.topologies`; all know all if not given.
    latency_s : float
        How long a packet takes.
    **settings
        Settings of the protocol; a round takes 1 s.
    """

    def __init__(
        self,
        protocol: Any,
        sites: int,
        seed: int,
        links: Links | None = None,
        latency_s: float = LATENCY_S,
        **settings: Any,
    ) -> None:
        self.records: list[Record] = []
        plan = Plan(link=Link(latency=Constant(latency_s)))
        self.sim = Simulation(seed=seed, faults=plan, on_record=self.saw)
        if "round_s" in protocol.Config.__struct_fields__:
            settings.setdefault("round_s", ROUND_S)
        self.config = protocol.Config.of(**settings)
        self.hot = self.heard = 0
        places = [
            (f"127.{1 + (i >> 16)}.{i >> 8 & 255}.{i & 255}", 7000)
            for i in range(sites)
        ]
        self.nodes = [
            self.sim.add(f"n{i}", protocol, place, config=self.config, node_id=i)
            for i, place in enumerate(places)
        ]
        views = _views(places, links)
        for node in self.nodes:
            node.protocol.bootstrap(views[node.me.address])

    def saw(self, record: Record) -> None:
        """Keep a record, and count who heard and who still tells."""
        self.records.append(record)
        if isinstance(record.event, Learned):
            self.hot += 1
            self.heard += 1
        elif isinstance(record.event, Cooled):
            self.hot -= 1

    def outcome(self) -> Epidemic:
        """Return what became of the news."""
        names = {node.name for node in self.nodes}
        sent = total(node.counters for node in self.nodes)
        round_s = getattr(self.config, "round_s", LATENCY_S)
        return epidemic(self.records, rumor_id(NEWS), names, sent, round_s)


def rumor(
    seed: int,
    sites: int = 1000,
    links: Links | None = None,
    most_rounds: int = 1000,
    **settings: Any,
) -> Epidemic:
    """Spread one rumor until nobody tells it any more, or everybody knows it.

    Parameters
    ----------
    seed : int
        Starts every generator.
    sites : int
        How many.
    links : list of (int, int), optional
        Who knows whom; all know all if not given.
    most_rounds : int
        After how many rounds to give up.
    **settings
        Settings of rumor mongering, such as ``mode="pull"`` or ``k=3``.
    """
    world = World(Rumor, sites, seed, links, **settings)
    world.nodes[0].protocol.publish(NEWS)
    for _ in range(most_rounds):
        done = world.heard == sites and world.config.forget == "never"
        if done or not world.hot:
            break
        world.sim.advance(world.config.round_s)
    return world.outcome()


def naive(
    seed: int, sites: int = 1000, tellings: float = 3.0, links: Links | None = None
) -> Epidemic:
    """Spread one rumor by naive gossip, until all is silent.

    Parameters
    ----------
    seed, sites, links
        As for `rumor`.
    tellings : float
        How many peers a site tells on average, where all know all.
    """
    odds = min(1.0, tellings / max(sites - 1, 1))
    world = World(NaiveGossip, sites, seed, links, odds=odds)
    world.nodes[0].protocol.publish(NEWS)
    heard = 0
    while world.heard > heard:
        heard = world.heard
        world.sim.advance(LATENCY_S)
    return world.outcome()


def end_game(
    seed: int, sites: int = 1000, unaware: float = 0.05, mode: str = "pull"
) -> float:
    """Return which share of sites has not heard the news after one more round.

    Parameters
    ----------
    seed, sites : int
        As for `rumor`.
    unaware : float
        The share that has not heard it before, 0 to 1.
    mode : {"push", "pull", "push-pull"}
        Who calls whom.
    """
    world = World(Rumor, sites, seed, mode=mode, feedback=False, forget="never")
    aware = sites - round(unaware * sites)
    for node in seeded(seed, "aware").sample(world.nodes, aware):
        node.protocol.publish(NEWS)
    world.sim.advance(ROUND_S + ROUND_S / 2)
    return 1 - world.heard / sites


def unaware(
    seed: int, sites: int = 1000, rounds: int = 20, **settings: Any
) -> list[float]:
    """Spread one rumor; return which share had not heard it after each round.

    Parameters
    ----------
    seed, sites : int
        As for `rumor`.
    rounds : int
        How many; one value more is returned, that of the beginning.
    **settings
        Settings of rumor mongering.
    """
    world = World(Rumor, sites, seed, **settings)
    world.nodes[0].protocol.publish(NEWS)
    found = [1 - world.heard / sites]
    world.sim.advance(ROUND_S / 2)
    for _ in range(rounds):
        world.sim.advance(ROUND_S)
        found.append(1 - world.heard / sites)
    return found


def averaging(
    seed: int,
    sites: int = 1000,
    pairing: str = "sequential",
    cycles: int = 10,
    **settings: Any,
) -> list[float]:
    """Average random numbers; return the variance of the estimates after each cycle.

    Parameters
    ----------
    seed, sites : int
        As for `rumor`.
    pairing : {"sequential", "random", "matching", "push-sum"}
        Who meets whom. A cycle is as many exchanges as there are sites: one round,
        or two matchings.
    cycles : int
        How many; one value more is returned, that of the beginning.
    **settings
        Settings of pairwise averaging, or of push-sum.
    """
    protocol: Any = PushSum if pairing == "push-sum" else PairwiseAveraging
    if protocol is PairwiseAveraging:
        settings["pairing"] = pairing
    world = World(protocol, sites, seed, None, AT_ONCE_S, **settings)
    draw = seeded(seed, "values").gauss
    for node in world.nodes:
        node.protocol.hold(draw(0.0, 1.0))
    rounds = 2 if pairing == "matching" else 1
    world.sim.advance(world.config.round_s * (1 - 1e-4))
    found = []
    for _ in range(cycles + 1):
        found.append(variance(node.protocol.estimate() for node in world.nodes))
        world.sim.advance(rounds * world.config.round_s)
    return found


def repeat(
    one_run: Callable[..., Any],
    name: str,
    values: Iterable[Any],
    seeds: Iterable[int],
    **conditions: Any,
) -> pd.DataFrame:
    """Repeat an experiment for every value of one condition and for every seed.

    Parameters
    ----------
    one_run : callable
        One of this module, such as `rumor`.
    name : str
        The condition that varies.
    values, seeds : iterable
        Its values, and the seeds: at least ten behind any curve.
    **conditions
        What stays the same.

    Returns
    -------
    pandas.DataFrame
        A row a run: the condition, the seed, and what came of it; of an `Epidemic`
        also `residue`, `traffic` and `redundancy`.
    """
    seeds = list(seeds)
    rows = [
        {name: value, "seed": seed}
        | _columns(one_run(seed, **{**conditions, name: value}))
        for value in values
        for seed in seeds
    ]
    table: pd.DataFrame = load("pandas", "view").DataFrame(rows)
    return table


def _columns(result: Any) -> dict[str, Any]:
    if not isinstance(result, Epidemic):
        return {"result": result}
    more = ("residue", "traffic", "redundancy")
    return asdict(result) | {name: getattr(result, name) for name in more}


def _views(
    places: list[Address], links: Links | None
) -> dict[Address, tuple[Address, ...]]:
    if links is None:
        everybody = tuple(places)
        return dict.fromkeys(places, everybody)
    known: dict[Address, list[Address]] = defaultdict(list)
    for a, b in links:
        known[places[a]].append(places[b])
        known[places[b]].append(places[a])
    return {place: tuple(known[place]) for place in places}
