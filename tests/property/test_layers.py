"""Scapy's layers: what the kit encodes they dissect, and what they build it decodes."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pkit.core import MsgpackCodec
from p2pkit.protocols import Gnutella, Kademlia, Swim
from p2pkit.protocols.swim import messages as swim
from tests.datagrams import DATAGRAMS, NASTY, VALID, spoil
from tests.property import test_gnutella as gnutella
from tests.property import test_membership_wire as kit
from tests.property import test_swim_wire as memberlist

pytest.importorskip("scapy", reason="scapy is not installed: pip install scapy")

from scapy.layers.inet import IP, UDP
from scapy.packet import Packet, Raw

from p2pkit.observe.capture.layers.binding import Binding, layers_of
from p2pkit.observe.capture.layers.krpc import KRPC

PORT = 6881
KIT = [(one, message) for one, said in kit.SAMPLES.items() for message in said]


def rebuilt(packet: Packet) -> bytes:
    """Return what a packet builds to when nothing of its first bytes is kept."""
    clone = packet.copy()
    clone.clear_cache()
    for layer in clone.iterpayloads():
        layer.fields.pop("Lengths", None)  # a compound counts its parts anew
    return bytes(clone)


def comes_back(protocol_class: Any, message: Any) -> bool:
    """Whether a message is the same after a layer has taken it apart."""
    codec, layer = protocol_class.codec, layers_of(protocol_class).datagram
    data = codec.encode(message)
    packet = layer(data)
    assert type(packet) is not Raw
    assert bytes(packet) == data
    assert packet == layer(data)
    return codec.decode(rebuilt(packet)) == message


@pytest.mark.parametrize("message", VALID, ids=lambda one: type(one).__name__)
def test_a_message_of_the_dht_comes_back(message: Any) -> None:
    codec = Kademlia.codec
    data = codec.encode(message)

    assert bytes(KRPC(data)) == rebuilt(KRPC(data)) == data


@given(st.one_of(memberlist.SINGLE, memberlist.TABLES))
def test_a_message_of_memberlist_comes_back(message: Any) -> None:
    assert comes_back(Swim, message)


@given(st.lists(memberlist.SINGLE, min_size=1, max_size=20))
def test_a_compound_comes_back(parts: list[Any]) -> None:
    assert comes_back(Swim, swim.Compound(tuple(parts)))


@given(gnutella.MESSAGES)
def test_a_message_of_gnutella_comes_back(message: Any) -> None:
    assert comes_back(Gnutella, message)


@pytest.mark.parametrize(
    ("protocol_class", "message"),
    KIT,
    ids=[f"{one.__name__}-{type(message).__name__}" for one, message in KIT],
)
def test_a_message_of_the_kit_comes_back(protocol_class: Any, message: Any) -> None:
    assert isinstance(protocol_class.codec, MsgpackCodec)
    packet = layers_of(protocol_class).datagram(protocol_class.codec.encode(message))

    assert type(packet).__name__ == type(message).__name__
    assert comes_back(protocol_class, message)


@given(st.integers(0, 1 << 32))
def test_no_spoiled_datagram_breaks_the_dissection_or_loses_a_byte(seed: int) -> None:
    rng = random.Random(seed)
    data = spoil(rng.choice(DATAGRAMS), rng)

    for protocol_class in (Kademlia, Swim, Gnutella):
        with Binding([PORT], layers_of(protocol_class)):
            whole = bytes(IP() / UDP(sport=PORT, dport=1) / data)
            assert bytes(IP(whole)) == whole


@pytest.mark.parametrize("data", NASTY)
def test_nonsense_stays_raw_or_comes_back(data: bytes) -> None:
    for protocol_class in (Kademlia, Swim, Gnutella):
        with Binding([PORT], layers_of(protocol_class)):
            packet = UDP(bytes(UDP(sport=PORT, dport=1) / data))
            assert bytes(packet.payload) == data
