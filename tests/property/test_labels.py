"""Names are moved apart on a circle: no two too near, none further than it must."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from p2pkit.view.labels import spread

TURNS = st.lists(st.floats(0, 0.999), min_size=1, max_size=40).map(sorted)
ROUNDING = 1e-5


@given(TURNS, st.floats(0.0001, 0.05))
def test_names_keep_their_distance_and_their_order(
    turns: list[float], gap: float
) -> None:
    moved = spread(turns, [gap] * len(turns))

    if gap * len(turns) > 1:
        assert moved is None
        return
    assert moved is not None
    assert len(moved) == len(turns)
    ring = sorted(place % 1 for place in moved)
    assert all(b - a >= gap - ROUNDING for a, b in pairwise(ring))
    assert len(ring) == 1 or ring[0] + 1 - ring[-1] >= gap - ROUNDING


@given(st.integers(1, 40))
def test_names_that_have_room_stay(count: int) -> None:
    turns = [i / count for i in range(count)]

    moved = spread(turns, [0.9 / count] * count)

    assert moved is not None
    assert all(abs(a - b) < ROUNDING for a, b in zip(turns, moved, strict=True))
