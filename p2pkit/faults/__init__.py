"""Floor 2: what may go wrong, as rules that judge packets; drivers obey them."""

from p2pkit.faults.churn import Always, Change, Churn, HeavyTail, Memoryless
from p2pkit.faults.latency import (
    Constant,
    Exponential,
    Latency,
    LogNormal,
    Normal,
    Pareto,
    Uniform,
)
from p2pkit.faults.link import Bandwidth, Link
from p2pkit.faults.packet import Chance, Packet, Rule, Verdict, flip_one_bit
from p2pkit.faults.plan import Plan
from p2pkit.faults.rules import Isolate, Loss, OneWayCut, Only, Partition

__all__ = [
    "Always",
    "Bandwidth",
    "Chance",
    "Change",
    "Churn",
    "Constant",
    "Exponential",
    "HeavyTail",
    "Isolate",
    "Latency",
    "Link",
    "LogNormal",
    "Loss",
    "Memoryless",
    "Normal",
    "OneWayCut",
    "Only",
    "Packet",
    "Pareto",
    "Partition",
    "Plan",
    "Rule",
    "Uniform",
    "Verdict",
    "flip_one_bit",
]
