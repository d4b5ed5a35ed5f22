"""Broadcast experiments return what they say, for parameters of the reader's choice."""

import pytest

from p2pkit.classroom import broadcast_experiments as experiments


@pytest.mark.parametrize("way", experiments.WAYS)
def test_each_way_tells_those_it_is_for_at_its_own_price(way):
    (row,) = experiments.compare(3, nodes=20, members=5, ways=[way])

    if way == "rumor":
        assert 10 < row["reached"] <= 20
    else:
        assert row["reached"] == (5 if way == "multicast" else 20)
    if way in ("direct", "tree"):
        assert row["payloads"] == pytest.approx(19, abs=2)
    assert row["messages"] >= row["payloads"] >= row["reached"] - 1
    assert row["kilobytes"] * 1000 >= 500 * row["payloads"]
    assert row["busiest"] <= row["payloads"]


def test_a_catastrophe_is_survived_with_repair_and_not_without():
    with_repair, without = (
        experiments.mass_failure(3, 0.8, nodes=100, repair=on, settle_s=20)
        for on in (True, False)
    )

    assert with_repair["reached"] > 0.9
    assert without["reached"] < 0.6
    assert without["largest"] >= without["reached"]


def test_the_first_of_a_trees_broadcasts_is_a_flood_and_the_last_is_not():
    rows = experiments.tree_growth(3, nodes=60, broadcasts=4, active=4)

    assert rows[0]["payloads"] == rows[0]["flood"]
    assert rows[-1]["redundancy"] < 0.1


def test_repeat_gives_a_row_a_seed():
    table = experiments.repeat(experiments.shape, [1, 2], nodes=30, active=3)

    assert list(table["seed"]) == [1, 2]
    assert (table["path"] > 1).all()
