"""A position: how a node finds its place from one measured round trip after the other.

What it shows: each measurement is a spring between two nodes, too long or too short,
and a node gives way a little. Who is unsure gives way more, who is sure hardly does: so
newcomers find their place and do not shake those who have one.
Source: Dabek et al., "Vivaldi", SIGCOMM 2004, figure 3. Gravity from Ledlie, Gardner,
Seltzer, "Network Coordinates in the Wild", NSDI 2007, section 4.2; the order of the
three steps as in serf. What differs: no step is longer than `step_max_s`.
Read next: ``node.py``.
"""

from __future__ import annotations

from collections import deque

from msgspec.structs import replace

from p2pkit.core import Rng
from p2pkit.protocols.vivaldi.config import VivaldiConfig
from p2pkit.protocols.vivaldi.coordinate import (
    LEAST_S,
    Coordinate,
    distance_s,
    origin,
    pushed,
    raw_distance_s,
)


class Position:
    """One node's coordinate; `observe` moves it.

    Parameters
    ----------
    config : VivaldiConfig
        How fast, and with what corrections.
    rng : Rng
        Chooses the way when two are in the same place.
    """

    def __init__(self, config: VivaldiConfig, rng: Rng) -> None:
        self.config, self.rng = config, rng
        self.coordinate = self.origin = origin(config)
        window = config.adjustment_window
        self._missing_s = deque([0.0] * window, window)

    def observe(self, other: Coordinate, rtt_s: float) -> None:
        """Take in that a round trip to `other`, which is checked, took `rtt_s`."""
        rtt_s = min(max(rtt_s, LEAST_S), self.config.timeout_s)
        self._follow_spring(other, rtt_s)
        if self._missing_s:
            self._adjust(other, rtt_s)
        if self.config.gravity_s:
            self._sink()

    def _follow_spring(self, other: Coordinate, rtt_s: float) -> None:
        config, own = self.config, self.coordinate
        too_short_s = rtt_s - distance_s(own, other)
        weight = own.error / max(own.error + other.error, LEAST_S)
        news = config.ce * weight
        error = news * abs(too_short_s) / rtt_s + (1.0 - news) * own.error
        most_s = config.step_max_s
        force_s = max(-most_s, min(config.cc * weight * too_short_s, most_s))
        moved = pushed(own, other, force_s, config, self.rng)
        self.coordinate = replace(moved, error=min(error, config.error_max))

    def _adjust(self, other: Coordinate, rtt_s: float) -> None:
        """Keep half of what is missing on average; the other node keeps its half."""
        missing_s = rtt_s - raw_distance_s(self.coordinate, other)
        most_s = self.config.timeout_s  # one absurd claim shall not fill the window
        self._missing_s.append(max(-most_s, min(missing_s, most_s)))
        mean_s = sum(self._missing_s) / len(self._missing_s)
        self.coordinate = replace(self.coordinate, adjustment_s=mean_s / 2.0)

    def _sink(self) -> None:
        """Fall towards the origin, the faster the farther: distances are kept."""
        far_s = distance_s(self.origin, self.coordinate)
        force_s = -((far_s / self.config.gravity_s) ** 2)
        self.coordinate = pushed(
            self.coordinate, self.origin, force_s, self.config, self.rng
        )
