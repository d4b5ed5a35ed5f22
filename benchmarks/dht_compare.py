"""Puts and gets beside other DHTs, each in a process and on a loopback of its own.

Rounds are interleaved (every system once, then every system again) and medians
reported, for rates vary by 40 % from round to round. Datagrams are what the kernel
counts as sent while the gets ran, upkeep included, each datagram once; memory is
what the process grew by from its imports to the last node standing.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
from importlib.util import find_spec
from typing import Any

from benchmarks.dht_systems import PACKAGES, SYSTEMS, Answer
from benchmarks.loopback import datagrams_sent, enter_own_loopback, resident_mb
from benchmarks.report import figure, line, table

VALUES, ONE_BY_ONE, TOGETHER, IN_FLIGHT = 64, 200, 400, 16
ROUND_LIMIT_S = 180.0
COLUMNS = (
    "gets_per_s",
    "p50_ms",
    "p99_ms",
    "datagrams_per_get",
    "right",
    "mb_per_node",
    "up_s",
)


def measure(system: str, nodes: int, seed: int) -> dict[str, Any]:
    """Run one system once, in this process; return its numbers."""
    own = enter_own_loopback()
    rng = random.Random(f"{seed}/dht_compare")
    dht = SYSTEMS[system]()
    before_mb, began = resident_mb(), time.perf_counter()
    dht.up(nodes)
    up_s, grown_mb = time.perf_counter() - began, resident_mb() - before_mb
    values = [rng.randbytes(64) for _ in range(VALUES)]
    keys = [dht.put(rng.randrange(nodes), value) for value in values]
    right, sent = 0, datagrams_sent()

    def gets(count: int, in_flight: int) -> list[Answer]:
        nonlocal right
        wanted = [rng.randrange(VALUES) for _ in range(count)]
        answers = dht.gets([(rng.randrange(nodes), keys[i]) for i in wanted], in_flight)
        right += sum(value == values[wanted[number]] for number, _, value in answers)
        return answers

    times = sorted(took for _, took, _ in gets(ONE_BY_ONE, 1))
    began = time.perf_counter()
    gets(TOGETHER, IN_FLIGHT)
    rate = TOGETHER / (time.perf_counter() - began)
    datagrams = datagrams_sent() - sent
    return {
        "bench": "dht_compare",
        "system": system,
        "nodes": nodes,
        "own_loopback": own,
        "gets_per_s": round(rate, 1),
        "p50_ms": round(times[len(times) // 2] * 1e3, 3),
        "p99_ms": round(times[int(len(times) * 0.99)] * 1e3, 3),
        "datagrams_per_get": round(datagrams / (ONE_BY_ONE + TOGETHER), 2),
        "right": right,
        "mb_per_node": round(grown_mb / nodes, 4),
        "up_s": round(up_s, 2),
    }


def measure_in_child(system: str, nodes: int, seed: int) -> dict[str, Any] | None:
    """Run one system once in a process of its own; None if it did not end well."""
    command = [sys.executable, "-m", "benchmarks.dht_compare", "--child", system]
    command += ["--nodes", str(nodes), "--seed", str(seed)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=ROUND_LIMIT_S, check=True
        )
    except subprocess.TimeoutExpired:
        reason = f"not done in {ROUND_LIMIT_S:.0f} s"
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.strip().splitlines() or ["no message"])[-1]
    else:
        result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return result
    line({"bench": "dht_compare", "system": system, "nodes": nodes, "failed": reason})
    return None


def compare(systems: list[str], nodes: int, rounds: int) -> dict[str, dict[str, float]]:
    """Measure the systems in interleaved rounds; return the median of each number."""
    seen: dict[str, list[dict[str, Any]]] = {system: [] for system in systems}
    for number in range(rounds):
        for system in systems:
            result = measure_in_child(system, nodes, number)
            if result is not None:
                line(result | {"round": number})
                seen[system].append(result)
    return {
        system: {key: statistics.median(one[key] for one in runs) for key in COLUMNS}
        for system, runs in seen.items()
        if runs
    }


def present(systems: list[str]) -> list[str]:
    """Return the systems that are installed; say which are left out."""
    missing = [name for name in systems if find_spec(PACKAGES.get(name, name)) is None]
    for name in missing:
        reason = f"{name} is not installed: pip install -e '.[bench]'"
        line({"bench": "dht_compare", "system": name, "left_out": reason})
    return [name for name in systems if name not in missing]


def show(medians: dict[str, dict[str, float]], nodes: int) -> None:
    """Print the medians as a table, with rates beside ours."""
    ours = medians.get("ours", {}).get("gets_per_s")
    rows = []
    for system, numbers in medians.items():
        ratio = f"{ours / numbers['gets_per_s']:.2f}" if ours else "-"
        rows.append([system, *(f"{numbers[key]:g}" for key in COLUMNS), ratio])
    table(f"{nodes} nodes, k = 8", ["system", *COLUMNS, "ours / it"], rows)


def figures(medians: dict[str, dict[str, float]], nodes: int) -> None:
    """Print what the figures to reach were, and what was reached."""
    ours = medians.get("ours")
    if ours is None:
        return

    def at_most(name: str, key: str, limit: float) -> None:
        name = f"{name}, {nodes} nodes"
        figure(name, f"at most {limit:g}", f"{ours[key]:g}", ok=ours[key] <= limit)

    def times(system: str, least: float) -> None:
        if system in medians:
            ratio = ours["gets_per_s"] / medians[system]["gets_per_s"]
            name = f"gets/s beside {system}, {nodes} nodes"
            figure(name, f"at least {least:g} x", f"{ratio:.2f} x", ok=ratio >= least)

    total = ONE_BY_ONE + TOGETHER
    reached = f"{ours['right']:g} of {total}"
    name = f"right answers, {nodes} nodes"
    figure(name, f"{total} of {total}", reached, ok=ours["right"] == total)
    at_most("datagrams a get", "datagrams_per_get", 12 if nodes <= 64 else 16)
    at_most("MB a node", "mb_per_node", 0.1)
    if nodes <= 64:
        at_most("p50 of a get, ms", "p50_ms", 0.6)
        at_most("p99 of a get, ms", "p99_ms", 3.0)
        times("kademlia", 1.5)
        times("libtorrent", 0.5)
    else:
        times("opendht", 2.0)


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, nargs="+", default=[64, 256])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--systems", nargs="+", default=list(SYSTEMS), choices=SYSTEMS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--child", choices=SYSTEMS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        line(measure(given.child, given.nodes[0], given.seed))
        os._exit(0)  # the C++ systems take seconds to go, or never do
    systems = present(given.systems)
    for nodes in given.nodes:
        medians = compare(systems, nodes, given.rounds)
        show(medians, nodes)
        figures(medians, nodes)


if __name__ == "__main__":
    main()
