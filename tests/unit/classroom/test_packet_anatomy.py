"""A packet's anatomy has every byte of it once, and Wireshark's view is at hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pkit.classroom.bencode_tokens import bencode_tokens
from p2pkit.classroom.packet_anatomy import anatomy, first_with, layer_bytes
from p2pkit.classroom.wireshark_view import STORED, view_by_tshark, wireshark_view
from p2pkit.core import LabError
from p2pkit.core.bencode import bencode
from p2pkit.observe.capture import Packets, samples
from p2pkit.view.byte_map import byte_map
from tests.datagrams import DATAGRAMS
from tests.wireshark import needs_tshark

pytest.importorskip("scapy", reason="scapy is not installed: pip install scapy")

VALUES = st.recursive(
    st.binary(max_size=12) | st.integers(-(2**70), 2**70),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.binary(max_size=6), inner, max_size=4)
    ),
)


@given(VALUES)
def test_tokens_are_all_of_a_value_whatever_it_is(value: object) -> None:
    data = bencode(value)  # type: ignore[arg-type]
    tokens = list(bencode_tokens(data))

    assert b"".join(one.raw for one in tokens) == data
    assert [one.at for one in tokens] == [
        sum(len(one.raw) for one in tokens[:i]) for i in range(len(tokens))
    ]
    begun = sum(one.means.endswith("begins") for one in tokens if one.raw in b"dl")
    assert begun == sum(one.raw == b"e" for one in tokens)


def test_keys_are_told_from_values_also_behind_lists_and_dictionaries() -> None:
    data = bencode({b"a": [b"x"], b"b": {b"c": 1}, b"d": b"y", b"e": -7})

    said = [one.means for one in bencode_tokens(data)]

    assert said == [
        "dictionary begins", "key a", "list begins", "'x'", "list ends", "key b",
        "dictionary begins", "key c", "number 1", "dictionary ends", "key d", "'y'",
        "key e", "number -7", "dictionary ends",
    ]  # fmt: skip


@pytest.mark.parametrize("data", [b"x", b"d1:a5:bc", b"i12", b"9:", b"ixe", b"-1:a"])
def test_what_is_no_bencode_is_a_sentence_that_says_where(data: bytes) -> None:
    with pytest.raises(LabError, match="begins no bencoded value"):
        list(bencode_tokens(data))


@pytest.mark.parametrize("name", samples.names())
def test_every_byte_of_every_packet_is_there_once_and_in_its_place(name: str) -> None:
    packets = Packets.sample(name)

    # Scapy takes the end of a long packet that ICMP quotes for an extension of ICMP.
    some = [i for i in range(len(packets)) if "ICMP" not in packets[i].summary()]
    for index in some[::5]:
        table = anatomy(packets[index])
        assert bytes.fromhex("".join(table["bytes"])) == packets.data(index)
        assert list(table["at"]) == list(table["size"].cumsum() - table["size"])


def test_layers_of_a_question_have_the_sizes_of_the_book() -> None:
    packets = Packets.sample("kademlia")
    packet = packets[first_with(packets, "query find_node 00010203")]

    assert layer_bytes(packet) == {"Ethernet": 14, "IP": 20, "UDP": 8, "KRPC": 94}


def test_a_packet_that_is_not_there_is_a_sentence() -> None:
    with pytest.raises(LabError, match=r"no packet of swim\.pcapng is summed up"):
        first_with(Packets.sample("swim"), "KRPC")


def test_every_datagram_of_the_dht_can_be_read_by_eye() -> None:
    for data in DATAGRAMS:
        assert b"".join(one.raw for one in bencode_tokens(data)) == data


def test_without_tshark_its_view_of_a_sample_is_the_stored_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    packets = Packets.sample("gnutella")
    ping = first_with(packets, "Gnutella Ping")

    first, rest = wireshark_view(packets, ping).split("\n", 1)

    assert first == "(tshark is not installed here: this is what it said before)"
    assert "Payload: 0 (Ping)" in rest
    with pytest.raises(LabError, match="of this packet nothing was stored"):
        wireshark_view(packets, ping + 1)


@needs_tshark
@pytest.mark.timeout(60)  # tshark alone takes seconds to start
def test_what_is_stored_is_what_tshark_says_of_these_very_packets() -> None:
    for name, views in json.loads(STORED.read_text()).items():
        for index, text in views.items():
            said = view_by_tshark(samples.path_of(name), int(index))
            # Another version may call a field otherwise; values it must repeat.
            ids = [one.split()[-1] for one in text.splitlines() if "ID: " in one]
            assert ids
            assert all(one in said for one in ids)


def test_a_map_has_a_cell_for_every_byte() -> None:
    packets = Packets.sample("kademlia")

    ax = byte_map(packets.data(0), layer_bytes(packets[0]))

    assert len(ax.patches) == len(ax.texts) == len(packets.data(0))
