import pytest

from p2pkit.classroom.dht_comparison import one_run, same_work
from p2pkit.protocols import Chord, Kademlia

SMALL = {"nodes": 12, "lookups": 4, "upkeep_s": 60}

both = pytest.mark.parametrize("protocol", [Chord, Kademlia])


@both
def test_everything_is_found_in_a_calm_network_within_a_few_round_trips(protocol):
    row = one_run(protocol, 1, **SMALL)

    assert row["found"] == 1
    assert 0 < row["round_trips"] <= 4
    assert 0 < row["contacts"] <= 11
    assert row["bytes"] > row["messages"] > 0


@both
def test_same_seed_gives_the_same_row_and_another_gives_another(protocol):
    assert one_run(protocol, 1, **SMALL) == one_run(protocol, 1, **SMALL)
    assert one_run(protocol, 1, **SMALL) != one_run(protocol, 2, **SMALL)


@both
def test_a_crash_costs_time(protocol):
    calm, crash = (one_run(protocol, 1, dead=dead, **SMALL) for dead in (0, 0.5))

    assert crash["round_trips"] > calm["round_trips"]


def test_settings_reach_the_protocol_they_are_for():
    slow = {"Chord": {"stabilize_s": 100.0, "fix_fingers_s": 100.0}}

    usual, rare = (
        same_work([Chord, Kademlia], [1], settings=own, **SMALL) for own in ({}, slow)
    )

    assert rare[0]["upkeep_bytes"] < 0.7 * usual[0]["upkeep_bytes"]
    assert rare[1] == usual[1]
    assert [row["dht"] for row in usual] == ["Chord", "Kademlia"]
