"""How good lookups are, in virtual time: exact, short, and quick beside dead nodes.

Tables are filled by joining and one round of upkeep, nothing is wired by hand. Then
random keys are looked up from random nodes, and each answer is compared with the k
closest of all living nodes by brute force.

Definitions: *messages* are the requests of one lookup, without repeats and replies;
*hops* are referrals until the nearest node was known to be asked, 1 if it stood in the
asker's own table; *time* is virtual, with 10 ms from node to node.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Iterable, Sequence
from heapq import nsmallest
from typing import Any, NamedTuple

from benchmarks.report import figure, line, table
from p2pkit.core import Finished, Operation, Record
from p2pkit.faults import Constant, Link, Plan
from p2pkit.protocols import Kademlia
from p2pkit.sim import Simulation

LATENCY_S = 0.010
LIMIT_S = 300.0
VIA = 3
FACTS = {
    (256, 8): 1.9, (1000, 8): 2.2, (1024, 8): 2.2, (4096, 8): 2.7, (8192, 8): 2.9,
    (256, 20): 1.6, (1000, 20): 1.9, (1024, 20): 1.9, (4096, 20): 2.2, (8192, 20): 2.4,
}  # fmt: skip
"""Mean hops by nodes and k where every bucket holds random contacts: the same
definition, run apart from this kit. Joined tables share more contacts than random
ones, so a lookup learns a little less from each answer."""
HOPS_MARGIN = 0.15
MOST_MESSAGES = {8: 12.9, 20: 23.0}
"""Requests of a lookup by k, among 8192 nodes in the same runs."""


class Case(NamedTuple):
    """One row: how many nodes, which k, what goes wrong, how many lookups."""

    nodes: int
    k: int
    loss: float = 0.0
    dead: float = 0.0
    lookups: int = 200


def address(number: int) -> tuple[str, int]:
    """Return the address of node `number`, one host each."""
    return f"127.{1 + (number >> 16)}.{number >> 8 & 255}.{number & 255}", 6881


class Overlay:
    """A joined network, and the closing events of its operations."""

    def __init__(self, case: Case, seed: int) -> None:
        self.case, self.rng = case, random.Random(f"{seed}/lookups")
        self.plan = Plan(link=Link(latency=Constant(LATENCY_S)))
        self.sim = Simulation(seed=seed, faults=self.plan, on_record=self._hear)
        self.finished: dict[tuple[str, int], Finished] = {}
        config = Kademlia.Config(k=case.k)
        self.nodes = [
            self.sim.add(f"n{i:05}", Kademlia, address(i + 1), config=config)
            for i in range(case.nodes)
        ]

    def _hear(self, record: Record) -> None:
        if isinstance(record.event, Finished) and record.event.verb == "lookup":
            self.finished[record.node, record.event.target] = record.event

    def join(self) -> None:
        """Let as many join at once as are in, then look after all tables once."""
        inside, todo = self.nodes[:1], self.nodes[1:]
        self.sim.run(inside[0].protocol.bootstrap([]), LIMIT_S)
        while todo:
            wave, todo = todo[: len(inside)], todo[len(inside) :]
            via = [self.rng.sample(inside, min(VIA, len(inside))) for _ in wave]
            self._all(
                node.protocol.bootstrap([one.me.address for one in known])
                for node, known in zip(wave, via, strict=True)
            )
            inside += wave
        self._all(node.protocol.maintain() for node in self.nodes)

    def _all(self, begun: Iterable[Operation[Any]]) -> None:
        for operation in list(begun):
            self.sim.run(operation, LIMIT_S)

    def harm(self) -> None:
        """Bring in the loss and the deaths of this case."""
        self.plan.link = Link(latency=Constant(LATENCY_S), loss=self.case.loss)
        dying = self.rng.sample(self.nodes, int(self.case.dead * len(self.nodes)))
        for node in dying:
            node.kill()
        self.nodes = [node for node in self.nodes if node not in dying]

    def look_up(self) -> dict[str, float]:
        """Look random keys up; return what came of it."""
        exact, hops, messages, took = 0, [], [], []
        ids = [node.me.id for node in self.nodes]
        for _ in range(self.case.lookups):
            node, key = self.rng.choice(self.nodes), self.rng.getrandbits(160)
            began = self.sim.now()
            found = self.sim.run(node.protocol.lookup(key), LIMIT_S)
            took.append(self.sim.now() - began)
            others = (one for one in ids if one != node.me.id)
            wanted = nsmallest(self.case.k, others, key=lambda one: one ^ key)
            exact += [contact.id for contact in found] == wanted
            event = self.finished.pop((node.name, key), None)
            if event is not None and event.steps:
                messages.append(len(event.steps))
                answered = [s for s in event.steps if s.outcome == "answered"]
                if answered:
                    hops.append(min(answered, key=lambda s: s.peer ^ key).hop)
        return {
            "exact": exact / self.case.lookups,
            "hops": statistics.mean(hops) if hops else 0.0,
            "messages": statistics.mean(messages) if messages else 0.0,
            "median_s": statistics.median(took),
            "p99_s": sorted(took)[int(len(took) * 0.99)],
        }


def measure(case: Case, seed: int = 7) -> dict[str, Any]:
    """Build the network of `case` and look keys up in it."""
    began = time.perf_counter()
    overlay = Overlay(case, seed)
    overlay.join()
    joined, joined_at_s = time.perf_counter(), overlay.sim.now()
    contacts = [len(list(node.protocol.neighbors())) for node in overlay.nodes]
    overlay.harm()
    numbers = overlay.look_up()
    return {
        "bench": "lookups",
        **case._asdict(),
        **{name: round(value, 4) for name, value in numbers.items()},
        "contacts": round(statistics.mean(contacts), 1),
        "facts_hops": FACTS.get((case.nodes, case.k)),
        "joined_at_s": round(joined_at_s, 2),
        "join_wall_s": round(joined - began, 2),
        "lookups_wall_s": round(time.perf_counter() - joined, 2),
    }


def cases(large: bool) -> list[Case]:
    """Return the rows to measure."""
    quiet = [Case(n, k) for k in (8, 20) for n in (1, 2, 3, k + 1, 100, 256, 1000)]
    harmed = [
        Case(1000, 8, loss=0.1),
        Case(1000, 8, loss=0.3),
        Case(1000, 8, dead=1 / 3),
    ]
    return quiet + harmed + ([Case(10_000, 8)] if large else [])


def judge(row: dict[str, Any]) -> None:
    """Print the figures to reach that a row speaks to."""
    if row["facts_hops"] and not row["loss"] and not row["dead"]:
        judge_length(row)
    name = f"exact k closest, N = {row['nodes']}, k = {row['k']}"
    least = {0.0: 1.0, 0.1: 0.99, 0.3: 0.95}.get(row["loss"], 0.95)
    if row["dead"]:
        config = Kademlia.Config()
        limit_s = 2 * config.timeout_s
        reached = f"{row['median_s']:.3f} s (slow after {config.resend_s:g} s)"
        target, ok = f"at most {limit_s:g} s", row["median_s"] <= limit_s
        figure("median lookup, a third dead", target, reached, ok=ok)
        return
    if row["loss"]:
        name += f", loss {row['loss']:.0%}"
    reached, target = f"{row['exact']:.1%}", f"{least:.0%}"
    figure(name, target, reached, ok=row["exact"] >= least)


def judge_length(row: dict[str, Any]) -> None:
    """Print whether hops and messages are as with ideal tables."""
    where, facts = f"N = {row['nodes']}, k = {row['k']}", row["facts_hops"]
    ok = abs(row["hops"] - facts) <= HOPS_MARGIN * facts
    target = f"{facts:g} +- {HOPS_MARGIN:.0%}"
    figure(f"hops a lookup, {where}", target, f"{row['hops']:.2f}", ok=ok)
    most, reached = MOST_MESSAGES[row["k"]], row["messages"]
    name, target = f"requests a lookup, {where}", f"at most {most:g}"
    figure(name, target, f"{reached:.1f}", ok=reached <= most)


def show(rows: Sequence[dict[str, Any]]) -> None:
    """Print the rows as a table."""
    columns = ["nodes", "k", "loss", "dead", "exact", "hops", "facts_hops", "messages"]
    columns += ["median_s", "p99_s", "contacts", "join_wall_s"]
    cells = [["-" if r[c] is None else f"{r[c]:.4g}" for c in columns] for r in rows]
    table("lookups in virtual time", columns, cells)


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="10,000 nodes as well")
    parser.add_argument("--nodes", type=int, help="only this many, and only whole")
    given = parser.parse_args()
    rows = []
    for case in [Case(given.nodes, 8)] if given.nodes else cases(given.large):
        rows.append(measure(case))
        line(rows[-1])
        judge(rows[-1])
    show(rows)


if __name__ == "__main__":
    main()
