"""The table has a row a packet, its nodes by name, its messages by their class."""

from pathlib import Path

import pandas as pd

from p2pkit.observe.capture.reading import read
from p2pkit.observe.capture.table import COLUMNS, table
from p2pkit.protocols import Kademlia
from p2pkit.protocols.kademlia import messages as krpc
from tests import capture_files as files

A, B, C = ("127.1.0.1", 6881), ("127.1.0.2", 6881), ("127.1.0.3", 6881)
NAMES = {"127.1.0.1:6881": "n00", "127.1.0.2:6881": "n01"}
PING = Kademlia.codec.encode(krpc.Ping(b"aa", 1, False))
FIND = Kademlia.codec.encode(krpc.FindNode(b"aa", 1, False, 5))
REPLY = Kademlia.codec.encode(krpc.Reply(b"aa", 2))
ERROR = Kademlia.codec.encode(krpc.Error(b"aa", 203, "no"))


def made(path: Path, packets: list[bytes], **options: object) -> pd.DataFrame:
    file = path / "some.pcap"
    file.write_bytes(files.pcap(packets, link=101, snaplen=options.pop("snaplen", 999)))  # type: ignore[arg-type]
    return table(read(file, **options))  # type: ignore[arg-type]


def test_a_row_says_who_sent_what_to_whom_and_what_it_cost(tmp_path: Path) -> None:
    rows = made(tmp_path, [files.udp(FIND, A, B)], protocol="kademlia", names=NAMES)

    row = rows.iloc[0]
    assert tuple(rows.columns) == COLUMNS
    assert (row.source, row.destination) == ("n00", "n01")
    assert row.destination_address == "127.1.0.2:6881"
    assert (row.protocol, row.type) == ("krpc", "FindNode")
    assert (row.network_bytes, row.transport_bytes) == (20, 8)
    assert row.payload_bytes == len(FIND)
    assert row.wire_bytes == 28 + len(FIND)


def test_a_reply_is_told_by_the_question_it_answers(tmp_path: Path) -> None:
    packets = [
        files.udp(FIND, A, B), files.udp(PING, A, C), files.udp(PING, B, A),
        files.udp(REPLY, C, A), files.udp(REPLY, B, A), files.udp(ERROR, A, B),
        files.udp(PING, A, B), files.udp(REPLY, B, A), files.udp(REPLY, C, B),
    ]  # fmt: skip

    rows = made(tmp_path, packets)

    answers = rows.answers.astype(object).where(rows.answers.notna(), "")
    assert answers.tolist() == ["", "", "", "Ping", "FindNode", "Ping", "", "Ping", ""]


def test_who_connects_from_a_port_of_its_own_is_named_by_its_host(
    tmp_path: Path,
) -> None:
    packets = [files.tcp(b"x", source=("127.1.0.1", 51_000), to=B)]
    shared = {"127.1.0.1:6881": "n00", "127.1.0.1:6882": "n01"}

    own = made(tmp_path, packets, names=NAMES)
    same_host = made(tmp_path, packets, names=shared)

    assert own.source.tolist() == ["n00"]
    assert same_host.source.tolist() == ["127.1.0.1:51000"]


def test_time_counts_from_the_begin_of_the_run_or_of_the_file(tmp_path: Path) -> None:
    packets = [files.udp(PING)] * 2

    assert made(tmp_path, packets).at_s.tolist() == [0.0, 1.000001]
    late = made(tmp_path, packets, began_ns=-500_000_000)
    assert late.at_s.tolist() == [0.5, 1.500001]


def test_without_a_protocol_messages_are_known_that_give_themselves_away(
    tmp_path: Path,
) -> None:
    tell = b"\x81\xa4type\xa4Tell"
    packets = [files.udp(one) for one in (PING, tell, b"something else", b"")]

    rows = made(tmp_path, packets)

    assert rows.protocol.tolist() == ["krpc", "p2pkit", "udp", "udp"]
    assert rows.type.tolist() == ["Ping", "Tell", "", ""]


def test_a_message_that_was_cut_short_has_no_type(tmp_path: Path) -> None:
    rows = made(tmp_path, [files.udp(FIND)], protocol="kademlia", snaplen=60)

    assert rows.type.tolist() == ["cut short"]
    assert rows.truncated.tolist() == [True]


def test_a_file_without_packets_makes_a_table_without_rows(tmp_path: Path) -> None:
    rows = made(tmp_path, [])

    assert len(rows) == 0
    assert tuple(rows.columns) == COLUMNS
