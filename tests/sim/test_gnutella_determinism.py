"""The same seed gives the same overlay, searches and bytes; another seed others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

RUN = """
import sys
from p2pkit.faults import Link, Plan, Uniform
from p2pkit.observe import Trace
from p2pkit.protocols import Gnutella
from p2pkit.protocols.gnutella import ExpandingRing, Flood, GnutellaConfig, RandomWalk
from p2pkit.sim import Simulation

records = []
plan = Plan(link=Link(latency=Uniform(0.001, 0.1), loss=0.05))
sim = Simulation(seed=int(sys.argv[1]), faults=plan, on_record=records.append)
config = GnutellaConfig(one_hop=True)
nodes = [
    sim.add(f"n{i:02}", Gnutella, (f"127.0.1.{i + 1}", 6346), config=config)
    for i in range(30)
]
for i, node in enumerate(nodes):
    known = [one.me.address for one in nodes[max(0, i - 3) : i]]
    sim.run(node.protocol.bootstrap(known), 60)
    node.protocol.share(f"file {i % 5} of many words", b"x" * i)
sim.advance(30)
for rule in (Flood(), Flood(odds=0.6), ExpandingRing(), RandomWalk(bias=1.0)):
    for hit in sim.run(nodes[7].protocol.search("words 3", rule=rule, want=3), 100):
        sim.run(nodes[7].protocol.fetch(hit), 100)
nodes[3].kill()
sim.advance(120)
trace = Trace()
for record in records:
    trace.append(record)
print(trace.digest(), sim.wire_digest, len(trace))
"""


def digests(seed: int, hash_seed: int) -> list[str]:
    """Return the digests of one run in a process of its own."""
    environment = os.environ | {
        "PYTHONHASHSEED": str(hash_seed),
        "PYTHONPATH": str(ROOT),
    }
    run = subprocess.run(
        [sys.executable, "-c", RUN, str(seed)],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
        cwd=ROOT,
    )
    return run.stdout.split()


def test_searching_depends_on_the_seed_and_on_nothing_else() -> None:
    first, again, other = digests(7, 1), digests(7, 4242), digests(8, 1)

    assert first == again
    assert first[0] != other[0]
    assert first[1] != other[1]
    assert int(first[2]) > 100
