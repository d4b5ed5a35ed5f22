"""Places and forces, by hand and under peers that claim all that may be claimed."""

import random
from math import dist, inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pkit.core import LocalProtocolError, RemoteProtocolError
from p2pkit.protocols.vivaldi import Coordinate, Position, VivaldiConfig, distance_s
from p2pkit.protocols.vivaldi.coordinate import check, origin, pushed, raw_distance_s

PLANE = VivaldiConfig.of(dimensions=2)


def position(**settings):
    config = VivaldiConfig.of(**({"dimensions": 2} | settings))
    return Position(config, random.Random(7))


def test_heights_add_where_places_subtract():
    one, other = Coordinate((0.0, 3.0), 1.0, 0.5), Coordinate((4.0, 0.0), 2.0, 0.5)

    assert raw_distance_s(one, other) == raw_distance_s(other, one) == 8.0


@pytest.mark.parametrize(("adjustment_s", "told_s"), [(0.5, 5.0), (-5.0, 4.5)])
def test_an_adjustment_counts_unless_distance_would_be_negative(adjustment_s, told_s):
    one = Coordinate((0.0, 0.0), 0.5, 0.5, adjustment_s)

    assert distance_s(one, Coordinate((3.0, 0.0), 1.0, 0.5)) == told_s


def test_a_push_moves_the_place_by_the_force_and_the_height_in_proportion():
    one, other = Coordinate((1.0, 0.0), 0.1, 0.5), Coordinate((0.0, 0.0), 0.3, 0.5)

    away = pushed(one, other, 0.05, PLANE, random.Random(7))
    near = pushed(one, other, -0.05, PLANE, random.Random(7))

    assert away.vector == pytest.approx((1.05, 0.0))
    assert away.height_s == pytest.approx(0.1 + 0.05 * 0.4)
    assert near.vector == pytest.approx((0.95, 0.0))
    assert near.height_s == pytest.approx(0.1 - 0.05 * 0.4)


def test_two_in_one_place_part_in_a_random_direction_and_keep_their_heights():
    here = origin(PLANE)

    ways = [pushed(here, here, 0.05, PLANE, random.Random(seed)) for seed in range(20)]

    assert {round(dist(way.vector, here.vector), 9) for way in ways} == {0.05}
    assert len({way.vector for way in ways}) == 20
    assert {way.height_s for way in ways} == {PLANE.height_min_s}


def test_one_measurement_is_as_in_figure_3_of_the_paper():
    node = position(gravity_s=0.0, adjustment_window=0)
    node.coordinate = Coordinate((0.1, 0.0), 0.01, 0.4)
    other = Coordinate((0.0, 0.0), 0.01, 0.6)

    node.observe(other, 0.2)  # expected were 0.12; weight 0.4 of 1.0

    assert node.coordinate.vector == pytest.approx((0.1 + 0.25 * 0.4 * 0.08, 0.0))
    assert node.coordinate.error == pytest.approx(0.1 * 0.08 / 0.2 + 0.9 * 0.4)


def test_who_is_sure_gives_way_less_than_who_is_not():
    sure, unsure = position(), position()
    sure.coordinate = Coordinate((0.1, 0.0), 0.01, 0.1)
    unsure.coordinate = Coordinate((0.1, 0.0), 0.01, 1.0)

    for node in (sure, unsure):
        node.observe(Coordinate((0.0, 0.0), 0.01, 0.5), 0.2)

    moved = [node.coordinate.vector[0] - 0.1 for node in (sure, unsure)]
    assert 0.0 < 3 * moved[0] < moved[1]


def test_the_adjustment_is_half_of_what_is_missing_and_forgets():
    node = position(gravity_s=0.0, adjustment_window=2, cc=1e-9)
    other = Coordinate((0.0, 0.1), 1e-5, 0.5)
    expected_s = raw_distance_s(node.coordinate, other)

    for missing_s, adjustment_s in [(0.04, 0.01), (0.02, 0.015), (0.02, 0.01)]:
        node.observe(other, expected_s + missing_s)

        assert node.coordinate.adjustment_s == pytest.approx(adjustment_s, rel=1e-3)


def test_gravity_pulls_by_the_square_of_the_distance():
    node = position(gravity_s=150.0, adjustment_window=0)
    node.coordinate = Coordinate((15.0, 0.0), 1e-5, 0.5)
    other = Coordinate((15.0, 1.0), 1e-5, 0.5)

    node.observe(other, raw_distance_s(node.coordinate, other))  # the spring is slack

    assert node.coordinate.vector[0] == pytest.approx(15.0 - 0.01, abs=1e-6)


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        (Coordinate((0.0,), 0.1, 0.5), "coordinate of other dimensions"),
        (Coordinate((0.0, 0.0, 0.0), 0.1, 0.5), "coordinate of other dimensions"),
        (Coordinate((nan, 0.0), 0.1, 0.5), "coordinate not finite"),
        (Coordinate((0.0, -inf), 0.1, 0.5), "coordinate not finite"),
        (Coordinate((0.0, 0.0), nan, 0.5), "coordinate not finite"),
        (Coordinate((0.0, 0.0), 0.1, inf), "coordinate not finite"),
        (Coordinate((0.0, 0.0), 0.1, 0.5, nan), "coordinate not finite"),
        (Coordinate((0.0, 0.0), 0.1, -0.1), "coordinate's error out of bounds"),
        (Coordinate((0.0, 0.0), 0.1, 1.6), "coordinate's error out of bounds"),
        (Coordinate((0.0, 0.0), 0.0, 0.5), "coordinate below ground"),
        (Coordinate((0.0, 0.0), 101.0, 0.5), "coordinate too far out"),
        (Coordinate((90.0, 90.0), 0.1, 0.5), "coordinate too far out"),
        (Coordinate((1e300, 1e300), 0.1, 0.5), "coordinate too far out"),
        (Coordinate((0.0, 0.0), 0.1, 0.5, -11.0), "coordinate's adjustment too large"),
    ],
)
def test_what_no_honest_peer_claims_is_refused_by_reason(claim, reason):
    with pytest.raises(RemoteProtocolError) as error:
        check(claim, PLANE)

    assert error.value.reason == reason


def within(most):
    return st.floats(-most, most, allow_nan=False)


CLAIMS = st.builds(
    Coordinate,
    st.tuples(within(60.0), within(60.0)),
    st.floats(1e-9, 15.0),
    st.floats(0.0, 1.5),
    within(10.0),
)
RTTS = st.floats(0.0, 1e3)


@given(st.lists(st.tuples(CLAIMS, RTTS), max_size=60))
def test_whatever_peers_claim_one_measurement_moves_a_node_a_step_at_most(story):
    node = position(gravity_s=0.0)
    for claim, rtt_s in story:
        check(claim, PLANE)
        before = node.coordinate

        node.observe(claim, rtt_s)

        check(node.coordinate, PLANE)
        assert dist(before.vector, node.coordinate.vector) <= PLANE.step_max_s + 1e-9
        assert node.coordinate.height_s <= before.height_s + PLANE.step_max_s + 1e-9


@pytest.mark.parametrize("seed", range(8))
def test_liars_in_league_cannot_push_an_honest_node_beyond_what_others_accept(seed):
    rng, node = random.Random(seed), position()
    own = lambda: node.coordinate  # noqa: E731
    far = 0.0
    for _ in range(5_000):
        x, y = own().vector
        liar = rng.choice(
            [
                Coordinate((x * 0.999 - 1e-5, y), 0.1, 0.0),
                Coordinate((x - 2e-6, y), 0.1, 0.0),
                Coordinate((-50.0, -50.0), 1e-5, 0.0, -10.0),
            ]
        )

        node.observe(liar, 10.0)

        check(own(), PLANE)
        far = max(far, distance_s(own(), origin(PLANE)))
    assert far > 1.0, f"seed {seed}: the liars did not even try"


@pytest.mark.parametrize(
    "settings", [{"dimensions": 0}, {"dimensions": 17}, {"cc": 0.0}, {"cc": 1.1}]
)
def test_settings_out_of_bounds_are_refused(settings):
    with pytest.raises(LocalProtocolError):
        VivaldiConfig.of(**settings)
