"""Sybil and Eclipse on a chosen key, and what each defense is worth: the claims."""

import pytest

from p2pkit import Cluster
from p2pkit.attacks import Eclipse
from p2pkit.core.driver import seeded
from p2pkit.protocols import Kademlia
from p2pkit.protocols.kademlia.items import Item, encode_value

pytestmark = pytest.mark.timeout(60)  # several networks, one after the other

VALUE = b"forbidden"
KEY = Item(encode_value(VALUE)).target
SEEDS = (7, 8, 9)
HARDENED = {"bep42": "enforce", "max_per_net": 1, "paths": 3}


def attacked(seed, count=16, machines=1, **settings):
    """Return a network with Eclipses beside the key, and the value put since then."""
    cluster = Cluster(
        Kademlia, 64, seed=seed, carrier="virtual", progress="none", **settings
    )
    cluster.advance(5)
    cluster.add_attackers(Eclipse, count, machines=machines, target=KEY)
    cluster.advance(5)
    cluster.honest[3].put(VALUE)
    return cluster


def reads(cluster, count=30):
    """Return the share of reads by honest nodes that bring the value."""
    readers = seeded(cluster.seed, "readers").choices(cluster.honest[4:], k=count)
    return sum(one.get(KEY) == VALUE for one in readers) / count


def contamination(cluster):
    """Return the share of attackers among the contacts nearest to the key."""
    bad = {one.id for one in cluster.attackers}
    found = cluster.honest[20].lookup(KEY)
    return sum(one.id in bad for one in found) / len(found)


@pytest.mark.parametrize("k", [8, 20])
def test_with_defenses_off_k_sybils_take_every_place_and_every_read(k):
    for seed in SEEDS:
        with attacked(seed, count=2 * k, k=k) as cluster:
            assert contamination(cluster) == 1.0
            assert reads(cluster) == 0.0


@pytest.mark.parametrize("switch", [{"max_per_net": 1}, HARDENED])
def test_with_one_place_a_net_one_machine_takes_one_place_and_no_read(switch):
    for seed in SEEDS:
        with attacked(seed, count=64, **switch) as cluster:
            assert contamination(cluster) <= 1 / 8
            assert reads(cluster) == 1.0


def test_with_as_many_nets_as_places_the_rule_of_one_a_net_is_worth_nothing():
    with attacked(7, count=16, machines=16, max_per_net=1) as cluster:
        assert contamination(cluster) == 1.0
        assert reads(cluster) == 0.0


# Each address has one place in the eighth of the id space around the key, where the
# honest have n / 8: so m addresses take a share of m / (m + n / 8); +-0.15 over six
# networks, a seventh of which chance alone does to one.
@pytest.mark.parametrize(("count", "machines"), [(8, 8), (24, 24), (56, 1)])
def test_under_bep_42_every_address_is_worth_eight_honest_nodes_and_no_more(
    count, machines
):
    shares = []
    for seed in range(7, 13):
        with attacked(seed, count, machines, bep42="enforce") as cluster:
            shares.append(contamination(cluster))

    expected = count / (count + 64 / 8)
    assert sum(shares) / len(shares) == pytest.approx(expected, abs=0.15)


def test_ids_bound_to_addresses_keep_the_many_nets_of_an_attacker_from_all_places():
    for seed in SEEDS:
        with attacked(seed, count=16, machines=16, **HARDENED) as cluster:
            assert contamination(cluster) < 1.0
            assert reads(cluster) >= 0.95


def test_attackers_that_leave_are_forgotten_and_the_next_put_is_read():
    with attacked(7) as cluster:
        assert reads(cluster) == 0.0

        for one in cluster.attackers:
            one.stop()
        cluster.honest[3].put(VALUE)

        assert reads(cluster) == 1.0
