"""One node and the test as all of its peers; all of it over the wire."""

import msgspec
import pytest

from p2pkit.core import LocalProtocolError, RemoteProtocolError, RequestTimeout
from p2pkit.protocols import PROTOCOLS, Vivaldi, VivaldiConfig
from p2pkit.protocols.vivaldi import Coordinate
from p2pkit.protocols.vivaldi.messages import Ping, Pong

PEERS = [(f"127.9.0.{i}", 7000) for i in range(1, 9)]
A, B, *_ = PEERS
THERE = Coordinate((0.03, 0.0), 0.001, 0.5)
GOLDEN = [
    (Ping(b"tid!"), "82a474797065a450696e67a3746964c40474696421"),
    (
        Pong(b"tid!", Coordinate((1.0, -0.5), 0.25, 1.5, -0.125)),
        "83a474797065a4506f6e67a3746964c40474696421aa636f6f7264696e61746584a6"
        "766563746f7292cb3ff0000000000000cbbfe0000000000000a86865696768745f73cb"
        "3fd0000000000000a56572726f72cb3ff8000000000000ac61646a7573746d656e745f"
        "73cbbfc0000000000000",
    ),
]


class One:
    """A node with a view of eight peers, and what they may do to it."""

    def __init__(self, recorders, **settings):
        self.ctx = recorders(codec=Vivaldi.codec)
        self.node = Vivaldi(self.ctx, VivaldiConfig.of(dimensions=2, **settings))
        self.node.bootstrap(PEERS)

    def hear(self, sender, message):
        codec = Vivaldi.codec
        self.node.receive(sender, codec.decode(codec.encode(message)))

    def meet(self, peer, rtt_s=0.05, where=THERE):
        """Have the node measure a peer that answers after `rtt_s`."""
        operation = self.node.measure(peer)
        _, ping = self.ctx.take(Ping)
        self.ctx.now_s += rtt_s
        self.hear(peer, Pong(ping.tid, where))
        return operation


@pytest.fixture
def one(recorders):
    return One(recorders)


@pytest.mark.parametrize(("message", "wire"), GOLDEN)
def test_each_message_has_these_bytes(message, wire):
    assert Vivaldi.codec.encode(message).hex() == wire
    assert Vivaldi.codec.decode(bytes.fromhex(wire)) == message


def test_the_longest_coordinate_fits_a_datagram_and_a_longer_one_is_not_read():
    Vivaldi.codec.encode(Pong(b"tid!", Coordinate((0.1,) * 16, 0.1, 0.1)))
    long = Coordinate((0.1,) * 17, 0.1, 0.1)

    with pytest.raises(RemoteProtocolError):
        Vivaldi.codec.decode(Vivaldi.codec.encode(Pong(b"tid!", long)))


def test_it_is_registered():
    assert PROTOCOLS["vivaldi"] is Vivaldi


def test_a_ping_is_answered_with_where_the_node_is(one):
    one.hear(A, Ping(b"what"))

    assert one.ctx.take(Pong) == (A, Pong(b"what", one.node.position.coordinate))


def test_each_round_a_peer_of_the_view_is_pinged(one):
    one.ctx.advance(100 * one.node.config.round_s)

    asked = [to for to, _ in one.ctx.take_all(Ping)]
    assert len(asked) in (98, 99, 100)  # the first round begins within two
    assert set(asked) == set(PEERS)


def test_an_answer_moves_the_node_and_tells_the_round_trip(one):
    before = one.node.position.coordinate

    operation = one.meet(A, 0.05)

    assert operation.result == pytest.approx(0.05)
    assert one.node.position.coordinate != before
    assert list(one.node.met) == [A]


def test_the_median_of_the_last_round_trips_rides_out_a_blip(recorders):
    calm, blip = One(recorders), One(recorders)
    for rtt_s in (0.05, 0.05, 0.05):
        calm.meet(A, rtt_s)
    for rtt_s in (0.05, 0.05, 5.0):
        blip.meet(A, rtt_s)

    assert blip.node.distance(A) == pytest.approx(calm.node.distance(A))


def test_distances_come_near_the_round_trips_and_order_the_peers(one):
    for _ in range(200):
        one.meet(A, 0.02, Coordinate((0.01, 0.0), 1e-5, 0.2))
        one.meet(B, 0.04, Coordinate((-0.05, 0.0), 1e-5, 0.2))

    assert one.node.distance(A) == pytest.approx(0.02, rel=0.05)
    assert one.node.distance(B) == pytest.approx(0.04, rel=0.05)
    assert one.node.estimate(A, B) == pytest.approx(0.06, rel=0.01)
    assert one.node.nearest(5) == [A, B]


def test_of_a_peer_that_was_not_met_nothing_is_foretold(one):
    with pytest.raises(LocalProtocolError, match=r"127\.9\.0\.1:7000 has not told"):
        one.node.distance(A)


def test_a_peer_that_does_not_answer_is_asked_once_and_changes_nothing(one):
    before = one.node.position.coordinate
    one.node.stop()

    operation = one.node.measure(A)
    one.ctx.take(Ping)
    one.ctx.advance(one.node.config.timeout_s + 1)

    with pytest.raises(RequestTimeout, match=r"no answer from 127\.9\.0\.1:7000"):
        _ = operation.result
    assert one.node.position.coordinate == before


@pytest.mark.parametrize(
    ("sender", "tid", "where", "reason"),
    [
        (B, None, THERE, "answer to no question"),
        (A, b"else", THERE, "answer to no question"),
        (A, None, Coordinate((1e9, 0.0), 0.1, 0.5), "coordinate too far out"),
        (A, None, Coordinate((0.0,) * 3, 0.1, 0.5), "coordinate of other dimensions"),
        (A, None, Coordinate((0.0, float("nan")), 0.1, 0.5), "coordinate not finite"),
    ],
)
def test_an_answer_that_is_none_is_refused_and_moves_nobody(
    one, sender, tid, where, reason
):
    before = one.node.position.coordinate
    one.node.measure(A)
    _, ping = one.ctx.take(Ping)

    with pytest.raises(RemoteProtocolError) as error:
        one.hear(sender, Pong(tid or ping.tid, where))

    assert error.value.reason == reason
    assert one.node.position.coordinate == before
    assert one.node.met == {}


def test_only_so_many_peers_are_remembered_the_last_met_ones(recorders):
    one = One(recorders, memory=2)
    for peer in (*PEERS[:3], PEERS[1], PEERS[3]):
        one.meet(peer)

    assert list(one.node.met) == [PEERS[1], PEERS[3]]


def test_a_node_that_comes_back_is_where_it_was(recorders):
    one, again = One(recorders), One(recorders)
    one.meet(A)

    again.node.restore(one.node.save())

    assert again.node.inspect()["coordinate"] == one.node.inspect()["coordinate"]


def test_what_other_settings_have_left_is_refused(one):
    saved = msgspec.msgpack.encode(Coordinate((0.0,) * 3, 0.1, 0.5))

    with pytest.raises(LocalProtocolError, match="of other dimensions"):
        one.node.restore(saved)


def test_a_node_that_stopped_asks_nobody(one):
    one.node.stop()

    assert one.ctx.timers == 0
