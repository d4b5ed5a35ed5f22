"""Settings of Vivaldi. Read next: ``coordinate.py``."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from p2pkit.protocols.rounds import RoundsConfig

MOST_DIMENSIONS = 16
"""More do not help: Ledlie et al. 2007 see no gain beyond a handful."""

Share = Annotated[float, Meta(gt=0.0, le=1.0)]


class VivaldiConfig(RoundsConfig, frozen=True, kw_only=True):
    """How a node finds its place; defaults are serf's where it has the setting.

    Parameters
    ----------
    round_s : float
        Seconds between two pings of ours; 1 as memberlist's probes, which serf uses.
    stagger : float
        As everywhere; 1 here, so that no two nodes are in step.
    dimensions : int
        Of the space, without the height. Nodes of one overlay must agree.
    error_max : float
        The error of a node that knows nothing yet, and the largest that it may have:
        relative, so that 1 means wrong by as much as the round trip itself.
    cc, ce : float
        Share of what is missing that one measurement moves a node, and share of the
        news in its error: the paper's c_c and c_e, both 0.25 (section 3.4).
    adjustment_window : int
        Measurements behind the adjustment, 0 for none (Lee et al. 2010).
    height_min_s : float
        Least height in seconds: at 0 a height could never grow again.
    filter_samples : int
        Round trips to one peer whose median is believed (Ledlie et al. 2007).
    gravity_s : float
        Distance from the origin, in seconds, where gravity pulls by a second; 0 for
        none. Without it all nodes drift together (Ledlie et al. 2007).
    timeout_s : float
        Longest round trip in seconds that is believed, and how long we wait for one.
    step_max_s : float
        How far one measurement moves a node at most, whatever a peer claims. Ours: a
        quarter of 400 ms, the longest round trip on Earth's cables.
    reach_s : float
        How far from the origin a peer may claim to be. Ours: gravity holds a node that
        takes steps of `step_max_s` within 70 s, so no honest one is refused.
    memory : int
        Peers whose coordinates are remembered.
    """

    round_s: Annotated[float, Meta(gt=0.0, le=3600.0)] = 1.0
    stagger: Annotated[float, Meta(ge=0.0, le=1.0)] = 1.0
    dimensions: Annotated[int, Meta(ge=1, le=MOST_DIMENSIONS)] = 8
    error_max: Annotated[float, Meta(gt=0.0, le=10.0)] = 1.5
    cc: Share = 0.25
    ce: Share = 0.25
    adjustment_window: Annotated[int, Meta(ge=0, le=1000)] = 20
    height_min_s: Annotated[float, Meta(gt=0.0, le=1.0)] = 10e-6
    filter_samples: Annotated[int, Meta(ge=1, le=100)] = 3
    gravity_s: Annotated[float, Meta(ge=0.0, le=1e6)] = 150.0
    timeout_s: Annotated[float, Meta(gt=0.0, le=60.0)] = 10.0
    step_max_s: Annotated[float, Meta(gt=0.0, le=60.0)] = 0.1
    reach_s: Annotated[float, Meta(gt=0.0, le=1e6)] = 100.0
    memory: Annotated[int, Meta(ge=1, le=1_000_000)] = 1024
