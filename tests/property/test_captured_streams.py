"""However a stream is cut into segments, all its bytes are accounted for."""

import random
import tempfile
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from p2pkit.observe.capture.books import ledger
from p2pkit.observe.capture.messages import Messages
from p2pkit.observe.capture.reading import read
from p2pkit.protocols.hyparview.messages import Join, Shuffle, codec_with
from p2pkit.protocols.plumtree.messages import Gossip
from tests import capture_files as files

A, B = ("127.1.0.1", 50_000), ("127.1.0.2", 6881)
CODEC = codec_with(Gossip)
SAID = [
    Join(),
    Shuffle(("127.0.0.1", 7), 3, (("127.0.0.2", 8),)),
    Gossip("news", b"12345678", 2, bytes(700)),
]


def encoded(index: int) -> bytes:
    data = CODEC.encode(SAID[index])
    return len(data).to_bytes(4, "big") + data


def segments(text: bytes, cuts: list[int], first: int) -> list[bytes]:
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    return [
        files.tcp(text[a:b], first + a, source=A, to=B) for a, b in pairwise(places)
    ]


def messages(packets: list[bytes], snaplen: int = 1 << 16) -> Messages:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "some.pcap")
        path.write_bytes(files.pcap(packets, link=101, snaplen=snaplen))
        return Messages(read(path, "plumtree"))


indexes = st.lists(st.integers(0, len(SAID) - 1), min_size=1, max_size=8)
sequences = st.integers(0, 2**32 - 1)
cuts = st.lists(st.integers(0, 3_000), max_size=12)


@given(indexes, cuts, cuts, sequences, st.randoms(use_true_random=False))
def test_late_doubled_and_overlapping_segments_give_every_message_once(
    said: list[int],
    one: list[int],
    other: list[int],
    first: int,
    rng: random.Random,
) -> None:
    text = b"".join(map(encoded, said))
    opening = files.tcp(sequence=first - 1, flags=files.SYN, source=A, to=B)
    packets = segments(text, one, first) + segments(text, other, first)
    rng.shuffle(packets)

    found = messages([opening, *packets])

    names = [type(SAID[index]).__name__ for index in said]
    assert [found.types.name(i) for i in range(len(found))] == names
    assert ledger(found).residue_bytes == 0


@given(indexes, cuts, st.integers(30, 200), st.randoms(use_true_random=False))
def test_whatever_is_lost_or_cut_every_byte_has_its_line(
    said: list[int], one: list[int], snaplen: int, rng: random.Random
) -> None:
    text = b"".join(map(encoded, said))
    packets = segments(text, one, 7) + segments(text, one[::2], 7)
    packets = [packet for packet in packets if rng.random() < 0.7]
    packets += [files.tcp(source=B, to=A, acknowledged=rng.randrange(2_000))] * 2
    packets.append(files.udp(b"from somebody else"))
    rng.shuffle(packets)

    found = messages(packets, rng.choice((snaplen, 1 << 16)))

    assert ledger(found).residue_bytes == 0
    codec_types = {type(one).__name__ for one in SAID}
    assert {found.types.name(i) for i in range(len(found))} <= {
        *codec_types, "malformed", "cut short",
    }  # fmt: skip
