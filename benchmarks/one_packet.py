"""One packet of a capture is dissected: the first one after loading, and any other.

Run as ``python -m benchmarks.one_packet``. The captures are the shipped ones and a file
of 200,000 packets, from which some are picked at random. Each is opened in a fresh
process, so the first packet pays for all that is made at first use; loading scapy, once
a process, is reported beside it.
"""

from __future__ import annotations

import itertools
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import packets as many
from benchmarks.report import figure, line
from p2pkit.observe.capture import Packets, samples

MOST_MS = 50.0
PICKED = 200
LARGE = 200_000


def measure(path: Path) -> dict[str, float]:
    """Return what opening, loading and looking take, in milliseconds."""
    times_s = [time.perf_counter()]
    capture = Packets.open(path)
    times_s.append(time.perf_counter())
    import p2pkit.observe.capture.layers.dissection  # noqa: F401  # what is timed

    times_s.append(time.perf_counter())
    assert capture[len(capture) // 2].payload
    times_s.append(time.perf_counter())
    opened, loaded, first = (
        after - before for before, after in itertools.pairwise(times_s)
    )
    later = []
    rng = random.Random(7)
    for _ in range(PICKED):
        index = rng.randrange(len(capture))
        began_s = time.perf_counter()
        capture[index].show(dump=True)
        later.append(time.perf_counter() - began_s)
    found = {"open": opened, "load_scapy": loaded, "first": first}
    found |= {"shown": statistics.median(later), "slowest_shown": max(later)}
    return {name: round(took_s * 1000, 2) for name, took_s in found.items()}


def in_a_fresh_process(path: Path) -> dict[str, float]:
    """Return the same, measured where nothing has been loaded."""
    command = [sys.executable, "-m", "benchmarks.one_packet", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> int:
    """Measure, print, and return 1 if a figure was missed."""
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        large = Path(folder, "large.pcapng")
        many.PACKETS = LARGE
        many.write_file(large)
        for path in [*map(samples.path_of, samples.names()), large]:
            found = in_a_fresh_process(path)
            line({"benchmark": "one_packet", "capture": path.stem, **found})
            slowest = max(slowest, found["first"], found["slowest_shown"])
    figure(
        "one packet of a capture, dissected and shown",
        f"{MOST_MS:g} ms", f"at most {slowest:.1f} ms", ok=slowest <= MOST_MS,
    )  # fmt: skip
    return 0 if slowest <= MOST_MS else 1


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(Path(sys.argv[1]))))
        sys.exit(0)
    sys.exit(main())
