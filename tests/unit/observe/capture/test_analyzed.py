"""Packets are named and timed by the note beside them, and read again on a change."""

from pathlib import Path

import msgspec
import pytest

from p2pkit.core import CaptureError
from p2pkit.observe.capture import Balance, Packets, note
from p2pkit.protocols import Kademlia
from p2pkit.protocols.kademlia import messages as krpc
from p2pkit.protocols.rumor.naive import NaiveGossip
from tests import capture_files as files

A, B = ("127.1.0.1", 6881), ("127.1.0.2", 6881)
PING = Kademlia.codec.encode(krpc.Ping(b"aa", 1, False))
TELL = b"\x81\xa4type\xa4Tell"


def captured(path: Path, payload: bytes, protocol: str) -> Packets:
    file = path / "some.pcapng"
    frame = files.ethernet(files.udp(payload, A, B))
    start = files.section() + files.interface(options=[(9, b"\x09")])
    file.write_bytes(start + files.packet(frame, 12_500_000_000))
    note.write(
        file,
        note.Note(
            source="ring",
            why="told",
            balance=msgspec.convert({"source": "ring"}, Balance),
            names={"n00": "127.1.0.1:6881", "n01": "127.1.0.2:6881"},
            protocol=protocol,
            epoch_s=10.0,
        ),
    )
    return Packets.open(file)


@pytest.mark.parametrize(
    ("payload", "protocol", "expected"),
    [
        (PING, "p2pkit.protocols.kademlia.dht.Kademlia", ("krpc", "Ping")),
        (TELL, "p2pkit.protocols.rumor.naive.NaiveGossip", ("p2pkit", "Tell")),
        (TELL, "__main__.OfACell", ("p2pkit", "Tell")),
        (b"junk", "p2pkit.protocols.kademlia.dht.Kademlia", ("krpc", "malformed")),
    ],
)
def test_the_note_says_who_is_who_and_what_they_speak(
    tmp_path: Path, payload: bytes, protocol: str, expected: tuple[str, str]
) -> None:
    row = captured(tmp_path, payload, protocol).table().iloc[0]

    assert (row.source, row.destination, row.at_s) == ("n00", "n01", 2.5)
    assert (row.protocol, row.type) == expected


def test_a_class_can_be_named_where_the_note_does_not_know_it(tmp_path: Path) -> None:
    packets = captured(tmp_path, b"junk", "__main__.OfACell")
    assert packets.table().protocol.tolist() == ["p2pkit"]

    packets.protocol = NaiveGossip

    assert packets.table().type.tolist() == ["malformed"]


def test_a_file_that_has_grown_is_read_again(tmp_path: Path) -> None:
    packets = captured(tmp_path, PING, "")
    assert len(packets.table()) == 1

    with packets.path.open("ab") as file:
        file.write(files.packet(files.ethernet(files.udp(PING)), 13_000_000_000))
        file.write(b"\x06\0\0\0")

    assert len(packets.table()) == 2
    assert packets.damage.startswith("some.pcapng is damaged at byte")


def test_a_file_that_is_gone_is_said_so(tmp_path: Path) -> None:
    packets = captured(tmp_path, PING, "")
    packets.path.unlink()

    with pytest.raises(CaptureError, match="cannot be read"):
        packets.table()
