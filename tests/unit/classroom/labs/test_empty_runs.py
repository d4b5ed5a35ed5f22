"""Before anything is written, a notebook's pictures are empty, and no error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from p2pkit.classroom.labs import lab1_gossip, lab2_search, lab7_sybil_eclipse
from p2pkit.classroom.labs.telling import Drawn
from p2pkit.classroom.labs.ticket import GENERIC
from p2pkit.harness import Run, empty_run

PARAMETERS: Any = lab7_sybil_eclipse.LAB.parameters(GENERIC)
DRAWINGS: list[Callable[[Run], Drawn]] = [
    lab1_gossip.who_told_whom,
    lab2_search.who_was_asked,
    lambda run: lab7_sybil_eclipse.who_could_read(run, PARAMETERS),
]


@pytest.mark.parametrize("draw", DRAWINGS)
def test_a_run_that_did_not_begin_can_be_drawn(draw: Callable[[Run], Drawn]) -> None:
    drawn = draw(empty_run())

    assert "<p>Nothing to show yet" in drawn._repr_html_()
