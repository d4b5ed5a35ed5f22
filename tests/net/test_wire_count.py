"""Wire counts say what the kernel was given, whatever faults do on the way."""

import socket
import sys

import pytest

from p2pkit.core.driver import MAX_DATAGRAM_BYTES
from p2pkit.faults import Constant, Link, Loss
from p2pkit.net.wire_count import WireCount, waiting_datagrams
from tests.contract.conftest import SocketBench
from tests.contract.protocols import Speaker, SpeakerOfBoth, Talker, TalkerOfBoth

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="Linux alone counts what lies in a socket"
)


@pytest.fixture
def bench():
    bench = SocketBench()
    yield bench
    bench.close()


class CountingSocket:
    """Stands between a node and its socket, and counts what the kernel takes."""

    def __init__(self, node):
        self.sendto, self.taken = node.sendto, []
        node.sendto = self

    def __call__(self, data, to):
        count = self.sendto(data, to)
        self.taken.append(data)
        return count


def counted(bench):
    one, two = bench.add("n00", Speaker), bench.add("n01", Speaker)
    return one, two, CountingSocket(one).taken


def say_all(one, two, count=200):
    for number in range(count):
        one.protocol.say(two.me.address, number, b"x" * number)


FAULTS = {
    "none": Link(),
    "loss": Link(loss=0.3),
    "doubles": Link(duplication=0.3),
    "corruption": Link(corruption=0.3),
    "delay": Link(latency=Constant(0.01)),
    "all": Link(loss=0.2, duplication=0.2, corruption=0.2, latency=Constant(0.01)),
}


@pytest.mark.parametrize("link", FAULTS.values(), ids=FAULTS)
def test_every_datagram_that_the_kernel_takes_is_counted_once(bench, link):
    one, two, taken = counted(bench)
    bench.faults.link = link

    say_all(one, two)
    bench.turn()

    count = one.wire_count()
    assert (count.sent, count.sent_bytes) == (len(taken), sum(map(len, taken)))


def test_what_the_kernel_refuses_was_not_sent(bench):
    one, two, taken = counted(bench)

    one.protocol.say(("192.0.2.1", 7), 1)  # no address of ours
    one.protocol.say(two.me.address, 2)
    one.send_now(two.me.address, b"x" * (MAX_DATAGRAM_BYTES + 1))

    assert one.wire_count().sent == len(taken) == 1
    assert one.counters.dropped["too long for a datagram"] == 1


def test_every_datagram_that_came_is_read_or_waits(bench):
    one, two, taken = counted(bench)
    bench.faults.add(Loss(0.1))
    bench.faults.link = Link(corruption=0.2)

    say_all(one, two)
    waiting = two.wire_count()
    bench.turn()
    read = two.wire_count()

    assert (waiting.received, waiting.waiting) == (0, len(taken))
    assert (read.received, read.waiting) == (len(taken), 0)


def test_a_message_that_breaks_a_rule_was_received_once(bench):
    one, two, _ = counted(bench)

    one.protocol.say(two.me.address, -2)  # decodes, and is refused by the protocol
    one.send_now(two.me.address, b"\xc1")  # does not decode
    one.send_now(two.me.address, b"x" * 2000)  # longer than the codec allows
    bench.turn()

    assert two.wire_count().received == 3
    assert sum(two.counters.rejected.values()) == 3


def test_what_finds_a_socket_full_is_counted(bench):
    one, two, taken = counted(bench)
    two.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)

    say_all(one, two)

    count = two.wire_count()
    assert count.socket_drops > 0
    assert count.waiting + count.socket_drops == len(taken)


def test_counting_what_waits_takes_nothing_away():
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there,
    ):
        here.bind(("127.0.0.1", 0))
        here.setblocking(False)
        for number in range(1, 50):
            there.sendto(b"x" * number, here.getsockname())

        assert [waiting_datagrams(here) for _ in range(3)] == [49, 49, 49]
        assert [len(here.recv(100)) for _ in range(20)] == list(range(1, 21))
        assert waiting_datagrams(here) == 29


def test_a_node_that_is_started_anew_keeps_what_its_name_has_counted(bench):
    one, two, taken = counted(bench)
    say_all(one, two, 5)
    address = one.me.address
    one.kill()

    again = bench.add("n00", Speaker, address)
    again.protocol.say(two.me.address, 1)

    count = bench.driver.wire_count("n00")
    assert (count.sent, count.lives, count.is_there) == (len(taken) + 1, 2, True)


def test_a_node_that_ended_holds_no_socket(bench):
    one, _, _ = counted(bench)

    one.kill()

    assert not one.wire_count().is_there


def connected(bench, kind):
    one, two = bench.add("n00", kind), bench.add("n01", kind)
    one.protocol.connect(two.me.address)
    assert bench.until(lambda: one.protocol.peers() and two.protocol.peers())
    return one, two


@pytest.mark.parametrize("kind", [Talker, TalkerOfBoth])
def test_bytes_of_a_stream_are_those_that_the_other_end_has(bench, kind):
    one, two = connected(bench, kind)

    for number in range(50):
        one.protocol.say(two.me.address, number, b"x" * 10_000)
    two.pause()
    bench.turn()
    under_way = one.wire_count(), two.wire_count()
    two.resume()
    assert bench.until(lambda: len(two.protocol.heard) == 50)
    arrived = one.wire_count(), two.wire_count()

    for count, other in (under_way, arrived):
        assert count.stream_sent == other.stream_received > 0
    assert arrived[0].stream_sent > 500_000


def test_a_stream_that_was_closed_still_counts(bench):
    one, two = connected(bench, Talker)
    one.protocol.say(two.me.address, 1, b"x" * 100)
    assert bench.until(lambda: two.protocol.heard)
    before = one.wire_count()

    one.protocol.close(two.me.address)
    assert bench.until(lambda: one.protocol.closed() and two.protocol.closed())

    assert one.wire_count() == before
    assert two.wire_count().broken == 0


def test_on_both_carriers_datagrams_and_messages_on_streams_are_told_apart(bench):
    one, two = bench.add("n00", SpeakerOfBoth), bench.add("n01", SpeakerOfBoth)

    say_all(one, two, 7)
    bench.turn()

    assert one.wire_count().sent == two.wire_count().received == 7
    assert one.wire_count().stream_sent == 0


def test_counts_add_up_and_the_later_life_says_whether_it_is_there():
    earlier = WireCount(sent=3, received=2, lives=1, is_there=False)
    later = WireCount(sent=4, lives=1)

    assert earlier + later == WireCount(sent=7, received=2, lives=2)
    assert (earlier + later) - later == WireCount(sent=3, received=2, lives=1)
