"""One key besieged: before, during and after, with defenses off and on."""

from __future__ import annotations

import pytest

from p2pkit.classroom.attack_experiments import (
    AFTER,
    BEFORE,
    DEFENSES,
    DURING,
    Sample,
    Siege,
    besiege,
    liars,
    phases,
    sieges,
)
from p2pkit.classroom.attack_tables import rows
from p2pkit.core import LabError

OTHER = Siege(value=b"another page", attackers=24, reads=20)


@pytest.mark.parametrize("k", [8, 20])
def test_a_siege_takes_every_read_until_it_is_lifted(k: int) -> None:
    found = phases(11, OTHER, k=k)

    assert [found[one].success for one in (BEFORE, DURING, AFTER)] == [1.0, 0.0, 1.0]
    assert [found[one].contamination for one in (BEFORE, DURING, AFTER)] == [0, 1, 0]
    assert found[DURING].spent > 0


@pytest.mark.parametrize("loss", [0.0, 0.05])
def test_defended_it_takes_none_and_costs_honest_nodes_little(loss: float) -> None:
    siege = Siege(value=b"another page", attackers=24, reads=20, loss=loss)
    plain = phases(12, siege)

    found = phases(12, siege, **DEFENSES)

    assert plain[DURING].success <= 0.1
    assert all(one.success >= 0.95 for one in found.values())
    assert found[DURING].contamination <= 1 / 8
    assert found[DURING].asked <= 1.5 * plain[BEFORE].asked
    assert found[DURING].sent <= 1.5 * plain[BEFORE].sent


def test_what_was_stored_before_is_read_until_it_expires() -> None:
    siege = Siege(attackers=24, reads=20, samples=4)

    curve = [one for one in besiege(13, siege) if one.phase != AFTER]

    assert [one.phase for one in curve] == [BEFORE] * 4 + [DURING] * 4
    assert curve[4].contamination == 1.0
    assert curve[4].success >= 0.75  # a quarter of the time: copies are still there
    assert curve[7].success == 0.0


def test_the_same_seed_gives_the_same_siege() -> None:
    small = Siege(nodes=16, attackers=8, reads=5)

    assert phases(7, small) == phases(7, small)
    assert phases(7, small) != phases(8, small)


def test_a_sweep_gives_a_row_for_each_value_seed_and_sample() -> None:
    small = Siege(nodes=16, reads=5)

    table = sieges("attackers", [1, 12], [7, 8], small)

    assert len(table) == 2 * 2 * 3
    during = table[table.phase == DURING].groupby("attackers").contamination.mean()
    assert during[1] < during[12] == 1.0


def test_the_bench_judges_its_claims_and_names_its_variants() -> None:
    judged = [one for one in rows("siege", attackers=24, runs=2) if one.ok is not None]

    assert len(judged) == 7
    assert all(one.ok for one in judged)
    with pytest.raises(LabError, match="a variant is one of siege, switches"):
        list(rows("sieges"))


# A process for each node, and copies have to expire once in each of the two networks.
@pytest.mark.timeout(240)
def test_64_processes_lose_every_read_and_with_defenses_none() -> None:
    siege = Siege(carrier="real", processes=64, reads=40, expire_s=8.0)

    off, on = _until_besieged(siege), _until_besieged(siege, **DEFENSES)

    assert off[BEFORE].success >= 0.95
    assert off[DURING].success <= 0.1
    assert on[DURING].success >= 0.95
    assert on[DURING].asked <= 1.5 * off[BEFORE].asked
    assert on[DURING].sent <= 1.5 * off[BEFORE].sent


def _until_besieged(siege: Siege, **settings: object) -> dict[str, Sample]:
    looks = besiege(7, siege, **settings)
    found = {one.phase: one for one in (next(looks), next(looks))}
    looks.close()
    return found


# A question handed on along one route would be good with odds of (1 - 0.5) ** 3.
def test_liars_anywhere_hardly_harm_a_lookup_that_asks_the_k_nearest() -> None:
    found = [liars(seed, 0.5, nodes=48, lookups=20) for seed in (7, 8, 9)]

    assert sum(found) / 3 >= 0.9
