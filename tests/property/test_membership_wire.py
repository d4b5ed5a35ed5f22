"""Messages of memberships and broadcasts: there and back, pinned, and never a crash."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pkit.core import Hello, MsgpackCodec, RemoteProtocolError
from p2pkit.protocols import Cyclon, Floodsub, Gossipsub, HyParView, Plumtree
from p2pkit.protocols.hyparview import flooding
from p2pkit.protocols.hyparview import messages as h
from p2pkit.protocols.peer_sampling import messages as c
from p2pkit.protocols.plumtree import messages as p
from p2pkit.protocols.pubsub import messages as g

A, B = ("127.0.0.1", 6881), ("127.0.0.2", 6882)
TID, NUMBER = b"tid!", bytes(range(16))
SAMPLES = {
    HyParView: [
        Hello(6881), h.Join(), h.ForwardJoin(A, 6), h.Neighbor(urgent=True),
        h.NeighborReply(accepted=False), h.Disconnect(), h.Shuffle(A, 6, (A, B)),
        h.ShuffleReply((B,)), flooding.Flooded(b"n", 1, b"x"),
    ],
    Plumtree: [
        p.Gossip("t", b"n", 2, b"x"), p.IHave("t", ((NUMBER, 3),)), p.Prune("t"),
        p.Graft("t", NUMBER), p.Leave("t"),
    ],
    Gossipsub: [
        g.Subscriptions(("t",), ("u",)), g.Publish("t", b"n", 1, b"x"), g.Graft("t"),
        g.Prune("t", 60.0), g.IHave("t", (NUMBER,)), g.IWant((NUMBER,)),
    ],
    Cyclon: [
        c.Introduce(TID), c.Introduced(TID), c.Newcomer(A, 5), c.Welcome((A, 3)),
        c.Exchange(TID, ((A, 0), (B, 7))), c.ExchangeReply(TID, ()),
        c.Sample(TID, A, 5), c.Sampled(TID),
    ],
}  # fmt: skip
KINDS = [HyParView, Plumtree, Gossipsub, Floodsub, Cyclon]
GOLDEN = {
    "HyParView.Hello": "82a474797065a548656c6c6fa4706f7274cd1ae1",
    "HyParView.Join": "81a474797065a44a6f696e",
    "HyParView.ForwardJoin": (
        "83a474797065ab466f72776172644a6f696ea86e6577636f6d657292a93132372e302e"
        "302e31cd1ae1a374746c06"
    ),
    "HyParView.Neighbor": "82a474797065a84e65696768626f72a6757267656e74c3",
    "HyParView.NeighborReply": (
        "82a474797065ad4e65696768626f725265706c79a86163636570746564c2"
    ),
    "HyParView.Disconnect": "81a474797065aa446973636f6e6e656374",
    "HyParView.Shuffle": (
        "84a474797065a753687566666c65a66f726967696e92a93132372e302e302e31cd1ae1"
        "a374746c06a56f666665729292a93132372e302e302e31cd1ae192a93132372e302e30"
        "2e32cd1ae2"
    ),
    "HyParView.ShuffleReply": (
        "82a474797065ac53687566666c655265706c79a56f666665729192a93132372e302e30"
        "2e32cd1ae2"
    ),
    "HyParView.Flooded": (
        "84a474797065a7466c6f6f646564a56e6f6e6365c4016ea4686f707301a77061796c6f"
        "6164c40178"
    ),
    "Plumtree.Gossip": (
        "85a474797065a6476f73736970a5746f706963a174a56e6f6e6365c4016ea4686f7073"
        "02a77061796c6f6164c40178"
    ),
    "Plumtree.IHave": (
        "83a474797065a54948617665a5746f706963a174a46e6577739192c410000102030405"
        "060708090a0b0c0d0e0f03"
    ),
    "Plumtree.Prune": "82a474797065a55072756e65a5746f706963a174",
    "Plumtree.Graft": (
        "83a474797065a54772616674a5746f706963a174a76d697373696e67c4100001020304"
        "05060708090a0b0c0d0e0f"
    ),
    "Plumtree.Leave": "82a474797065a54c65617665a5746f706963a174",
    "Gossipsub.Subscriptions": (
        "83a474797065ad537562736372697074696f6e73a361646491a174a672656d6f766591a175"
    ),
    "Gossipsub.Publish": (
        "85a474797065a75075626c697368a5746f706963a174a56e6f6e6365c4016ea4686f70"
        "7301a77061796c6f6164c40178"
    ),
    "Gossipsub.Graft": "82a474797065a54772616674a5746f706963a174",
    "Gossipsub.Prune": (
        "83a474797065a55072756e65a5746f706963a174a96261636b6f66665f73cb404e000000000000"
    ),
    "Gossipsub.IHave": (
        "83a474797065a54948617665a5746f706963a174a369647391c4100001020304050607"
        "08090a0b0c0d0e0f"
    ),
    "Gossipsub.IWant": (
        "82a474797065a54957616e74a369647391c410000102030405060708090a0b0c0d0e0f"
    ),
    "Cyclon.Introduce": "82a474797065a9496e74726f64756365a3746964c40474696421",
    "Cyclon.Introduced": "82a474797065aa496e74726f6475636564a3746964c40474696421",
    "Cyclon.Newcomer": (
        "83a474797065a84e6577636f6d6572a86e6577636f6d657292a93132372e302e302e31"
        "cd1ae1a374746c05"
    ),
    "Cyclon.Welcome": (
        "82a474797065a757656c636f6d65a5656e7472799292a93132372e302e302e31cd1ae103"
    ),
    "Cyclon.Exchange": (
        "83a474797065a845786368616e6765a3746964c40474696421a7656e74726965739292"
        "92a93132372e302e302e31cd1ae1009292a93132372e302e302e32cd1ae207"
    ),
    "Cyclon.ExchangeReply": (
        "83a474797065ad45786368616e67655265706c79a3746964c40474696421a7656e747269657390"
    ),
    "Cyclon.Sample": (
        "84a474797065a653616d706c65a3746964c40474696421a66f726967696e92a9313237"
        "2e302e302e31cd1ae1a374746c05"
    ),
    "Cyclon.Sampled": "82a474797065a753616d706c6564a3746964c40474696421",
}
"""What nodes of another version say: a name or a field that changes breaks the wire."""


def each():
    return [(kind, one) for kind, samples in SAMPLES.items() for one in samples]


@pytest.mark.parametrize(
    ("kind", "message"), each(), ids=lambda x: getattr(x, "__name__", type(x).__name__)
)
def test_every_message_comes_back_as_it_was_and_looks_as_it_always_did(kind, message):
    codec: MsgpackCodec = kind.codec

    data = codec.encode(message)

    assert codec.decode(data) == message
    assert data.hex() == GOLDEN[f"{kind.__name__}.{type(message).__name__}"]


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.binary(max_size=300))
def test_bytes_of_any_kind_decode_or_are_refused_by_reason(kind, data):
    try:
        reason = kind.codec.decode(data) and "decoded"
    except RemoteProtocolError as error:
        reason = error.reason

    assert reason in ("decoded", "not one of our messages", "message too long")


@pytest.mark.parametrize("kind", [HyParView, Plumtree, Gossipsub, Cyclon])
@given(data=st.data())
def test_a_message_with_one_field_of_another_type_is_refused_or_sound(kind, data):
    message = data.draw(st.sampled_from([m for k, m in each() if k is kind]))
    fields = msgspec.to_builtins(message, builtin_types=(bytes,))
    if len(fields) > 1:
        name = data.draw(st.sampled_from([one for one in fields if one != "type"]))
        odd = [None, -1, 2**70 % 2**63, "x" * 500, b"y" * 500, [[]], {"a": 1}, 1e300]
        fields[name] = data.draw(st.sampled_from(odd))

    try:
        decoded = kind.codec.decode(msgspec.msgpack.encode(fields))
    except RemoteProtocolError:
        return
    assert type(decoded) is type(message)
