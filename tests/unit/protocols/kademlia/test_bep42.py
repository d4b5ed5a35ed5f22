"""Ids made of addresses, against the five published ones of BEP 42."""

import random

import pytest

from p2pkit.protocols import Kademlia, KademliaConfig
from p2pkit.protocols.kademlia import bep42

PUBLISHED = [
    ("124.31.75.21", 1, "5fbfbff10c5d6a4ec8a88e4c6ab4c28b95eee401"),
    ("21.75.31.124", 86, "5a3ce9c14e7a08645677bbd1cfe7d8f956d53256"),
    ("65.23.51.170", 22, "a5d43220bc8f112a3d426c84764f8c2a1150e616"),
    ("84.124.73.14", 65, "1b0321dd1bb1fe518101ceef99462b947a01ff41"),
    ("43.213.53.83", 90, "e56f6cbf5b7c4be0237986d5243b87aa6d51305a"),
]


@pytest.mark.parametrize(("host", "r", "node_id"), PUBLISHED)
def test_a_published_id_fits_its_address_in_21_bits(host, r, node_id):
    number = int(node_id, 16)

    assert bep42.fits(number, host)
    assert bep42.id_prefix(host, r) >> 11 == number >> 139


@pytest.mark.parametrize(("host", "r", "node_id"), PUBLISHED)
def test_a_published_id_fits_neither_another_address_nor_with_one_bit_changed(
    host, r, node_id
):
    number = int(node_id, 16)

    assert not bep42.fits(number, "21.75.31.125")
    assert not bep42.fits(number ^ 1 << 159, host)
    assert not bep42.fits(number ^ 1 << 139, host)
    assert bep42.fits(number ^ 1 << 138, host)


@pytest.mark.parametrize("host", ["8.8.8.8", "2a00:1450:4001:80b::200e"])
def test_a_made_id_fits_and_one_host_has_few_places(host):
    rng = random.Random(7)

    ids = [bep42.make_id(host, rng) for _ in range(200)]

    assert all(bep42.fits(node_id, host) for node_id in ids)
    assert len({node_id >> 139 for node_id in ids}) == 8
    assert len(set(ids)) == 200


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.1.1", "::1"]
)
def test_a_local_host_may_have_any_id(host):
    assert bep42.fits(0, host)
    assert bep42.fits((1 << 160) - 1, host)


# Pitfall: ids made of loopback addresses: the whole cluster shares a prefix.
def test_without_the_switch_ids_are_spread_over_the_space_whatever_the_address():
    ids = [
        Kademlia.choose_id(random.Random(i), ("127.0.0.1", 6881 + i), KademliaConfig())
        for i in range(256)
    ]

    assert len({node_id >> 156 for node_id in ids}) == 16


def test_with_the_switch_a_node_takes_an_id_that_fits():
    config = KademliaConfig(bep42=True)

    node_id = Kademlia.choose_id(random.Random(7), ("8.8.8.8", 6881), config)

    assert bep42.fits(node_id, "8.8.8.8")


def test_enforced_the_rule_exempts_no_local_host_either():
    config = KademliaConfig(bep42="enforce")

    node_id = Kademlia.choose_id(random.Random(7), ("127.9.1.7", 6881), config)

    assert bep42.fits(node_id, "127.9.1.7", exempt=False)
    assert not bep42.fits(node_id ^ 1 << 159, "127.9.1.7", exempt=False)
    assert bep42.fits(node_id ^ 1 << 159, "127.9.1.7")


@pytest.mark.parametrize(("host", "r", "node_id"), PUBLISHED)
def test_enforced_the_published_ids_fit_as_before(host, r, node_id):
    assert bep42.fits(int(node_id, 16), host, exempt=False)
