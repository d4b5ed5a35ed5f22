"""SWIM beside its papers, in virtual time: the rows that `make test` is too short for.

Definitions stand in `p2pkit.classroom.swim_experiments`, one function a row.
"""

from __future__ import annotations

import argparse
import math
import statistics
from collections.abc import Callable
from typing import Any

from benchmarks.report import figure
from p2pkit.classroom import swim_experiments as swim
from p2pkit.protocols.swim import SwimConfig
from p2pkit.protocols.swim.dissemination import retransmits
from p2pkit.protocols.swim.suspicion import shortest_s

SEED = 7
SIZES = (8, 32, 128, 256)
LOAD_SIZES = (8, 32, 128)
ALARMS = {
    (0.05, 0): 100, (0.05, 1): 400, (0.05, 3): 4000,
    (0.10, 0): 50, (0.10, 1): 150, (0.10, 3): 600,
}  # fmt: skip
"""Periods of 32 members by loss and helpers: some hundreds of alarms in each."""
MEASURES: dict[str, Any] = {"local_health": True, "confirmations": True, "buddy": True}


def near(name: str, expected: float, reached: float, share: float) -> None:
    """Print a figure that must be within a share of what is expected."""
    ok = abs(reached - expected) <= share * abs(expected)
    target = f"{expected:.4g} +- {share:.0%}"
    figure(name, target, f"{reached:.4g}", ok=ok)


def first_detection() -> None:
    """Compare the first detection with 1 / (1 - (1 - 1 / (n - 1)) ** (n - 1))."""
    for n in SIZES:
        expected = 1 / (1 - (1 - 1 / (n - 1)) ** (n - 1))
        waited = swim.first_detection(n, 400, SEED)
        name = f"SWIM: periods to the first detection, n = {n}"
        near(name, expected, statistics.mean(waited), 0.10)
    waited = swim.first_detection(32, 400, SEED, round_robin=True)
    ok = max(waited) <= 63
    name = "SWIM: worst detection in turn, n = 32"
    figure(name, "at most 63 periods", str(max(waited)), ok=ok)


def false_alarms() -> None:
    """Compare false alarms with (1 - q^2)(1 - q^4)^K e/(e - 1)."""
    for (loss, helpers), periods in ALARMS.items():
        reached = swim.false_alarms(32, loss, helpers, periods, SEED)
        name = f"SWIM: false alarms, loss {loss:.0%}, K = {helpers}"
        near(name, swim.expected_false_alarms(loss, helpers), reached, 0.20)


def load() -> None:
    """Show that the load of a member does not depend on n."""
    loads = [swim.load(n, 30, SEED) for n in LOAD_SIZES]
    slope = statistics.linear_regression(LOAD_SIZES, loads).slope
    growth = slope * (LOAD_SIZES[-1] - LOAD_SIZES[0]) / statistics.mean(loads)
    name = f"SWIM: growth of the load from n = {LOAD_SIZES[0]} to {LOAD_SIZES[-1]}"
    figure(name, "0 +- 5%", f"{growth:.2%}", ok=abs(growth) <= 0.05)


def suspicion() -> None:
    """Compare the time of a suspicion with mult * max(1, log10 n) * interval."""
    for n in (10, 100):
        found = swim.death(n, SEED, **swim.PAPER)
        lasted_s = found["dead_s"] - found["suspected_s"]
        expected = shortest_s(SwimConfig(), n)
        name = f"memberlist: seconds of a suspicion, n = {n}"
        ok = abs(lasted_s - expected) <= SwimConfig().probe_s
        figure(name, f"{expected:g} +- 1 period", f"{lasted_s:.2f}", ok=ok)
    limits = [retransmits(4, n) for n in (9, 10, 99, 100)]
    name = "memberlist: copies of a claim, n = 9, 10, 99, 100"
    figure(name, "4, 8, 8, 12", ", ".join(map(str, limits)), ok=limits == [4, 8, 8, 12])


def dissemination() -> None:
    """Show that lambda log n copies, on probes alone, reach all but n^-(2 lambda - 2).

    memberlist counts digits where the paper has a natural logarithm: 4 digits' worth
    are a lambda of 4 / ln 10 = 1.7.
    """
    n, seeds = 64, range(5)
    alone = swim.PAPER | {"gossip_s": 0.0}
    shares = [swim.death(n, seed, **alone)["share"] for seed in seeds]
    least = 1 - n ** -(2 * 4 / math.log(10) - 2)
    ok = statistics.mean(shares) >= least
    name = f"SWIM: who hears of a death by probes alone, n = {n}"
    figure(name, f"at least {least:.2%}", f"{statistics.mean(shares):.2%}", ok=ok)


def lifeguard() -> None:
    """Compare false deaths around slow members with and without Lifeguard."""
    without = dict.fromkeys(MEASURES, False)
    falses = [
        sum(
            swim.slow_members(32, 4, seed, hearsay=True, **measures)["false"]
            for seed in range(10)
        )
        for measures in (without, MEASURES)
    ]
    ok = falses[0] > 10 * falses[1] and falses[0] >= 20
    reached = f"{falses[0]} against {falses[1]}"
    figure("Lifeguard: false deaths of ten runs", "10 times fewer", reached, ok=ok)


ROWS: dict[str, Callable[[], None]] = {
    "first_detection": first_detection,
    "false_alarms": false_alarms,
    "load": load,
    "suspicion": suspicion,
    "dissemination": dissemination,
    "lifeguard": lifeguard,
}


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(ROWS))
    for name in parser.parse_args().rows or ROWS:
        ROWS[name]()


if __name__ == "__main__":
    main()
