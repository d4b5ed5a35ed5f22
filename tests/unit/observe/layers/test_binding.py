"""Layers are bound to ports at the front, and leave no trace when unbound."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from p2pkit.core import LocalProtocolError
from p2pkit.protocols import PROTOCOLS, Gnutella, Kademlia, Rumor, Swim

pytest.importorskip("scapy", reason="scapy is not installed: pip install scapy")

from scapy.layers.inet import IP, TCP, UDP
from scapy.packet import Packet, Raw

from p2pkit.observe.capture.layers import binding as b
from p2pkit.observe.capture.layers.krpc import KRPC
from p2pkit.observe.capture.layers.memberlist import Memberlist, MemberlistPing

PING = KRPC(q="ping", a={"id": 7})


def dissected(port: int, payload: Packet) -> Packet:
    return IP(bytes(IP() / UDP(sport=port, dport=40_000) / payload))


def test_a_bound_port_has_its_layer_whichever_side_it_is() -> None:
    with b.bind([6881, 6882], Kademlia):
        answer = dissected(6882, PING)
        request = UDP(bytes(UDP(sport=40_000, dport=6881) / PING))
        other = dissected(6883, PING)

    assert answer[KRPC] == request[KRPC] == PING
    assert Raw in other


def test_a_port_that_scapy_gives_to_another_protocol_is_ours_while_bound() -> None:
    before = type(dissected(53, PING).payload.payload)

    with b.bind([53], Kademlia):
        assert KRPC in dissected(53, PING)

    assert before is type(dissected(53, PING).payload.payload) is not KRPC


def test_unbinding_restores_the_guesses_and_may_be_done_twice() -> None:
    before = [list(UDP.payload_guess), list(TCP.payload_guess)]
    bound = b.bind([6881], Kademlia)

    bound.unbind()
    bound.unbind()

    assert [UDP.payload_guess, TCP.payload_guess] == before


def test_of_two_protocols_at_a_port_the_one_in_front_is_taken() -> None:
    ping = MemberlistPing(SeqNo=1, Node="n01")
    with b.bind([6881], Swim) as swim, b.bind([6881], Kademlia):
        assert MemberlistPing not in dissected(6881, ping)
        swim.to_front()
        assert MemberlistPing in dissected(6881, ping)


def test_a_binding_grows_with_its_cluster() -> None:
    with b.bind([6881], Kademlia) as bound:
        bound.ports.add(6999)

        assert KRPC in dissected(6999, PING)


@pytest.mark.parametrize("protocol_class", PROTOCOLS.values(), ids=PROTOCOLS)
def test_every_protocol_of_the_kit_has_layers(protocol_class: Any) -> None:
    layers = b.layers_of(protocol_class)

    assert issubclass(layers.datagram, Packet)
    assert issubclass(layers.stream, Packet)


def test_layers_of_the_kit_are_made_once() -> None:
    assert b.layers_of(Rumor) == b.layers_of(Rumor)


class Wire:
    """A codec that nobody knows."""


class Stranger:
    codec = Wire()


def test_a_wire_without_layers_is_a_sentence_until_some_are_registered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(b, "_BY_CODEC", dict(b._BY_CODEC))

    with pytest.raises(LocalProtocolError, match="no scapy layer for Wire, which Str"):
        b.layers_of(Stranger)

    b.register(Wire, b.Layers(Memberlist, Memberlist))
    assert b.layers_of(Stranger).stream is Memberlist


def test_importing_the_layers_binds_nothing_and_loads_little() -> None:
    check = (
        "from scapy.layers.inet import TCP, UDP\n"
        "before = [list(UDP.payload_guess), list(TCP.payload_guess)]\n"
        "import p2pkit.observe.capture.layers.binding\n"
        "assert [UDP.payload_guess, TCP.payload_guess] == before\n"
        "import sys\n"
        "assert 'scapy.all' not in sys.modules\n"
    )

    assert subprocess.run([sys.executable, "-c", check]).returncode == 0


def test_gnutella_is_bound_to_streams_as_well() -> None:
    with b.bind([6346], Gnutella):
        packet = TCP(bytes(TCP(sport=6346) / b"GNUTELLA CONNECT/0.6\r\n\r\n"))

    assert packet.StartLine == b"GNUTELLA CONNECT/0.6"
