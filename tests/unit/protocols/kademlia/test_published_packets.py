"""Example packets as published: BEP 5 to the byte, and what BEP 43 and 51 show.

Origin: the BEPs at bittorrent.org, in the public domain. BEP 5 shortens its contacts to
nine bytes; here they stand in full.
"""

import pytest

from p2pkit.core import Contact
from p2pkit.protocols.kademlia import messages as m
from p2pkit.protocols.kademlia.krpc import KrpcCodec

ABC = int.from_bytes(b"abcdefghij0123456789", "big")
MNO = int.from_bytes(b"mnopqrstuvwxyz123456", "big")
NUM = int.from_bytes(b"0123456789abcdefghij", "big")
NODE = b"abcdefghij0123456789" + b"\x7f\x00\x00\x01\x1a\xe1"
CONTACT = Contact(ABC, ("127.0.0.1", 6881))

BEP_5 = [
    (
        b"d1:eli201e23:A Generic Error Ocurrede1:t2:aa1:y1:ee",
        m.Error(b"aa", 201, "A Generic Error Ocurred"),
    ),
    (
        b"d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe",
        m.Ping(b"aa", ABC, False),
    ),
    (b"d1:rd2:id20:mnopqrstuvwxyz123456e1:t2:aa1:y1:re", m.Reply(b"aa", MNO)),
    (
        b"d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz123456e"
        b"1:q9:find_node1:t2:aa1:y1:qe",
        m.FindNode(b"aa", ABC, False, MNO),
    ),
    (
        b"d1:rd2:id20:0123456789abcdefghij5:nodes26:" + NODE + b"e1:t2:aa1:y1:re",
        m.Reply(b"aa", NUM, (CONTACT,)),
    ),
    (
        b"d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz123456e"
        b"1:q9:get_peers1:t2:aa1:y1:qe",
        m.GetPeers(b"aa", ABC, False, MNO),
    ),
    (
        b"d1:rd2:id20:abcdefghij01234567895:token8:aoeusnth"
        b"6:valuesl6:axje.u6:idhtnmee1:t2:aa1:y1:re",
        m.Reply(
            b"aa",
            ABC,
            token=b"aoeusnth",
            peers=(("97.120.106.101", 11893), ("105.100.104.116", 28269)),
        ),
    ),
    (
        b"d1:rd2:id20:abcdefghij01234567895:nodes26:" + NODE + b"5:token8:aoeusnthe"
        b"1:t2:aa1:y1:re",
        m.Reply(b"aa", ABC, (CONTACT,), token=b"aoeusnth"),
    ),
    (
        b"d1:ad2:id20:abcdefghij012345678912:implied_porti1e"
        b"9:info_hash20:mnopqrstuvwxyz1234564:porti6881e5:token8:aoeusnthe"
        b"1:q13:announce_peer1:t2:aa1:y1:qe",
        m.AnnouncePeer(b"aa", ABC, False, MNO, 6881, b"aoeusnth", True),
    ),
]


@pytest.mark.parametrize(("packet", "message"), BEP_5)
def test_an_example_packet_of_bep_5_is_read_and_written_to_the_byte(packet, message):
    assert KrpcCodec.decode(packet) == message
    assert KrpcCodec.encode(message) == packet


def test_an_announcement_without_implied_port_is_read():
    # As BEP 5's prose spells it in full: its bencoded line lost the field.
    packet = (
        b"d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz123456"
        b"4:porti6881e5:token8:aoeusnthe1:q13:announce_peer1:t2:aa1:y1:qe"
    )

    message = m.AnnouncePeer(b"aa", ABC, False, MNO, 6881, b"aoeusnth", False)
    assert KrpcCodec.decode(packet) == message


def test_a_read_only_query_carries_the_flag_that_bep_43_shows():
    packet = KrpcCodec.encode(m.Ping(b"aa", ABC, True))

    assert packet == (
        b"d1:ad2:id20:abcdefghij0123456789e1:q4:ping2:roi1e1:t2:aa1:y1:qe"
    )
    assert KrpcCodec.decode(packet) == m.Ping(b"aa", ABC, True)


def test_sampling_has_the_fields_of_bep_51():
    query = m.SampleInfohashes(b"aa", ABC, False, MNO)
    reply = m.Reply(b"aa", ABC, (), sample=m.Sample(60, 3, (MNO,)))

    assert KrpcCodec.encode(query) == (
        b"d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz123456e"
        b"1:q17:sample_infohashes1:t2:aa1:y1:qe"
    )
    assert KrpcCodec.encode(reply) == (
        b"d1:rd2:id20:abcdefghij01234567898:intervali60e5:nodes0:3:numi3e"
        b"7:samples20:mnopqrstuvwxyz123456e1:t2:aa1:y1:re"
    )


def test_a_sample_without_infohashes_is_still_there():
    packet = KrpcCodec.encode(m.Reply(b"aa", ABC, sample=m.Sample(60, 0, ())))

    assert b"7:samples0:" in packet
    assert KrpcCodec.decode(packet).sample == m.Sample(60, 0, ())


def test_contacts_on_ipv6_travel_in_nodes6_and_wants_as_bep_32_says():
    six = Contact(ABC, ("2001:db8::1", 6881))
    query = m.FindNode(b"aa", ABC, False, MNO, (b"n4", b"n6"))
    reply = m.Reply(b"aa", NUM, (CONTACT,), nodes6=(six,))

    packet = KrpcCodec.encode(reply)

    assert b"5:nodes26:" + NODE + b"6:nodes638:" in packet
    assert KrpcCodec.decode(packet).contacts == (CONTACT, six)
    assert b"4:wantl2:n42:n6e" in KrpcCodec.encode(query)
    assert KrpcCodec.decode(KrpcCodec.encode(query)) == query


def test_the_address_a_peer_was_seen_at_stands_at_the_top_as_bep_42_says():
    packet = KrpcCodec.encode(m.Reply(b"aa", ABC, observed=("127.0.0.1", 6881)))

    assert packet == (
        b"d2:ip6:\x7f\x00\x00\x01\x1a\xe11:rd2:id20:abcdefghij0123456789e1:t2:aa1:y1:re"
    )
