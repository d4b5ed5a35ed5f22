"""The rows of `p2pkit bench swim` and `p2pkit bench broadcast`, at small sizes."""

from __future__ import annotations

import pytest

from p2pkit.classroom import broadcast_tables, swim_tables, swim_trials
from p2pkit.core import LabError

SMALL = {
    "first-detection": {"sites": 8, "runs": 150},
    "in-turn": {"sites": 6, "runs": 30},
    "false-alarms": {"sites": 16, "loss": 0.2, "k": (0, 2)},
    "load": {"sites": (8, 24), "runs": 2},
    "suspicion": {"sites": (5, 20), "runs": 2},
    "confirmations": {"k": (1, 4)},
    "copies": {},
    "spread": {"sites": 32, "runs": 2},
    "presets": {},
    "lifeguard": {"sites": 16, "runs": 3},
}
"""Parameters other than the published ones."""


def judged(rows):
    return [one for one in rows if one.ok is not None]


def test_every_row_is_here():
    assert set(SMALL) == set(swim_tables.VARIANTS)


@pytest.mark.parametrize("variant", SMALL)
def test_rows_of_swim_are_met_at_other_parameters(variant):
    rows = judged(swim_tables.rows(variant, seed=7, **SMALL[variant]))

    assert rows
    assert [one for one in rows if not one.ok] == []


@pytest.mark.timeout(60)  # four overlays of three hundred nodes each
@pytest.mark.parametrize("variant", ["overlay", "survival", "tree"])
def test_rows_of_broadcast_are_met_at_other_sizes(variant):
    asked = {"share": 0.6} if variant == "survival" else {}

    rows = judged(broadcast_tables.rows(variant, 300, runs=2, **asked))

    assert rows
    assert [one for one in rows if not one.ok] == []


def test_twice_the_loss_misses_the_row():
    few = next(swim_tables.rows("false-alarms", 16, 0, 0.05, seed=7))
    many = next(swim_tables.rows("false-alarms", 16, 0, 0.10, seed=7))

    least, most = few.gate.span(few.published)
    assert few.ok
    assert many.low > most > least


@pytest.mark.parametrize("table", [swim_tables, broadcast_tables])
def test_what_makes_no_sense_is_said(table):
    with pytest.raises(LabError, match="no variant is called 'shout'; there are"):
        list(table.rows("shout"))
    with pytest.raises(LabError, match="at least 2 runs"):
        list(table.rows(runs=1))


def test_halves_are_seen_at_the_second_said_and_not_after_it():
    seen = swim_trials.halves(8, 7, cut_s=3, whole_s=40, seconds=60, dead_probe_s=1.0)

    assert len(seen) == 60
    assert set(seen[:4]) == {7}  # the cut is made at second 3
    assert seen[40] == 3  # and mended at second 40, which nobody can have noticed
    assert seen[42] > 3
    assert seen[-1] == 7
