"""The tables of search: what stands in them, and when it is judged."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from p2pkit.classroom import search_tables
from p2pkit.classroom.published import EXPERIMENTS, Row, experiment
from p2pkit.classroom.search_experiments import expected_coverage
from p2pkit.core import LabError


def of(rows: Iterator[Row], quantity: str) -> list[Row]:
    return [row for row in rows if row.quantity == quantity]


def test_the_command_line_knows_the_experiment() -> None:
    assert EXPERIMENTS["search"] == "p2pkit.classroom.search_tables"
    assert experiment("search") is search_tables.rows


def test_a_small_network_is_held_to_its_graph_and_not_to_the_published_table() -> None:
    rows = list(search_tables.rows("coverage", nodes=120, ttl=[2, 5], runs=3))

    assert [row.ok for row in rows if row.quantity == "as the graph says"] == [True] * 2
    assert {row.quantity for row in rows if row.ok is None} >= {"reached, %"}
    assert not [row for row in rows if "Lv" in row.source]


def test_a_tree_is_held_to_the_closed_form() -> None:
    rows = list(search_tables.rows("tree", degree=3, ttl=4))

    assert [row.published for row in of(iter(rows), "others reached")] == [45.0]
    assert all(row.ok for row in rows)


def test_one_walker_is_held_to_nodes_by_copies() -> None:
    rows = list(search_tables.rows("walks", nodes=150, replication=0.1, runs=4))

    judged = [row for row in rows if row.published is not None]
    assert [(row.setting[:8], row.published) for row in judged] == [("1 walker", 10.0)]
    assert {row.measured for row in of(iter(rows), "found, %")} == {100.0}


def test_strategies_are_held_to_their_closed_forms_on_a_regular_graph() -> None:
    def laws(kind: str | None) -> list[tuple[float | None, bool | None]]:
        rows = search_tables.rows(
            "strategies", nodes=80, runs=20, files=4, exponent=0.0, kind=kind
        )
        return [(row.published, row.ok is None) for row in rows]

    # With equal popularity all three are the same: 4 files, one copy a node.
    assert [law for law, _ in laws(None)] == pytest.approx([4.0] * 3)
    assert {unjudged for _, unjudged in laws(None)} == {False}
    assert {unjudged for _, unjudged in laws("power-law")} == {True}


def test_the_share_wasted_is_that_of_all_floods_together() -> None:
    found = search_tables._ratio([(0.0, 10), (0.5, 90)])

    assert sum(found) / 2 == pytest.approx(45.0)


def test_the_published_table_is_that_of_the_graph() -> None:
    rows = expected_coverage(7, sources=60)

    for ttl, (reached, messages, _) in search_tables.COVERAGE.items():
        mine = [row for row in rows if row["ttl"] == ttl]
        mean = sum(row["reached"] for row in mine) / len(mine)
        sent = sum(row["messages"] for row in mine) / len(mine)
        # A mean of 60 askers is within 4 points of the truth, and the published one
        # was of fewer.
        assert 100 * mean == pytest.approx(reached, abs=3 + 2 * 4)
        assert sent == pytest.approx(messages, rel=0.25)


@pytest.mark.parametrize(("variant", "runs"), [("square", 20), ("walks", 1)])
def test_what_cannot_be_run_is_refused_with_a_sentence(variant: str, runs: int) -> None:
    with pytest.raises(LabError, match="a variant is one of coverage, tree"):
        list(search_tables.rows(variant, runs=runs))
