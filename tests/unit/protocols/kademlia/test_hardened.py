"""Few places for one /24: in the table, and among the k nearest of a lookup."""

import pytest

from p2pkit.core import Contact
from p2pkit.protocols.kademlia.bucket import Place
from p2pkit.protocols.kademlia.hardened import HardenedLookup, HardenedTable, net_of
from tests.one_node import OWN, OneNode, peer

HOME = Contact(OWN, ("127.200.0.1", 6881))


def at(node_id, net, host=1):
    return Contact(node_id, (f"127.9.{net}.{host}", 6881))


def lookup(k=3, max_per_net=1):
    one = HardenedLookup(0, HOME, k, alpha=k)
    one.max_per_net = max_per_net
    return one


def asked(walk):
    return [candidate.contact.id for candidate in walk.step(0.0)]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.1.2.3", "10.1.2.250", True),
        ("10.1.2.3", "10.1.3.3", False),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
    ],
)
def test_a_net_is_a_24_of_ipv4_and_a_64_of_ipv6(one, other, same):
    assert (net_of(one) == net_of(other)) is same


def test_a_table_refuses_one_too_many_of_a_net_and_keeps_who_came_first():
    table = HardenedTable(OWN, k=8, max_misses=5, max_per_net=2)

    places = [table.heard(at(number, net=1, host=number), 0.0) for number in (1, 2, 3)]

    assert places == [Place.NEW, Place.NEW, Place.REFUSED]
    assert not table.would_take(at(4, net=1, host=4))
    assert table.would_take(at(4, net=2))
    assert table.heard(at(1, net=1), 1.0) is Place.KNOWN


def test_who_waits_for_a_place_counts_so_that_nobody_slips_in_later():
    table = HardenedTable(OWN, k=1, max_misses=5, max_per_net=1)
    far = 1  # in the half that never splits
    table.heard(at(far, net=1), 0.0)
    waits = table.heard(at(far + 1, net=2), 0.0)

    refused = table.heard(at(OWN + 1, net=2, host=2), 0.0)

    assert (waits, refused) == (Place.WAITING, Place.REFUSED)


def test_a_place_is_free_again_when_its_contact_has_gone():
    table = HardenedTable(OWN, k=8, max_misses=1, max_per_net=1)
    table.heard(at(1, net=1), 0.0)

    assert table.missed(1)

    assert table.heard(at(2, net=1, host=2), 0.0) is Place.NEW


def test_a_lookup_asks_one_of_a_net_and_goes_on_to_others():
    walk = lookup()
    walk.add([at(1, net=1), at(2, net=1, host=2), at(3, net=2), at(9, net=3)])

    assert asked(walk) == [1, 3, 9]


def test_the_next_of_a_net_is_asked_when_the_one_before_has_failed():
    walk = lookup()
    walk.add([at(1, net=1), at(2, net=1, host=2), at(3, net=2), at(9, net=3)])
    first, *_ = walk.step(0.0)

    walk.on_failure(first, 1.0)

    assert asked(walk) == [2]


def test_a_thousand_names_in_one_net_crowd_nobody_out():
    walk = lookup(k=3)
    honest = [at(1000 + number, net=number) for number in range(2, 12)]
    walk.add(honest)

    for number in range(1, 250):
        walk.add([at(number, net=1, host=number)])

    known = {one.contact.id for one in walk.candidates.values()}
    assert {one.id for one in honest} <= known
    assert len(known) <= len(honest) + 3
    assert asked(walk) == [1, 1002, 1003]


def test_a_stranger_of_a_full_net_is_not_even_pinged(recorders):
    one = OneNode(recorders, max_per_net=1)
    known = peer(1, host=300)
    one.know(known)
    again, elsewhere = peer(2, host=301), peer(3, host=600)

    one.node.peers.checks.noticed(again)
    one.node.peers.checks.noticed(elsewhere)

    assert [to for to, _ in one.ctx.take_all()] == [elsewhere.address]
