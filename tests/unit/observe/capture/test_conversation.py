"""What passed between two nodes can be read, packet by packet."""

from pathlib import Path

import msgspec
import pytest

from p2pkit.core import CaptureError
from p2pkit.observe.capture import Balance, Packets, note, wireshark
from p2pkit.protocols import Kademlia
from p2pkit.protocols.hyparview.messages import Join, codec_with
from p2pkit.protocols.kademlia import messages as krpc
from tests import capture_files as files

A, B, C = ("127.1.0.1", 6881), ("127.1.0.2", 6881), ("127.1.0.3", 6881)
PING = Kademlia.codec.encode(krpc.Ping(b"aa", 7, False))
FIND = Kademlia.codec.encode(krpc.FindNode(b"bb", 7, False, 5))
JOIN = bytes([0, 0, 0, 11]) + codec_with().encode(Join())
NAMES = {f"n0{i}": f"127.1.0.{i + 1}:6881" for i in range(3)}


def captured(path: Path, packets: list[bytes], protocol: str = "kademlia") -> Packets:
    file = path / "some.pcap"
    file.write_bytes(files.pcap(map(files.ethernet, packets)))
    balance = msgspec.convert({"source": "ring"}, Balance)
    told = note.Note(
        source="ring", why="", balance=balance, names=NAMES, protocol=protocol
    )
    note.write(file, told)
    found = Packets(file)
    found.note = told
    return found


def test_the_packets_of_a_pair_are_told_with_layers_and_fields(tmp_path: Path) -> None:
    packets = captured(
        tmp_path, [files.udp(PING, A, C), files.udp(FIND, A, B), files.udp(PING, B, A)]
    )

    found = packets.between(0, 1)

    assert [one.number for one in found] == [1, 2]
    assert [one.type for one in found] == ["FindNode", "Ping"]
    assert str(found[0]).splitlines()[:7] == [
        f"#1  1.000001 s  n00 > n01  FindNode  {42 + len(FIND)} bytes",
        "  link 14 bytes",
        "  IPv4 20 bytes: 127.1.0.1 > 127.1.0.2",
        "  UDP 8 bytes: 6881 > 6881",
        f"  payload {len(FIND)} bytes",
        "    FindNode",
        "      tid = 6262",
    ]
    assert str(found).count("\n#") == 1


@pytest.mark.parametrize(
    ("a", "b"), [("n00", "n01"), (1, 0), ("127.1.0.1:6881", "127.1.0.2:6881")]
)
def test_nodes_are_named_by_number_name_or_address(
    tmp_path: Path, a: int | str, b: int | str
) -> None:
    dialing = ("127.1.0.1", 50_000)
    packets = captured(
        tmp_path, [files.udp(PING, A, B), files.tcp(source=dialing, to=B)]
    )

    assert len(packets.between(a, b)) == 2


def test_a_segment_tells_the_messages_that_end_in_it(tmp_path: Path) -> None:
    ends = {"source": ("127.1.0.1", 50_000), "to": B}
    packets = captured(
        tmp_path,
        [files.tcp(JOIN + JOIN[:5], 1, **ends), files.tcp(JOIN[5:], 21, **ends)],
        "p2pkit.protocols.hyparview.node.HyParView",
    )

    first, second = packets.between("n00", "n01")

    assert (first.said, second.said) == ("Join", "Join")
    assert first.layers[2] == (
        "TCP 20 bytes: 50000 > 6881, ACK, sequence 1, acknowledges 0"
    )


def test_what_is_no_message_is_shown_as_bytes(tmp_path: Path) -> None:
    packets = captured(tmp_path, [files.udp(b"\x01" * 40, A, B), files.udp(b"", A, B)])

    junk, empty = packets.between(0, 1)

    assert junk.said == " ".join(["01"] * 32) + "..."
    assert empty.said == ""
    assert len(empty.layers) == 3


def test_of_many_packets_the_last_are_told_and_the_others_counted(
    tmp_path: Path,
) -> None:
    found = captured(tmp_path, [files.udp(PING, A, B)] * 9).between(0, 1, limit=2)

    assert [one.number for one in found] == [7, 8]
    assert str(found).startswith("7 packets before these\n#7")
    assert repr(found) == "<Conversation: 2 packets of n00 and n01>"


def test_a_number_that_is_no_nodes_is_refused_in_a_sentence(tmp_path: Path) -> None:
    packets = captured(tmp_path, [])

    with pytest.raises(CaptureError, match=r"no node 3 in some\.pcap, which knows 3"):
        packets.between(0, 3)


def test_where_there_is_no_wireshark_it_is_said_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packets = captured(tmp_path, [])
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(wireshark, "PLACES", ())

    said = packets.wireshark()

    assert said.startswith("Wireshark is not installed here: get it from")
    assert said.endswith(str(packets.path))


def test_wireshark_is_started_with_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packets = captured(tmp_path, [])
    fake, told = tmp_path / "wireshark", tmp_path / "told"
    fake.write_text(f'#!/bin/sh\necho "$@" > {told}\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("DISPLAY", ":0")

    said = packets.wireshark()

    wireshark._started[-1].wait(10)
    assert said == f"Wireshark opens {packets.path}"
    assert told.read_text() == f"-N n -r {packets.path}\n"


def test_without_a_screen_it_is_said_to_copy_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packets = captured(tmp_path, [])
    fake = tmp_path / "wireshark"
    fake.write_text("#!/bin/sh\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)

    assert packets.wireshark().startswith("There is no screen here")
