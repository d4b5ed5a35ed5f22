"""What the checks of lab 1 read in a run."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import Any

from p2pkit.core.driver import seeded
from p2pkit.harness import Overlay, Run

SPREADS: Mapping[int, float] = {2: 0.08, 3: 0.04}
SPREAD = 0.022
"""Standard deviation of the share that hears it from run to run, by the c of
``s = exp(-c (1 - s))``, and for higher ones: measured on the reference at 48 stations,
over 200 seeds. It falls with the root of their number."""

MEASURED_AT = 48
DEVIATIONS = 4.0
"""So far a right solution is off once in sixteen thousand cases."""

SLACK = 0.012
"""What a few dozen stations differ from the law of infinitely many: the reference
differs by 1.1 % at 48 stations with c = 2, and by less elsewhere."""


def room_for(c: int, nodes: int, runs: int) -> float:
    """Return how far the mean of some runs may be from the law.

    Parameters
    ----------
    c : int
        Tellings that the law reckons with: the fanout, or k + 1.
    nodes, runs : int
        How many.
    """
    spread = SPREADS.get(c, SPREAD) * sqrt(MEASURED_AT / nodes)
    return SLACK + DEVIATIONS * spread / sqrt(runs)


def informed(run: Run, tell: type[Any], origin: int = 0) -> set[str]:
    """Return who was told what was published, by the journal, and where it began."""
    texts = [act.args[0] for act in run.scenario.acts[:1]]  # none in an empty run
    told = {
        one.node for one in run.journal.of("heard", tell) if one.message.body in texts
    }
    return {run.scenario.name(origin), *told}


def texts_of(seed: int) -> tuple[bytes, bytes]:
    """Return the texts of a run: who has not heard them cannot tell them."""
    rng = seeded(seed, "texts")
    storm, ice = (rng.randrange(10**6) for _ in range(2))
    return b"storm no. %06d" % storm, b"ice no. %06d" % ice


def map_of(run: Run, tell: type[Any], title: str) -> Overlay:
    """Return a picture of who heard it, and from whom first."""
    heard, first = informed(run, tell), run.journal.first_heard(tell)
    groups = {n: "heard it" if n in heard else "never heard" for n in run.names}
    links = tuple((one.peer, name) for name, one in first.items())
    return Overlay(f"{title}: {len(heard)} of {len(groups)}", groups, links)
