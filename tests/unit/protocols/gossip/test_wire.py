"""What gossip protocols put on the wire, to the byte, and what they refuse to read."""

import msgspec
import pytest

from p2pkit.core import LocalProtocolError, RemoteProtocolError
from p2pkit.protocols.anti_entropy import AntiEntropy
from p2pkit.protocols.anti_entropy.messages import (
    MAX_KEY_BYTES,
    MAX_VALUE_BYTES,
    MAX_WRITERS,
    Digest,
    Part,
    Summary,
    Version,
    Versions,
    Want,
    paged,
)
from p2pkit.protocols.averaging import PairwiseAveraging, PushSum
from p2pkit.protocols.averaging.pairwise import Offer, Settle
from p2pkit.protocols.averaging.push_sum import Share
from p2pkit.protocols.rumor import NaiveGossip, Rumor
from p2pkit.protocols.rumor.mongering import Ask, Feedback
from p2pkit.protocols.rumor.news import MAX_BODY_BYTES, MAX_HOPS, Tell

WRITER = b"writer01"
VERSION = Version(b"v", ((WRITER, 5),))

GOLDEN = [
    (Rumor, Tell(b"hi", 3), "83a474797065a454656c6ca4626f6479c4026869a4686f707303"),
    (NaiveGossip, Tell(b"", 0), "83a474797065a454656c6ca4626f6479c400a4686f707300"),
    (Rumor, Ask(), "81a474797065a341736b"),
    (
        Rumor,
        Feedback(bytes(16), True),
        "83a474797065a8466565646261636ba572756d6f72c410" + "00" * 16
        + "a87761735f6e657773c3",
    ),
    (
        AntiEntropy,
        Summary(bytes(512)),
        "82a474797065a753756d6d617279a473756d73c50200" + "00" * 512,
    ),
    (
        AntiEntropy,
        Digest((Part(3, b"a", None, ((b"k", ((WRITER, 5),)),)),)),
        "82a474797065a6446967657374a57061727473919403c40161c09192c401"
        "6b9192c408777269746572303105",
    ),
    (AntiEntropy, Want((b"k",)), "82a474797065a457616e74a46b65797391c4016b"),
    (
        AntiEntropy,
        Versions(((b"k", VERSION),)),
        "82a474797065a856657273696f6e73a876657273696f6e739192c4016b92c4017691"
        "92c408777269746572303105",
    ),
    (
        PairwiseAveraging,
        Offer(7, 1.5),
        "83a474797065a54f66666572a66e756d62657207a576616c7565cb3ff8000000000000",
    ),
    (
        PairwiseAveraging,
        Settle(7, -0.25),
        "83a474797065a6536574746c65a66e756d62657207a574616b656ecbbfd0000000000000",
    ),
    (
        PushSum,
        Share(1.5, 0.5),
        "83a474797065a55368617265a373756dcb3ff8000000000000"
        "a6776569676874cb3fe0000000000000",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("protocol", "message", "wire"),
    GOLDEN,
    ids=[f"{one.__name__}-{type(what).__name__}" for one, what, _ in GOLDEN],
)
def test_each_message_has_these_bytes(protocol, message, wire):
    assert protocol.codec.encode(message).hex() == wire
    assert protocol.codec.decode(bytes.fromhex(wire)) == message


@pytest.mark.parametrize(
    ("protocol", "fields"),
    [
        (Rumor, {"type": "Tell", "body": bytes(MAX_BODY_BYTES + 1), "hops": 0}),
        (Rumor, {"type": "Tell", "body": b"", "hops": -1}),
        (Rumor, {"type": "Tell", "body": b"", "hops": MAX_HOPS + 1}),
        (Rumor, {"type": "Tell", "body": "text", "hops": 1}),
        (Rumor, {"type": "Feedback", "rumor": bytes(15), "was_news": True}),
        (Rumor, {"type": "Feedback", "rumor": bytes(16), "was_news": 1}),
        (AntiEntropy, {"type": "Summary", "sums": bytes(511)}),
        (AntiEntropy, {"type": "Want", "keys": [bytes(MAX_KEY_BYTES + 1)]}),
        (
            AntiEntropy,
            {"type": "Digest", "parts": [[64, b"", None, []]]},
        ),
        (
            AntiEntropy,
            {"type": "Versions", "versions": [[b"k", [b"v", [[WRITER, 2**62 + 1]]]]]},
        ),
        (
            AntiEntropy,
            {"type": "Versions", "versions": [[b"k", [b"v", [[b"short", 1]]]]]},
        ),
        (PairwiseAveraging, {"type": "Offer", "number": -1, "value": 0.0}),
        (PairwiseAveraging, {"type": "Offer", "number": 1, "value": "many"}),
    ],
)
def test_what_is_out_of_bounds_is_not_read(protocol, fields):
    with pytest.raises(RemoteProtocolError):
        protocol.codec.decode(msgspec.msgpack.encode(fields))


def test_the_longest_of_everything_fits_a_datagram():
    writers = tuple((bytes([i]) * 8, 2**62) for i in range(MAX_WRITERS))
    version = Version(bytes(MAX_VALUE_BYTES), writers)

    Rumor.codec.encode(Tell(bytes(MAX_BODY_BYTES), MAX_HOPS))
    AntiEntropy.codec.encode(Versions(((bytes(MAX_KEY_BYTES), version),)))
    key = bytes(MAX_KEY_BYTES)
    clocks = next(paged([(key, writers)] * 3 + [(bytes(40), ())] * 40))
    AntiEntropy.codec.encode(Digest((Part(63, key, key, clocks),)))


def test_one_byte_more_than_a_datagram_holds_is_our_own_error():
    with pytest.raises(LocalProtocolError, match="longer than the 1200"):
        Rumor.codec.encode(Tell(bytes(1200), 0))
