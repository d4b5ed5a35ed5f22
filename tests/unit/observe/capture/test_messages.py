"""Messages are found in datagrams and in streams, from the middle of one as well."""

from pathlib import Path
from typing import Any

import pandas as pd

from p2pkit.observe.capture.messages import Messages, messages_table, streams_table
from p2pkit.observe.capture.reading import read
from p2pkit.protocols.central_index import messages as napster
from p2pkit.protocols.central_index.framing import NapsterFraming
from p2pkit.protocols.central_index.wire import NapsterCodec
from p2pkit.protocols.gnutella import messages as gnutella
from p2pkit.protocols.gnutella.wire import GnutellaCodec
from p2pkit.protocols.hyparview.messages import Disconnect, Join, codec_with
from p2pkit.protocols.plumtree.messages import Gossip
from tests import capture_files as files

A, B = ("127.1.0.1", 50_000), ("127.1.0.2", 6881)
JOIN = bytes([0, 0, 0, 11]) + codec_with().encode(Join())
BYE = bytes([0, 0, 0, 17]) + codec_with().encode(Disconnect())


class Talk:
    """Two ends of a TCP connection, and the packets between them."""

    def __init__(self) -> None:
        self.next = {A: 1_000, B: 5_000}
        self.packets: list[bytes] = []

    def open(self) -> "Talk":
        for source, flags in ((A, files.SYN), (B, files.SYN | files.ACK)):
            self.send(source, flags=flags)
            self.next[source] += 1
        return self

    def send(
        self, source: Any, data: bytes = b"", flags: int = files.ACK, lost: bool = False
    ) -> "Talk":
        to = B if source is A else A
        packet = files.tcp(data, self.next[source], flags, source, to, self.next[to])
        self.next[source] += len(data)
        if not lost:
            self.packets.append(packet)
        return self

    def close(self) -> "Talk":
        return self.send(A, flags=files.FIN | files.ACK)


def found(path: Path, packets: list[bytes], protocol: str, **more: Any) -> Messages:
    file = path / "some.pcap"
    file.write_bytes(files.pcap(packets, link=101, **more))
    return Messages(read(file, protocol, {"127.1.0.1:6881": "n00", B[0]: "n01"}))


def rows(messages: Messages) -> pd.DataFrame:
    return messages_table(messages)


def test_messages_of_a_stream_are_cut_by_the_protocols_own_framing(
    tmp_path: Path,
) -> None:
    talk = Talk().open().send(A, JOIN + BYE[:7]).send(B, JOIN).send(A, BYE[7:]).close()

    messages = found(tmp_path, talk.packets, "hyparview")

    table = rows(messages)
    assert table.type.tolist() == ["Join", "Join", "Disconnect"]
    assert table.source.tolist() == ["n00", "n01", "n00"]
    assert table.carrier.tolist() == ["stream"] * 3
    assert table.payload_bytes.tolist() == [len(JOIN) - 4, len(JOIN) - 4, len(BYE) - 4]
    assert table.framing_bytes.tolist() == [4, 4, 4]
    assert table.packet.tolist() == [2, 3, 4]
    assert messages.data(2) == BYE[4:]


def test_a_stream_without_its_begin_is_read_from_the_first_whole_message(
    tmp_path: Path,
) -> None:
    talk = Talk().send(A, JOIN[5:]).send(A, BYE).send(A, JOIN[:6]).send(A, JOIN[6:])

    messages = found(tmp_path, talk.packets, "hyparview")

    stream = streams_table(messages).iloc[0]
    assert rows(messages).type.tolist() == ["Disconnect", "Join"]
    assert not stream.opened
    assert stream.unread_bytes == len(JOIN) - 5


def test_a_long_message_is_found_from_the_middle_of_a_stream_on(
    tmp_path: Path,
) -> None:
    inner = codec_with(Gossip).encode(Gossip("news", bytes(8), 1, bytes(5_000)))
    long = len(inner).to_bytes(4, "big") + inner
    talk = Talk()
    for first in range(1_400, len(long), 1_400):
        talk.send(A, long[first : first + 1_400])
    for first in range(0, len(long), 1_400):
        talk.send(A, long[first : first + 1_400])
    talk.send(A, JOIN)

    messages = found(tmp_path, talk.packets, "plumtree", snaplen=9_999)

    stream = streams_table(messages).iloc[0]
    assert rows(messages).type.tolist() == ["Gossip", "Join"]
    assert stream.unread_bytes == len(long) - 1_400


def test_a_hole_in_a_stream_costs_the_message_in_it_and_is_told(
    tmp_path: Path,
) -> None:
    talk = Talk().open().send(A, JOIN + JOIN[:5]).send(A, JOIN[5:], lost=True)
    talk.send(A, BYE).send(B).send(A, JOIN)

    messages = found(tmp_path, talk.packets, "hyparview")

    stream = streams_table(messages).iloc[0]
    assert rows(messages).type.tolist() == ["Join", "Disconnect", "Join"]
    assert stream.missing_bytes == len(JOIN) - 5
    assert stream.unread_bytes == 5


def test_the_same_ports_used_again_are_another_stream(tmp_path: Path) -> None:
    first = Talk().open().send(A, JOIN).close()
    second = Talk()
    second.next = {A: 77, B: 99}
    second.open().send(A, BYE)

    messages = found(tmp_path, first.packets + second.packets, "hyparview")

    assert streams_table(messages).messages.tolist() == [1, 1]
    assert rows(messages).type.tolist() == ["Join", "Disconnect"]


def test_text_and_messages_of_gnutella_are_told_apart_on_one_stream(
    tmp_path: Path,
) -> None:
    codec = GnutellaCodec()
    ping = codec.encode(gnutella.Ping(guid=bytes(range(16))))
    talk = Talk().open().send(A, b"GNUTELLA CONNECT/0.6\r\nUser-Agent: x\r\n\r\n")
    talk.send(B, b"GNUTELLA/0.6 200 OK\r\n\r\n")
    talk.send(A, b"GNUTELLA/0.6 200 OK\r\n\r\n" + ping).send(B, ping + ping)
    middle = Talk().send(A, ping).send(B, ping)
    middle.packets = [one.replace(b"\x7f\x01\0\1", b"\x7f\x01\0\7")
                      for one in middle.packets]  # fmt: skip
    udp = [files.udp(ping, ("127.1.0.1", 6881), B)]

    messages = found(tmp_path, talk.packets + middle.packets + udp, "gnutella")

    table = rows(messages)
    assert table.type.tolist() == ["Greeting"] * 3 + ["Ping"] * 6
    assert table.carrier.tolist() == ["stream"] * 8 + ["datagram"]
    assert set(table.protocol) == {"gnutella"}


def test_a_download_over_http_is_one_answer(tmp_path: Path) -> None:
    body = bytes(5_000)
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + body
    talk = Talk().open().send(A, b"GET /get/1/x HTTP/1.1\r\n\r\n")
    for first in range(0, len(answer), 1400):
        talk.send(B, answer[first : first + 1400])

    table = rows(found(tmp_path, talk.packets, "gnutella", snaplen=9_999))

    assert table.type.tolist() == ["Http", "Http"]
    assert table.payload_bytes.tolist()[1] == len(answer)


def test_napsters_messages_have_two_bytes_of_framing(tmp_path: Path) -> None:
    codec, framing = NapsterCodec(), NapsterFraming()
    said = [napster.Login("me", 6699, 8), napster.Ping()]
    data = b"".join(framing.wrap(codec.encode(one)) for one in said)

    table = rows(found(tmp_path, Talk().open().send(A, data).packets, "central-index"))

    assert table.type.tolist() == ["Login", "Ping"]
    assert table.framing_bytes.tolist() == [2, 2]


def test_a_segment_that_was_cut_short_is_no_message(tmp_path: Path) -> None:
    talk = Talk().open().send(A, JOIN * 10).send(A, BYE)

    messages = found(tmp_path, talk.packets, "hyparview", snaplen=90)

    stream = streams_table(messages).iloc[0]
    assert rows(messages).type.tolist() == ["Join"] * 3 + ["Disconnect"]
    assert stream.missing_bytes == 10 * len(JOIN) - 50


def test_a_capture_without_messages_makes_empty_tables(tmp_path: Path) -> None:
    messages = found(tmp_path, Talk().open().close().packets, "kademlia")

    assert len(rows(messages)) == 0
    assert streams_table(messages).messages.tolist() == [0]
