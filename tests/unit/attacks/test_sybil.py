"""Sybils: where their ids are, and what grinding gets under BEP 42."""

import random
from ipaddress import IPv4Address

import pytest

from p2pkit.attacks import Eclipse, Sybil, SybilConfig
from p2pkit.attacks.sybil import ground_id
from p2pkit.core import Contact, RemoteProtocolError
from p2pkit.protocols.kademlia import bep42
from p2pkit.protocols.kademlia import messages as m
from p2pkit.protocols.kademlia.distance import prefix_length
from p2pkit.protocols.kademlia.items import Item, encode_value
from tests.recorder import Recorder

KEY = Item(encode_value(b"forbidden")).target
CODEC = Sybil.codec
ASKER = ("127.9.0.7", 6881)


def fellows(count):
    return [Contact(KEY ^ (1 + n), (f"127.7.7.{n + 1}", 6881)) for n in range(count)]


class OneEclipse:
    """An Eclipse, and whoever asks it."""

    def __init__(self, **settings):
        self.ctx = Recorder(KEY ^ 99, codec=CODEC)
        config = Eclipse.Config.of(target=KEY, **settings)
        self.node = Eclipse(self.ctx, config)
        self.node.conspire([Contact(KEY ^ 99, self.ctx.me.address), *fellows(20)])

    def ask(self, kind, *fields, **named):
        query = kind(b"aa", 5, True, *fields, **named)
        self.node.receive(ASKER, CODEC.decode(CODEC.encode(query)))
        to, answer = self.ctx.take((m.Reply, m.Error))
        assert to == ASKER
        return answer


@pytest.mark.parametrize("near_bits", [0, 12, 40, 160])
def test_ids_share_as_many_bits_with_the_key_as_they_are_told(near_bits):
    rng = random.Random(7)
    config = SybilConfig(target=KEY, near_bits=near_bits)

    ids = [Sybil.choose_id(rng, ASKER, config) for _ in range(100)]

    assert min(prefix_length(one, KEY) for one in ids) >= near_bits
    assert len(set(ids)) == (1 if near_bits == 160 else 100)


def test_under_bep_42_the_id_is_the_nearest_of_the_eight_that_fit():
    rng = random.Random(7)
    host = "127.9.1.7"
    config = SybilConfig(target=KEY, bep42="enforce")

    chosen = Sybil.choose_id(rng, (host, 6881), config)

    assert chosen == ground_id(host, KEY)
    assert bep42.fits(chosen, host, exempt=False)
    others = [bep42.make_id(host, rng) for _ in range(1000)]
    assert all(chosen ^ KEY < other ^ KEY for other in others)


# The eight places are one in every eighth of the space, so the nearest is uniform in
# the key's own: a sixteenth of the space away on average, +-3 % over 5,000 addresses.
def test_grinding_one_address_gets_three_bits_of_the_key_and_no_more():
    rng = random.Random(7)
    hosts = [str(IPv4Address(rng.getrandbits(32))) for _ in range(5000)]

    gaps = [(ground_id(host, KEY) ^ KEY) / 2**160 for host in hosts]

    assert max(gaps) < 1 / 8
    assert sum(gaps) / len(gaps) == pytest.approx(1 / 16, rel=0.03)


@pytest.mark.parametrize("kind", [m.Get, m.FindNode, m.GetPeers])
def test_about_the_key_it_names_its_nearest_fellows_and_nobody_else(kind):
    answer = OneEclipse().ask(kind, KEY)

    assert list(answer.nodes) == fellows(8)
    assert answer.item is None
    assert answer.peers == ()


def test_what_is_to_be_stored_under_the_key_is_taken_and_forgotten():
    one, item = OneEclipse(), Item(encode_value(b"forbidden"))
    token = one.ask(m.Get, KEY).token

    stored = one.ask(m.Put, item, token)
    announced = one.ask(m.AnnouncePeer, KEY, 7000, token)

    assert isinstance(stored, m.Reply)
    assert isinstance(announced, m.Reply)
    assert one.ask(m.Get, KEY).item is None
    assert one.ask(m.GetPeers, KEY).peers == ()


def test_about_other_keys_it_is_as_good_a_node_as_any():
    one, item = OneEclipse(), Item(encode_value(b"allowed"))
    token = one.ask(m.Get, item.target).token

    one.ask(m.Put, item, token)

    assert one.ask(m.Get, item.target).item == item
    with pytest.raises(RemoteProtocolError, match="bad token"):
        one.ask(m.Put, item, b"bad")


def test_told_to_it_lies_about_every_key():
    answer = OneEclipse(all_keys=True).ask(m.Get, 5)

    assert {one.id for one in answer.nodes} <= {one.id for one in fellows(20)}
    assert len(answer.nodes) == 8


def test_it_tells_what_the_attack_has_cost():
    one = OneEclipse(messages_hz=2.0)
    for _ in range(2):
        one.ask(m.Get, KEY)

    one.node.receive(ASKER, m.Get(b"aa", 5, True, KEY))

    inside = one.node.inspect()
    assert one.ctx.take_all() == []
    assert (inside["role"], inside["spent"], inside["refused"]) == ("attacker", 2, 1)
