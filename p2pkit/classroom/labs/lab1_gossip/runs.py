"""What the checks of lab 1 read in a run."""

from __future__ import annotations

from typing import Any

from p2pkit.harness import Overlay, Run


def informed(run: Run, tell: type[Any], origin: int = 0) -> set[str]:
    """Return who was told, by the journal, and where it began."""
    return {run.scenario.name(origin), *run.journal.first_heard(tell)}


def map_of(run: Run, tell: type[Any], title: str) -> Overlay:
    """Return a picture of who heard it, and from whom first."""
    heard, first = informed(run, tell), run.journal.first_heard(tell)
    groups = {n: "heard it" if n in heard else "never heard" for n in run.names}
    links = tuple((one.peer, name) for name, one in first.items())
    return Overlay(f"{title}: {len(heard)} of {len(groups)}", groups, links)
