"""The same seed gives the same run to the byte; another seed gives another."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

RUN = """
import sys
from p2pkit.observe import Trace
from p2pkit.faults import Link, Plan, Uniform
from tests.overlay import Overlay

link = Link(latency=Uniform(0.001, 0.1), loss=0.1, duplication=0.05, reordering=0.1)
overlay = Overlay(30, seed=int(sys.argv[1]), faults=Plan(link=link))
key = overlay.run(overlay.nodes[3].protocol.put(b"value"))
overlay.run(overlay.nodes[17].protocol.get(key))
overlay.run(overlay.nodes[5].protocol.announce(99))
overlay.nodes[7].kill()
overlay.sim.advance(4000)
overlay.lookups(20)
trace = Trace()
for record in overlay.records:
    trace.append(record)
print(trace.digest(), overlay.sim.wire_digest, len(trace))
"""


def digests(seed, hash_seed):
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


def test_trace_and_wire_depend_on_the_seed_and_on_nothing_else():
    first, again, other = digests(7, 1), digests(7, 4242), digests(8, 1)

    assert first == again
    assert first[0] != other[0]
    assert first[1] != other[1]
    assert int(first[2]) > 30
