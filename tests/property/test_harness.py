"""Bounds of confidence bound, early decisions are the late ones, answers stay plain."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from p2pkit.harness import Bands, plain, seed_of, try_often, wilson
from p2pkit.harness.confidence import needed_of

ROUNDING = 1e-9
trials = st.integers(1, 200)


@given(trials, st.data())
def test_interval_holds_the_rate_and_lies_between_0_and_1(
    count: int, data: st.DataObject
) -> None:
    successes = data.draw(st.integers(0, count))

    low, high = wilson(successes, count)

    assert 0.0 <= low <= successes / count + 1e-12
    assert successes / count - 1e-12 <= high <= 1.0
    assert low < high


@given(trials, st.data())
def test_more_confidence_makes_the_interval_wider(
    count: int, data: st.DataObject
) -> None:
    successes = data.draw(st.integers(0, count))

    sure, surer = (wilson(successes, count, c) for c in (0.9, 0.99))

    assert surer[0] <= sure[0] + ROUNDING
    assert sure[1] <= surer[1] + ROUNDING


@given(st.lists(st.booleans(), min_size=1, max_size=60), st.floats(0.05, 0.95))
def test_deciding_early_is_deciding_the_same(goes: list[bool], odds: float) -> None:
    rate = try_often(lambda seed: goes[seed], range(len(goes)), odds)

    assert rate.is_enough == (sum(goes) >= needed_of(len(goes), odds))
    assert rate.trials <= len(goes)


@given(st.floats(0.5, 3.0), st.floats(0.0, 1.0), st.floats(1.0, 1e6))
def test_who_spends_more_never_earns_more(
    factor: float, more: float, reference: float
) -> None:
    bands = Bands()

    less, dearer = (
        bands.share(f * reference, reference) for f in (factor, factor + more)
    )

    assert dearer <= less


atoms = st.none() | st.booleans() | st.integers() | st.text() | st.binary()
values = st.recursive(
    atoms,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(values)
def test_plain_values_come_out_as_they_went_in(value: object) -> None:
    assert plain(value) == value
    assert plain(plain(value)) == plain(value)


@given(st.sets(st.integers() | st.text(), max_size=20))
def test_sets_come_out_in_one_order(members: set[int | str]) -> None:
    assert plain(members) == plain(frozenset(members)) == sorted(members, key=repr)


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_seeds_are_small_enough_to_be_typed(words: list[str]) -> None:
    assert 0 <= seed_of(*words) < 2**32
