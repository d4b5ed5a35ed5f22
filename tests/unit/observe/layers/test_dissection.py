"""One packet of a capture is dissected when it is asked for, by what its note says."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path

import pytest

from p2pkit.core import CaptureError
from p2pkit.observe.capture import Balance, Packets, note, pcapng
from p2pkit.protocols import Kademlia, Swim
from p2pkit.protocols.swim import messages
from tests.datagrams import DATAGRAMS

pytest.importorskip("scapy", reason="scapy is not installed: pip install scapy")

from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from p2pkit.observe.capture.layers.krpc import KRPC

BEGAN_NS = 1_700_000_000_123_456_789
NAMES = {"n00": "127.1.0.1:6881", "n01": "127.1.1.1:6882"}


def written(path: Path, protocol: type | None, datagrams: list[bytes]) -> Packets:
    """Return a capture of datagrams from one node to another, 1 ms apart."""
    blocks = [pcapng.section(), pcapng.interface("lo")]
    for number, payload in enumerate(datagrams):
        datagram = UDP(sport=6881, dport=6882) / payload
        data = bytes(Ether() / IP(src="127.1.0.1", dst="127.1.1.1") / datagram)
        at_ns = BEGAN_NS + number * 1_000_000
        blocks.append(pcapng.packet(at_ns, len(data), data, b""))
    path.write_bytes(b"".join(blocks))
    if protocol is not None:
        name = f"{protocol.__module__}.{protocol.__qualname__}"
        told = note.Note(
            source="tap", why="a test", balance=Balance(), names=NAMES,
            protocol=name,
        )  # fmt: skip
        note.write(path, told)
    return Packets.open(path)


@pytest.fixture
def packets(tmp_path: Path) -> Packets:
    return written(tmp_path / "a.pcapng", Kademlia, DATAGRAMS)


def test_a_packet_has_its_layers_its_time_and_its_length(packets: Packets) -> None:
    packet = packets[1]

    assert packet[KRPC].q == b"find_node"
    assert packet[IP].dst == "127.1.1.1"
    assert int(packet.time * 10**9) == BEGAN_NS + 1_000_000
    assert packet.wirelen == len(packets.data(1))
    assert bytes(packet) == packets.data(1)


def test_packets_count_from_both_ends_and_no_further(packets: Packets) -> None:
    assert bytes(packets[-1]) == packets.data(len(packets) - 1)
    with pytest.raises(IndexError, match="there is no packet 999"):
        packets[999]


def test_a_slice_is_a_list_as_scapy_has_it(packets: Packets) -> None:
    some = packets[2:4]

    assert [bytes(one) for one in some] == [packets.data(2), packets.data(3)]
    assert len(some.filter(lambda one: KRPC in one)) == 2


def test_a_mask_picks_packets_and_a_limit_bounds_them(packets: Packets) -> None:
    mask = [b"1:q4:ping" in packets.data(i) for i in range(len(packets))]

    assert [one[KRPC].q for one in packets.packets(mask)] == [b"ping"] * sum(mask)
    assert len(packets.packets(limit=3)) == 3


def test_a_mask_of_another_table_is_refused(packets: Packets) -> None:
    with pytest.raises(CaptureError, match="the mask has 2 truths for 13 packets"):
        packets.packets([True, False])


def test_each_capture_is_dissected_by_its_own_protocol(tmp_path: Path) -> None:
    ping = Swim.codec.encode(messages.Ping(1, "n01"))
    dht = written(tmp_path / "dht.pcapng", Kademlia, DATAGRAMS)
    swim = written(tmp_path / "swim.pcapng", Swim, [ping])

    assert "memberlist ping n01" in swim[0].summary()
    assert KRPC in dht[0]
    assert "memberlist ping n01" in swim[0].summary()


def test_nothing_stays_bound_when_the_capture_is_gone(tmp_path: Path) -> None:
    before = list(UDP.payload_guess)
    assert KRPC in written(tmp_path / "a.pcapng", Kademlia, DATAGRAMS)[0]

    gc.collect()

    assert UDP.payload_guess == before


def test_a_capture_without_a_note_is_dissected_by_scapy_alone(tmp_path: Path) -> None:
    assert Raw in written(tmp_path / "a.pcapng", None, DATAGRAMS)[0]


@pytest.mark.parametrize("length", [1, 13])
def test_a_packet_too_short_for_its_link_stays_raw(tmp_path: Path, length: int) -> None:
    path = tmp_path / "short.pcapng"
    data = bytes(length)
    block = pcapng.packet(BEGAN_NS, length, data, b"")
    path.write_bytes(pcapng.section() + pcapng.interface("lo") + block)

    packet = Packets.open(path)[0]

    assert type(packet) is Raw
    assert bytes(packet) == data


def test_a_note_has_no_modules_loaded(tmp_path: Path) -> None:
    packets = written(tmp_path / "a.pcapng", Kademlia, DATAGRAMS)
    told = packets.path.with_suffix(".json")
    told.write_text(told.read_text().replace(Kademlia.__module__, "antigravity"))

    assert Raw in Packets.open(packets.path)[0]
    assert "antigravity" not in sys.modules


WITHOUT = """
import sys
sys.modules["scapy"] = None
from p2pkit.core import CaptureError
from p2pkit.observe.capture import Packets
packets = Packets.open(sys.argv[1])
assert packets.data(0)
try:
    packets[0]
except CaptureError as error:
    print(error)
"""


def test_without_scapy_the_bytes_are_there_and_the_rest_is_a_sentence(
    packets: Packets,
) -> None:
    command = [sys.executable, "-c", WITHOUT, str(packets.path)]

    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert "takes them apart, is not installed: pip install" in done.stdout
