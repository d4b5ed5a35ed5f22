"""Packets: rings that the kernel fills, nodes' own taps, captures and their balance.

What dissects packets with scapy stands in a folder of its own, and is loaded when it
is asked for.
"""

from p2pkit.observe.capture.balance import Balance
from p2pkit.observe.capture.packets import Packets

__all__ = ["Balance", "Packets"]
