"""Each layer's bytes are found on every link, and nothing is believed blindly."""

from pathlib import Path

import pytest

from p2pkit.observe.capture.reading import Reading, read
from tests import capture_files as files

V6 = ("::1", 7000), ("2001:db8::2", 7001)


def reading(
    path: Path, frames: list[bytes], link: int = 1, most: int = 1500
) -> Reading:
    file = path / "some.pcap"
    file.write_bytes(files.pcap(frames, link=link, snaplen=most))
    return read(file)


@pytest.mark.parametrize("link", files.LINKS)
def test_layers_are_told_apart_on_each_kind_of_link(tmp_path: Path, link: int) -> None:
    packets = [files.udp(b"12345"), files.udp(b"678", *V6), files.tcp(b"90")]
    frames = [files.LINKS[link](one) for one in packets]

    found = reading(tmp_path, frames, link)

    headers = found.headers
    link_bytes = {0: 4, 1: 14, 101: 0, 108: 4, 113: 16, 276: 20}[link]
    assert headers.link_bytes.tolist() == [link_bytes] * 3
    assert headers.network_bytes.tolist() == [20, 40, 20]
    assert headers.transport_bytes.tolist() == [8, 8, 20]
    assert [headers.payload.piece(i) for i in range(3)] == [b"12345", b"678", b"90"]
    assert [found.endpoints.texts[i] for i in found.endpoints.source] == [
        "127.1.0.1:6881", "[::1]:7000", "127.1.0.1:6881",
    ]  # fmt: skip
    assert found.endpoints.texts[found.endpoints.destination[1]] == "[2001:db8::2]:7001"


def test_vlan_tags_belong_to_the_link(tmp_path: Path) -> None:
    frames = [files.ethernet(files.udp(b"x"), tags) for tags in (1, 2)]

    found = reading(tmp_path, frames)

    assert found.headers.link_bytes.tolist() == [18, 22]
    assert found.headers.payload_bytes.tolist() == [1, 1]


def test_what_a_card_adds_to_a_short_frame_is_no_payload(tmp_path: Path) -> None:
    found = reading(tmp_path, [files.ethernet(files.udp(b"x")) + bytes(17)])

    assert found.headers.payload_bytes.tolist() == [1]
    assert found.headers.link_bytes.tolist() == [14 + 17]


def test_a_packet_that_was_cut_short_keeps_its_bytes_on_the_wire(
    tmp_path: Path,
) -> None:
    found = reading(tmp_path, [files.ethernet(files.udp(b"x" * 500))], most=60)

    assert found.headers.is_truncated.tolist() == [True]
    assert found.headers.payload_bytes.tolist() == [500]
    assert found.headers.payload.length.tolist() == [60 - 42]


def test_options_of_tcp_and_headers_between_belong_to_their_layer(
    tmp_path: Path,
) -> None:
    inner = files.udp(b"hello", *V6)[40:]
    extended = files.ip(0, bytes([60, 0]) + bytes(6), *(host for host, _ in V6))
    extended = extended[:4] + (8 + 8 + len(inner)).to_bytes(2, "big") + extended[6:]
    extended += bytes([17, 0]) + bytes(6) + inner
    frames = [files.tcp(b"ab", options=bytes(12)), extended]

    headers = reading(tmp_path, frames, link=101).headers

    assert headers.transport_bytes.tolist() == [32, 8]
    assert headers.network_bytes.tolist() == [20, 56]
    assert headers.payload.piece(1) == b"hello"


def test_a_large_segment_that_names_no_length_reaches_to_its_end(
    tmp_path: Path,
) -> None:
    segment = bytearray(files.tcp(b"z" * 1_000))
    segment[2:4] = b"\0\0"

    headers = reading(tmp_path, [bytes(segment)], link=101).headers

    assert headers.payload_bytes.tolist() == [1_000]


@pytest.mark.parametrize(
    ("frame", "protocol"),
    [
        (b"", "malformed"),
        (b"\x45", "malformed"),
        (files.udp(b"abc")[:24], "malformed"),
        (b"\x41" + files.udp(b"abc")[1:], "malformed"),
        (files.tcp(b"abc")[:32] + b"\x10" + files.tcp(b"abc")[33:], "malformed"),
        (files.udp(b"abc")[:6] + b"\x20\x00" + files.udp(b"abc")[8:], "fragment"),
        (files.ip(89, bytes(30), "10.0.0.1", "10.0.0.2"), "other ip"),
        (files.ip(1, b"\x03\x03" + bytes(40), "127.0.0.1", "127.0.0.1"), "icmp"),
        (b"\x20 neither version", "other"),
    ],
)
def test_what_cannot_be_is_named_and_its_bytes_still_add_up(
    tmp_path: Path, frame: bytes, protocol: str
) -> None:
    found = reading(tmp_path, [frame], link=101)

    headers = found.headers
    assert found.protocols.name(0) == ("other" if not frame else protocol)
    parts = headers.link_bytes + headers.network_bytes + headers.transport_bytes
    assert (parts + headers.payload_bytes).tolist() == [len(frame)]


def test_a_link_that_is_not_known_is_said_so(tmp_path: Path) -> None:
    found = reading(tmp_path, [b"whatever this is"], link=147)

    assert found.protocols.name(0) == "unknown link"
    assert found.endpoints.texts[found.endpoints.source[0]] == "-"


def test_segments_are_called_by_what_they_do(tmp_path: Path) -> None:
    flags = [files.SYN, files.SYN | files.ACK, files.ACK, files.FIN | files.ACK,
             files.RST]  # fmt: skip
    frames = [files.tcp(flags=one) for one in flags] + [files.tcp(b"data")]

    found = reading(tmp_path, frames, link=101)

    types = [found.types.name(i) for i in range(6)]
    assert types == ["syn", "syn", "ack", "fin", "rst", "data"]
