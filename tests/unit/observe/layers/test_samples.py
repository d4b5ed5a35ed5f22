"""The captures that come with the kit are small, whole, and dissected to the end."""

from __future__ import annotations

from typing import Any

import pytest

from p2pkit.classroom import sample_captures
from p2pkit.core import CaptureError
from p2pkit.observe.capture import Packets, samples
from tests.wireshark import complaints, needs_tshark

pytest.importorskip("scapy", reason="scapy is not installed: pip install scapy")

from scapy.layers.inet import TCP, UDP
from scapy.packet import NoPayload, Raw

LIMIT_BYTES = 300_000
JUDGED = {
    "forged": ("udp && !bt-dht",),
    "kademlia": ("udp && !bt-dht",),
    "gnutella": ("_ws.expert.group == 0x07000000", "-d", "tcp.port==6346,gnutella"),
}
"""What Wireshark knows, and what it is not to say."""


def test_there_is_a_sample_for_everything_that_makes_one() -> None:
    assert samples.names() == sorted(sample_captures.SAMPLES)


def test_all_samples_together_are_small() -> None:
    assert sum(one.stat().st_size for one in samples.FOLDER.iterdir()) < LIMIT_BYTES


def test_a_name_that_nobody_gave_is_a_sentence() -> None:
    with pytest.raises(CaptureError, match="no sample 'tor'; there are forged, gnut"):
        Packets.sample("tor")


@pytest.mark.parametrize("name", samples.names())
def test_a_sample_lost_nothing_and_every_datagram_in_it_has_a_layer(name: str) -> None:
    packets = Packets.sample(name)

    assert packets.balance.closes is (name != "forged")
    assert {
        one for one in packets.table()["source"] if not one.startswith("n")
    } == set()
    carried: list[Any] = [one[UDP].payload for one in packets[:] if UDP in one]
    streamed = [one[TCP].payload for one in packets[:] if TCP in one]
    assert any(type(one) is not NoPayload for one in carried + streamed)
    assert not [one for one in carried if isinstance(one, Raw)]


@pytest.mark.parametrize("name", samples.names())
def test_every_byte_of_a_sample_has_a_reason_but_forged_ones(name: str) -> None:
    residue = Packets.sample(name).ledger().residue_bytes

    assert (residue == 0) is (name != "forged")


def test_a_forged_packet_is_one_that_no_node_sent() -> None:
    balance = Packets.sample("forged").balance

    assert balance.from_nodes - balance.sent == 2
    assert balance.to_nodes == balance.received


@needs_tshark
@pytest.mark.timeout(60)  # tshark alone takes seconds to start
@pytest.mark.parametrize("name", JUDGED)
def test_wireshark_finds_nothing_wrong_with_a_sample(name: str) -> None:
    which, *options = JUDGED[name]

    assert complaints(samples.path_of(name), which, *options) == []
