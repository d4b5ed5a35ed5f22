"""What peers may send to a HyParView node: bounded, counted, and never believed."""

import msgspec
import pytest

from p2pkit.core import LocalProtocolError, RemoteProtocolError
from p2pkit.protocols import HyParView
from p2pkit.protocols.hyparview import messages as m
from p2pkit.protocols.hyparview.flooding import Flooded
from p2pkit.protocols.hyparview.repair import MAX_ASKED
from tests.membership import OneStreamNode, StreamRecorder, address

SHUFFLE = tuple(address(number) for number in range(100, 108))


@pytest.fixture
def one():
    return OneStreamNode(HyParView, lambda **named: StreamRecorder(**named))


def joined(one, number):
    """Have a peer join; return its stream."""
    stream = one.arrive(number)
    one.hear(stream, m.Join())
    return stream


def test_views_never_outgrow_their_sizes_whoever_joins(one):
    for number in range(1, 40):
        joined(one, number)

    views = one.node.views
    assert len(views.active) == 5
    assert len(views.passive) <= 30
    assert not set(views.active) & set(views.passive)


def test_a_flood_of_joins_is_refused_after_a_number(one):
    stream = joined(one, 1)

    for _ in range(one.node.config.max_joins - 1):
        one.hear(stream, m.Join())
    with pytest.raises(RemoteProtocolError, match="too many joins"):
        one.hear(stream, m.Join())


def test_a_forged_walk_makes_us_call_only_so_many(one):
    stream = joined(one, 1)

    for number in range(100, 100 + MAX_ASKED):
        one.hear(stream, m.ForwardJoin(address(number), 0))
    with pytest.raises(RemoteProtocolError, match="too many peers to call"):
        one.hear(stream, m.ForwardJoin(address(200), 0))

    assert len(one.ctx.dialed) == MAX_ASKED


def test_those_called_in_vain_are_given_up_and_make_room(one):
    stream = joined(one, 1)
    for number in range(100, 100 + MAX_ASKED):
        one.hear(stream, m.ForwardJoin(address(number), 0))

    one.ctx.advance(one.node.config.answer_s)

    assert one.node.repair.asked == {}


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (m.ForwardJoin(address(9), 7), "walk longer"),
        (m.Shuffle(address(9), 7, SHUFFLE), "walk longer"),
        (m.Shuffle(address(9), 0, (*SHUFFLE, address(1))), "oversized shuffle"),
        (m.ShuffleReply((*SHUFFLE, address(1))), "oversized shuffle"),
        (m.ShuffleReply(SHUFFLE), "answer to no question"),
        (m.NeighborReply(accepted=True), "answer to no question"),
    ],
)
def test_what_nobody_asked_for_is_refused_by_reason(one, message, reason):
    stream = joined(one, 1)
    passive = dict(one.node.views.passive)

    with pytest.raises(RemoteProtocolError, match=reason):
        one.hear(stream, message)

    assert one.node.views.passive == passive


def test_a_stranger_can_neither_say_goodbye_nor_bring_news(one):
    stream = one.arrive(1)

    with pytest.raises(RemoteProtocolError, match="goodbye of a stranger"):
        one.hear(stream, m.Disconnect())
    with pytest.raises(RemoteProtocolError, match="news from a stranger"):
        one.hear(stream, Flooded(b"nonce", 1, b"news"))


def test_a_flood_of_shuffles_cannot_wash_the_reserve_away_at_will(one):
    stream, config = joined(one, 1), one.node.config
    for number in range(config.max_shuffles):
        one.hear(stream, m.Shuffle(address(200 + number), 0, (address(number + 2),)))

    with pytest.raises(RemoteProtocolError, match="too many shuffles"):
        one.hear(stream, m.Shuffle(address(9), 0, SHUFFLE))


def test_our_own_address_is_taken_into_no_view(one):
    stream = joined(one, 1)

    one.hear(stream, m.Shuffle(address(9), 0, (one.ctx.me.address,)))
    one.hear(stream, m.ForwardJoin(one.ctx.me.address, 0))

    assert one.ctx.me.address not in one.node.views.passive
    assert one.ctx.me.address not in one.ctx.dialed


@pytest.mark.parametrize(
    "data",
    [
        msgspec.msgpack.encode({"type": "ForwardJoin", "newcomer": ["a", 0], "ttl": 1}),
        msgspec.msgpack.encode(
            {"type": "ForwardJoin", "newcomer": ["a" * 46, 1], "ttl": 1}
        ),
        msgspec.msgpack.encode(
            {"type": "ForwardJoin", "newcomer": ["a", 1], "ttl": -1}
        ),
        msgspec.msgpack.encode(
            {"type": "Shuffle", "origin": ["a", 1], "ttl": 1, "offer": [["a", 1]] * 200}
        ),
    ],
)
def test_impossible_addresses_walks_and_lists_do_not_decode(data):
    with pytest.raises(RemoteProtocolError, match="not one of our messages"):
        HyParView.codec.decode(data)


def test_an_oversized_payload_is_refused_at_both_ends():
    one = OneStreamNode(HyParView, lambda **n: StreamRecorder(**n), max_payload_bytes=9)
    stream = joined(one, 1)

    with pytest.raises(RemoteProtocolError, match="oversized payload"):
        one.hear(stream, Flooded(b"nonce", 1, bytes(10)))
    with pytest.raises(LocalProtocolError, match="10 bytes are more than"):
        one.node.broadcast(bytes(10))


def test_saved_peers_come_back_and_damaged_ones_say_so(one):
    joined(one, 1)
    saved = one.node.save()

    one.node.restore(saved)

    assert one.node.remembered == [address(1)]
    with pytest.raises(LocalProtocolError, match="are damaged"):
        one.node.restore(b"?")


def test_a_stopped_node_leaves_no_timer(one):
    one.node.bootstrap([address(1), address(2)])
    one.ctx.advance(0.2)

    one.node.stop()

    assert one.ctx.timers == 0
