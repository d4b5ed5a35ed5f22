"""A scenario says where nodes are, and who runs something else."""

from __future__ import annotations

from p2pkit.classroom.labs.lab7_sybil_eclipse.keeper import Keeper
from p2pkit.classroom.labs.lab7_sybil_eclipse.villains import Mute, trusted
from p2pkit.classroom.labs.lab7_sybil_eclipse.wire import Config
from p2pkit.harness import Scenario, play_whole

PLACES = ((7, 1), (7, 2), (9, 1))


def scenario_of(**changes: object) -> Scenario:
    given = {"nodes": 3, "seed": 7, "config": Config(), "lasts_s": 2.0, **changes}
    return Scenario(**given)  # type: ignore[arg-type]


def test_a_node_is_where_its_place_says_in_every_subnet() -> None:
    scenario = scenario_of(places=PLACES)

    hosts = [scenario.but(subnet=77).address(node)[0] for node in range(3)]

    assert hosts == ["127.77.7.1", "127.77.7.2", "127.77.9.1"]


def test_without_places_numbers_are_the_address() -> None:
    assert scenario_of(nodes=300).address(258)[0] == "127.1.1.2"


def test_others_run_their_own_class_and_the_rest_the_one_examined() -> None:
    keeper, mute = trusted(Keeper), trusted(Mute)

    run = play_whole(keeper, scenario_of(others={1: mute}, ids=(1, 2, 3)))

    assert [type(node.protocol) is mute for node in run.nodes] == [False, True, False]


def test_the_class_examined_is_told_where_others_are() -> None:
    met = []

    class Curious(trusted(Keeper)):  # type: ignore[misc]
        @classmethod
        def may_meet(cls, address: object) -> None:
            met.append(address)

    scenario = scenario_of(others={1: trusted(Mute)}, ids=(1, 2, 3), places=PLACES)
    play_whole(Curious, scenario)

    assert met == [("127.1.7.2", 7000)]
