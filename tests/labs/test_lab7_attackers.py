"""Lab 7: attacks win where all are trusted, and the honest lose nothing to the rules.

Margins: on 30 seeds, other than those of students, every read of the target fails
among trusting keepers, and none fails in peace; the lab asks for 90 and 95 of 100.
"""

from __future__ import annotations

import pytest

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab7_sybil_eclipse.gates import admits
from p2pkit.classroom.labs.lab7_sybil_eclipse.grinding import hit_share
from p2pkit.classroom.labs.lab7_sybil_eclipse.keeper import Keeper
from p2pkit.classroom.labs.lab7_sybil_eclipse.renting import breaks
from p2pkit.classroom.labs.lab7_sybil_eclipse.villains import Mute, trusted
from p2pkit.classroom.labs.lab7_sybil_eclipse.ways import starts_again
from p2pkit.classroom.labs.lab7_sybil_eclipse.wire import Config, Find, Parameters
from p2pkit.classroom.labs.lab7_sybil_eclipse.worlds import (
    Town,
    life,
    peaceful,
    served,
    with_chosen_ids,
    with_one_net,
    with_sleepers,
)
from p2pkit.core import LabError
from p2pkit.harness import LocalSubject, play_whole

PARAMETERS = Parameters(nodes=40, k=4, slots=8, tries=18_000, seed=7)
SEEDS = range(100, 104)
READS = 12


def reads_in(town: Town, seed: int) -> list[bool]:
    others = dict.fromkeys(town.intruders, trusted(Mute))
    scenario = life(town, seed, Config(), READS, others=others)
    return served(play_whole(trusted(Keeper), scenario), town.value)


@pytest.mark.parametrize("seed", SEEDS)
def test_in_peace_every_read_succeeds(seed: int) -> None:
    good = reads_in(peaceful(40, seed), seed)

    assert len(good) >= READS - 4
    assert all(good)


@pytest.mark.parametrize("seed", SEEDS)
def test_trusting_keepers_lose_the_value_to_either_attacker(seed: int) -> None:
    town = peaceful(40, seed)

    chosen = reads_in(with_chosen_ids(town, 8, seed), seed)
    one_net = reads_in(with_one_net(town, 8, seed), seed)

    assert sum(chosen) + sum(one_net) <= 0.1 * (len(chosen) + len(one_net))


def test_sleepers_keep_every_rule_and_two_are_nearest() -> None:
    town = with_sleepers(peaceful(40, 5), 12, 5)

    order = sorted(range(len(town.ids)), key=lambda one: town.ids[one] ^ town.key)

    assert [one in town.intruders for one in order[:4]] == [True, True, False, False]
    assert len({net for net, _ in town.places}) == len(town.places)


def test_a_random_id_is_among_the_k_nearest_with_odds_of_about_k_of_n() -> None:
    assert hit_share(7, 40, 4) == pytest.approx(4 / 41, rel=0.15)


def test_where_nothing_is_for_sale_an_attacker_gives_up() -> None:
    everybody = Case(PARAMETERS, 7, {"nodes": 256, "runs": 1, "wall": ""})

    with pytest.raises(LabError, match="a case needs fewer nodes"):
        breaks(LocalSubject({"Gated": Keeper}), everybody)


class Restless(Keeper):
    """Asks whoever answers once more, for ever."""

    def receive(self, sender, message):
        super().receive(sender, message)
        if not isinstance(message, Find):
            self.ctx.send(sender, Find(7, self.ctx.me.id, 7))


@pytest.mark.parametrize(
    ("name", "check"), [("Gated", admits), ("Guarded", starts_again)]
)
def test_a_keeper_that_never_stops_asking_fails_and_is_left(name, check) -> None:
    verdict = check(LocalSubject({name: Restless}), Case(PARAMETERS, 7))

    assert 0 <= verdict.share < 1
    reads = [
        one for one in verdict.findings if "read" in one.claim or "none" in one.claim
    ]
    assert [one.share for one in reads] == [0]
