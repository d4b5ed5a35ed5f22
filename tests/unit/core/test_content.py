"""Files, their popularity and their copies."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pkit.core import content
from p2pkit.core.content import POWERS, draw, place, replicate, zipf

STRATEGIES = st.sampled_from(sorted(POWERS))


@st.composite
def budgets(draw_: st.DrawFn) -> tuple[int, int, int]:
    files, most = draw_(st.integers(1, 40)), draw_(st.integers(1, 60))
    return files, draw_(st.integers(files, files * most)), most


@given(budgets(), STRATEGIES, st.sampled_from([0.0, 0.5, 1.0, 3.0]))
def test_a_budget_is_spent_to_the_copy_and_within_bounds(
    budget: tuple[int, int, int], strategy: content.Strategy, exponent: float
) -> None:
    files, copies, most = budget

    found = replicate(zipf(files, exponent), copies, strategy, most)

    assert sum(found) == copies
    assert 1 <= min(found) <= max(found) <= most
    assert all(a >= b for a, b in pairwise(found))


@pytest.mark.parametrize("strategy", sorted(POWERS))
def test_copies_go_with_their_power_of_popularity(strategy: content.Strategy) -> None:
    popularity = zipf(20, 1.0)

    found = replicate(popularity, 100_000, strategy, most=100_000)

    weights = [share ** POWERS[strategy] for share in popularity]
    expected = [100_000 * weight / sum(weights) for weight in weights]
    assert found == pytest.approx(expected, abs=1)


def test_uniform_and_proportional_cost_the_same_and_square_roots_least() -> None:
    popularity, nodes, budget = zipf(50, 1.0), 2000, 5000
    cost = {
        name: place(
            popularity, replicate(popularity, budget, name, nodes), nodes, 7
        ).expected_probes()
        for name in ("uniform", "proportional", "square-root")
    }

    # Closed forms of Cohen and Shenker: m / rho, twice, and (sum sqrt q)^2 / rho.
    density = budget / (nodes - 1)
    law = sum(map(sqrt, popularity)) ** 2 / density
    assert cost["uniform"] == pytest.approx(50 / density)
    assert cost["proportional"] == pytest.approx(50 / density, rel=0.01)
    assert cost["square-root"] == pytest.approx(law, rel=0.01)


@given(budgets(), STRATEGIES, st.integers(0, 99))
def test_every_copy_has_its_node_and_no_node_two_of_one_file(
    budget: tuple[int, int, int], strategy: content.Strategy, seed: int
) -> None:
    files, copies, nodes = budget

    found = draw(nodes, files, copies, seed, strategy)

    assert sum(found.copies) == copies
    assert all(len(set(one)) == len(one) for one in found.holders)
    assert all(0 <= node < nodes for one in found.holders for node in one)
    shared = [(node, name) for node, names in found.shared.items() for name in names]
    truth = [(node, name) for name in found.names for node in found.who_has(name)]
    assert sorted(shared) == sorted(truth)


def test_queries_follow_popularity_and_come_from_who_lacks_the_file() -> None:
    found = draw(nodes=100, files=10, budget=50, seed=3, exponent=1.0)

    asked = list(found.queries(20_000, seed=5))

    counts = Counter(name for _, name in asked)
    for name, share in zip(found.names, found.popularity, strict=True):
        assert counts[name] / 20_000 == pytest.approx(share, abs=0.012)
    assert not [one for one in asked if one[0] in found.who_has(one[1])]
    assert asked == list(found.queries(20_000, seed=5))
    assert asked != list(found.queries(20_000, seed=6))


def test_nobody_asks_for_what_everybody_has() -> None:
    content_ = place((0.9, 0.1), (4, 1), 4, seed=1)

    assert {name for _, name in content_.queries(50, 1)} == {content_.names[1]}
    assert list(place((1.0,), (4,), 4, seed=1).queries(5, 1)) == []


def test_free_riders_share_nothing_and_the_others_all() -> None:
    found = place(zipf(40), (30,) * 40, 100, seed=2, free_riders=0.7)

    assert len(found.shared) == 30
    with pytest.raises(ValueError, match="nodes that share"):
        place(zipf(2), (31, 1), 100, seed=2, free_riders=0.7)


def test_names_are_all_different_and_none_holds_the_words_of_another() -> None:
    words = [set(content.file_name(i).replace(".", " ").split()) for i in range(900)]

    assert not [
        (a, b)
        for a in range(900)
        for b in range(900)
        if a != b and words[a] <= words[b]
    ]


@pytest.mark.parametrize(
    ("files", "budget", "strategy", "most"),
    [(5, 4, "uniform", 9), (5, 46, "uniform", 9), (5, 9, "cubic", 9)],
)
def test_a_budget_that_cannot_be_met_is_refused_with_a_sentence(
    files: int, budget: int, strategy: content.Strategy, most: int
) -> None:
    with pytest.raises(ValueError, match="cannot be shared out"):
        replicate(zipf(files), budget, strategy, most)


@pytest.mark.parametrize(("items", "exponent"), [(0, 1.0), (3, -1.0)])
def test_a_law_without_items_is_refused(items: int, exponent: float) -> None:
    with pytest.raises(ValueError, match="Zipf law"):
        zipf(items, exponent)
