import random

import pytest

from p2pkit.core import LocalProtocolError
from p2pkit.faults import Bandwidth, Constant, Link, Packet, Uniform, flip_one_bit

ONE, TWO, THREE = ("127.0.0.1", 1), ("127.0.0.2", 1), ("127.0.0.3", 1)


def packet(at_s=0.0, size=1000, source=ONE, to=TWO, stream=False):
    return Packet(source, to, size, at_s, stream)


def judged(link, count=2000, **fields):
    rng = random.Random("link")
    return [link.judge(packet(**fields), rng) for _ in range(count)]


@pytest.mark.parametrize("name", ["loss", "duplication", "reordering", "corruption"])
def test_odds_are_kept(name):
    verdicts = judged(Link(latency=Constant(0.01), **{name: 0.2}))

    struck = {
        "loss": lambda v: v.deliveries == (),
        "duplication": lambda v: len(v.deliveries) == 2,
        "reordering": lambda v: v.deliveries == (pytest.approx(0.06),),
        "corruption": lambda v: v.corrupt,
    }[name]
    # Five standard deviations of 2,000 draws at odds 0.2 are 89.
    assert abs(sum(map(struck, verdicts)) - 400) < 90


@pytest.mark.parametrize("odds", [-0.1, 1.1, float("nan")])
def test_what_is_no_probability_is_refused(odds):
    with pytest.raises(LocalProtocolError, match="loss is a probability from 0 to 1"):
        Link(loss=odds)


def test_streams_lose_nothing_and_wait_instead():
    verdicts = judged(Link(loss=0.3, duplication=0.5, corruption=0.1), stream=True)

    assert all(len(v.deliveries) == 1 and not v.corrupt for v in verdicts)
    waited = sum(v.deliveries[0] >= 0.2 for v in verdicts)
    # Not passed at once: 1 - 0.7 * 0.9 = 0.37; five deviations are 108 of 2,000.
    assert abs(waited - 740) < 108


def test_only_a_constant_latency_alone_is_fixed():
    assert Link(latency=Constant(0.1)).fixed_delay_s == 0.1
    assert Link(latency=Uniform(0.1, 0.1)).fixed_delay_s is None
    assert Link(bandwidth=Bandwidth(1.0)).fixed_delay_s is None
    assert Link(corruption=0.1).fixed_delay_s is None


def test_a_rate_spreads_what_is_sent_at_once():
    bandwidth = Bandwidth(10_000, burst_bytes=0)

    waits = [bandwidth.wait_s(packet()) for _ in range(3)]

    assert waits == [pytest.approx(0.1), pytest.approx(0.2), pytest.approx(0.3)]


def test_a_burst_passes_at_once_and_fills_again():
    bandwidth = Bandwidth(10_000, burst_bytes=2_000)

    assert [bandwidth.wait_s(packet()) for _ in range(3)] == [
        pytest.approx(0.0),
        pytest.approx(0.0),
        pytest.approx(0.1),
    ]
    assert bandwidth.wait_s(packet(at_s=10.0)) == 0.0


def test_a_full_queue_drops_datagrams_and_slows_streams():
    bandwidth = Bandwidth(10_000, burst_bytes=0, queue_bytes=2_000)

    waits = [bandwidth.wait_s(packet()) for _ in range(5)]

    assert waits[3:] == [None, None]
    assert bandwidth.wait_s(packet(stream=True)) == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("per", "other", "shares"),
    [
        ("source", packet(to=THREE), True),
        ("source", packet(source=THREE), False),
        ("target", packet(source=THREE), True),
        ("target", packet(to=THREE), False),
        ("link", packet(to=THREE), False),
        ("link", packet(), True),
    ],
)
def test_a_rate_is_shared_by_those_it_names(per, other, shares):
    bandwidth = Bandwidth(10_000, burst_bytes=0, per=per)
    bandwidth.wait_s(packet())

    assert bandwidth.wait_s(other) == pytest.approx(0.2 if shares else 0.1)


def test_queues_are_bounded(monkeypatch):
    monkeypatch.setattr("p2pkit.faults.link.MAX_QUEUES", 10)
    bandwidth = Bandwidth(1_000)

    for port in range(100):
        bandwidth.wait_s(packet(source=("127.0.0.1", port)))

    assert len(bandwidth._free_s) == 10


def test_a_rate_must_be_one():
    with pytest.raises(LocalProtocolError, match="a rate above 0"):
        Bandwidth(0)


def test_one_bit_is_flipped_and_no_more():
    rng = random.Random(7)

    for _ in range(100):
        changed = int.from_bytes(flip_one_bit(b"\0\0\0", rng), "big")
        assert changed.bit_count() == 1
    assert flip_one_bit(b"", rng) == b""
