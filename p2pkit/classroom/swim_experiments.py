"""Experiments with membership in virtual time: SWIM's numbers for any parameters.

Each function builds a cluster, does one thing to it, and returns what came of it; the
numbers to compare with stand in its docstring, as formulas of the same parameters.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from typing import Any, TypeVar

from p2pkit.core import Address, Event, InvariantViolated, Message, Record
from p2pkit.core.driver import seeded
from p2pkit.faults import Constant, Link, Partition, Plan
from p2pkit.protocols.swim import Swim
from p2pkit.protocols.swim.messages import Compound, ProbeFailed, PushPull, ViewChanged
from p2pkit.sim import Simulation

E = TypeVar("E", bound=Event)

LATENCY_S = 0.005
JOIN_S = 60.0
"""Virtual seconds that a wave of newcomers may take to join."""
SETTLE_S, PATIENCE_S = 120, 5
"""Virtual seconds until members agree at most, and between rounds of repair."""
VIA = 3
PAPER: dict[str, Any] = {
    "round_robin": False, "local_health": False, "confirmations": False,
    "buddy": False, "hearsay": True, "push_pull_s": 1e6, "dead_probe_s": 1e6,
}  # fmt: skip
"""SWIM as in the paper's analysis: random probes, and none of what came later."""


class Group:
    """Members in virtual time that know each other, and what they report.

    Parameters
    ----------
    n : int
        How many, at least 2.
    seed : int
        Starts every generator.
    protocol : type
        `Swim`, or another membership protocol.
    **settings
        Its settings.

    Attributes
    ----------
    nodes : list
        The members, by number.
    records : list of Record
        What they reported since they came together.
    """

    def __init__(
        self, n: int, seed: int, protocol: type[Any] = Swim, **settings: Any
    ) -> None:
        self.plan = Plan(link=Link(latency=Constant(LATENCY_S)))
        self.records: list[Record] = []
        self.sim = Simulation(
            seed=seed, faults=self.plan, on_record=self.records.append
        )
        self.rng = seeded(seed, "experiment")
        config = protocol.Config.of(**settings)
        self.nodes = [
            self.sim.add(f"n{i:04}", protocol, _address(i), config=config)
            for i in range(n)
        ]
        self._begin_joined() if issubclass(protocol, Swim) else self._join()
        self.records.clear()

    def number_of(self, node_id: int) -> int:
        """Return a member's number by its id."""
        return next(i for i, one in enumerate(self.nodes) if one.me.id == node_id)

    def reports(self, kind: type[E]) -> list[tuple[Record, E]]:
        """Return the records of one kind of event, each with its event."""
        return [(one, one.event) for one in self.records if isinstance(one.event, kind)]

    def advance(self, seconds: float) -> None:
        """Let virtual time pass."""
        self.sim.advance(seconds)

    def loss(self, odds: float) -> None:
        """Let datagrams get lost from now on."""
        self.plan.link = Link(latency=Constant(LATENCY_S), loss=odds)

    @property
    def period_s(self) -> float:
        """Seconds of one protocol period."""
        config = self.nodes[0].protocol.config
        period_s: float = getattr(config, "probe_s", None) or config.period_s
        return period_s

    def forge(self, to: Any, source: Address, *messages: Message) -> None:
        """Have a member hear a datagram that says it comes from `source`.

        It reaches members of this group in virtual time, and nobody else.
        """
        whole = messages[0] if len(messages) == 1 else Compound(messages)
        data, now_s = type(to.protocol).codec.encode(whole), self.sim.now()
        self.sim.scheduler.deliver_at(now_s, to.me.address, source, data)

    def beliefs(self, about: Any) -> Counter[str]:
        """Return how many living members believe what of one of them."""
        name = about.protocol.name
        return Counter(
            next(
                (str(one.state) for one in node.protocol.members if one.name == name),
                "unknown",
            )
            for node in self.nodes
            if node is not about and node.state == "alive"
        )

    def cut(self, *groups: list[Any]) -> None:
        """Let the network fall into groups; none for one whole."""
        self.plan.clear()
        if groups:
            sides = [{node.me.address for node in group} for group in groups]
            self.plan.add(Partition(sides))

    def sent(self) -> int:
        """Return how many datagrams all members have sent."""
        tallies = [node.counters.sent for node in self.nodes]
        return sum(
            tally.messages
            for counts in tallies
            for name, tally in counts.items()
            if name != "PushPull"
        )

    def views(self) -> list[int]:
        """Return how many others each living member lists as alive."""
        alive = [node for node in self.nodes if node.state == "alive"]
        return [
            sum(edge.kind == "member" for edge in node.protocol.neighbors())
            for node in alive
        ]

    def is_quiet(self) -> bool:
        """Tell whether every member knows every other, and has nothing to tell."""
        return all(view == len(self.nodes) - 1 for view in self.views()) and not any(
            _untold(node) for node in self.nodes
        )

    def settle(self) -> None:
        """Let time pass until all is quiet; help with repair where gossip does not."""
        for second in range(1, SETTLE_S + 1):
            if self.is_quiet():
                return
            if second % PATIENCE_S == 0:
                for node, view in zip(self.nodes, self.views(), strict=True):
                    if view < len(self.nodes) - 1:
                        node.protocol.maintain()
            self.advance(1.0)
        message = f"after {SETTLE_S} s members still disagree: {self.views()}"
        raise InvariantViolated(message)

    def _begin_joined(self) -> None:
        for node in self.nodes:
            node.protocol.bootstrap([])
        own = [node.protocol.sync.table().entries[0] for node in self.nodes]
        for node in self.nodes:
            node.protocol.adopt(PushPull(False, tuple(own)))
        self.settle()

    def _join(self) -> None:
        inside: list[Any] = []
        while len(inside) < len(self.nodes):
            wave = self.nodes[len(inside) :][: max(1, len(inside))]
            joins = []
            for node in wave:
                via = self.rng.sample(inside, min(VIA, len(inside)))
                known = [one.me.address for one in via]
                joins.append(node.protocol.bootstrap(known))
            for operation in joins:
                self.sim.run(operation, JOIN_S)
            inside += wave
        self.settle()


def first_detection(n: int, trials: int, seed: int, **settings: Any) -> list[int]:
    """Return after how many periods somebody first probed a member that had died.

    Expected with random probes: ``1 / (1 - (1 - 1 / (n - 1)) ** (n - 1))`` on average,
    about 1.58 for any n; in turn (``round_robin=True``) at most 2 n - 1.

    Parameters
    ----------
    n, trials, seed : int
        Members; how often one of them, chosen at random, falls silent.
    **settings
        Of `SwimConfig`, over those of the paper.
    """
    group = Group(n, seed, **(PAPER | {"suspicion_mult": 100} | settings))
    period_s = group.period_s
    waited = []
    for _ in range(trials):
        group.advance(group.rng.random() * period_s)
        victim = group.rng.choice(group.nodes)
        began_s = group.sim.now()
        group.records.clear()
        victim.pause()

        while not (noticed := _failed_probes(group, victim.me.id, began_s)):
            assert group.sim.now() < began_s + 4 * n * period_s, "nobody noticed"
            group.advance(period_s / 4)
        waited.append(math.ceil((min(noticed) - began_s) / period_s))
        victim.resume()
        group.settle()
    return waited


def false_alarms(
    n: int, loss: float, helpers: int, periods: int, seed: int, **settings: Any
) -> float:
    """Return how often a living member is taken for dead before a dead one is found.

    With q = 1 - loss: ``(1 - q**2) * (1 - q**4)**helpers * e / (e - 1)``, the failed
    probes of one member in the e / (e - 1) periods that the first detection takes.
    """
    group = Group(
        n, seed, **(PAPER | {"suspicion_mult": 100, "helpers": helpers} | settings)
    )
    group.loss(loss)
    group.advance(periods * group.period_s)
    failed = len(group.reports(ProbeFailed))
    return failed / (n * periods) * math.e / (math.e - 1)


def expected_false_alarms(loss: float, helpers: int) -> float:
    """Return the paper's value of `false_alarms`.

    Examples
    --------
    >>> round(expected_false_alarms(0.05, 1), 4)
    0.0286
    """
    q = 1.0 - loss
    return (1 - q**2) * (1 - q**4) ** helpers * math.e / (math.e - 1)


def load(
    n: int, periods: int, seed: int, protocol: type[Any] = Swim, **settings: Any
) -> float:
    """Return the datagrams that one member sends in a period while nothing happens.

    With SWIM about 2 whatever n is, a ping and an answer; with `Heartbeats` n - 1.
    """
    usual = PAPER if protocol is Swim else {}
    group = Group(n, seed, protocol, **(usual | settings))
    before = group.sent()
    group.advance(periods * group.period_s)
    return (group.sent() - before) / (n * periods)


def death(n: int, seed: int, **settings: Any) -> dict[str, float]:
    """Let one member die; return when the others suspected, and buried, it.

    Returns
    -------
    dict of str to float
        Seconds after its death: `suspected_s` and `dead_s` for the first to believe
        so, `last_s` for the last. `share` is who knew of it in the end, 0 to 1.
    """
    group = Group(n, seed, **settings)
    victim = group.rng.choice(group.nodes)
    began_s = group.sim.now()
    victim.kill()
    group.advance(200 * group.period_s)
    changes = [
        (record.at_s - began_s, change.state)
        for record, change in group.reports(ViewChanged)
        if change.peer == victim.me.id
    ]
    suspected = [at for at, state in changes if state == "suspect"]
    dead = [at for at, state in changes if state == "dead"]
    return {
        "suspected_s": min(suspected, default=math.nan),
        "dead_s": min(dead, default=math.nan),
        "last_s": max(dead, default=math.nan),
        "share": len(dead) / (n - 1),
    }


def slow_members(
    n: int,
    slow: int,
    seed: int,
    seconds: float = 120.0,
    stuck_s: float = 16.0,
    awake_s: float = 0.01,
    **settings: Any,
) -> dict[str, int]:
    """Let some members be stuck again and again, as on an overloaded machine.

    Each of them is stuck for about `stuck_s` and awake for about `awake_s`, drawn anew
    each time (exponentially), apart from the others.

    Returns
    -------
    dict of str to int
        `false`: how often a member that was never stuck was taken for dead, by
        whomever; `false_at_healthy`: by a member that was never stuck either.
    """
    group = Group(n, seed, **settings)
    ill = group.rng.sample(group.nodes, slow)
    until_s = group.sim.now() + seconds
    turns = [(group.sim.now(), i) for i in range(slow)]
    while turns[0][0] < until_s:
        at_s, i = heapq.heappop(turns)
        group.advance(at_s - group.sim.now())
        is_stuck = ill[i].state == "paused"
        (ill[i].resume if is_stuck else ill[i].pause)()
        lasts_s = group.rng.expovariate(1 / (awake_s if is_stuck else stuck_s))
        heapq.heappush(turns, (at_s + lasts_s, i))
    names, ids = {node.name for node in ill}, {node.me.id for node in ill}
    wrong = [
        record.node
        for record, change in group.reports(ViewChanged)
        if change.state == "dead" and change.peer not in ids
    ]
    healthy = sum(name not in names for name in wrong)
    return {"false": len(wrong), "false_at_healthy": healthy}


def _address(number: int) -> tuple[str, int]:
    return f"127.{1 + (number >> 16)}.{number >> 8 & 255}.{number & 255}", 7946


def _untold(node: Any) -> int:
    gossip = getattr(node.protocol, "gossip", None)
    return len(gossip.queue) if gossip and node.state == "alive" else 0


def _failed_probes(group: Group, peer: int, after_s: float) -> list[float]:
    """Return when the probes of a member began that failed, from a time on."""
    probes = [probe for _, probe in group.reports(ProbeFailed)]
    found = [one.began_s for one in probes if one.peer == peer]
    return [began_s for began_s in found if began_s >= after_s]
