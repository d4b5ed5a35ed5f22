import pytest

from p2pkit.classroom import one_run, sweep

pytest.importorskip("pandas")

SMALL = {"nodes": 9, "lookups": 3}


def test_same_seed_gives_the_same_rows_and_another_gives_others():
    assert one_run(1, **SMALL) == one_run(1, **SMALL)
    assert one_run(1, nodes=40, lookups=9) != one_run(2, nodes=40, lookups=9)


def test_lookups_in_a_healthy_network_are_exact():
    rows = one_run(3, **SMALL)

    assert len(rows) == 3
    assert all(row["exact"] and not row["failed"] for row in rows)


def test_lookups_among_the_dead_cost_time():
    rows = one_run(3, nodes=12, lookups=3, dead=0.5)

    assert any(row["failed"] for row in rows)
    assert max(row["took_ms"] for row in rows) >= 5000


def test_what_is_sent_again_is_counted_as_sent():
    healthy = one_run(3, **SMALL)
    lossy = one_run(3, loss=0.5, **SMALL)

    assert all(row["sent"] == row["asked"] for row in healthy)
    assert sum(row["sent"] for row in lossy) > sum(row["asked"] for row in lossy)


def test_sweep_has_a_row_for_each_value_seed_and_lookup():
    table = sweep("alpha", [1, 3], seeds=range(2), **SMALL)

    assert len(table) == 2 * 2 * 3
    assert set(table["alpha"]) == {1, 3}
    assert set(table["seed"]) == {0, 1}
    assert (table["asked"] == 8).all()
