"""Every byte on the wire has a reason, and what has none is found."""

from pathlib import Path
from typing import Any

from p2pkit.core import Counters, Tally
from p2pkit.observe.capture import Balance
from p2pkit.observe.capture.books import ledger
from p2pkit.observe.capture.ledger import Ledger
from p2pkit.observe.capture.messages import Messages
from p2pkit.observe.capture.note import Note
from p2pkit.observe.capture.reading import read
from p2pkit.protocols import Kademlia
from p2pkit.protocols.hyparview.messages import Join, codec_with
from p2pkit.protocols.kademlia import messages as krpc
from tests import capture_files as files

A, B, STRANGER = ("127.1.0.1", 6881), ("127.1.0.2", 6881), ("127.9.9.9", 5)
NAMES = {"n00": "127.1.0.1:6881", "n01": "127.1.0.2:6881"}
PING = Kademlia.codec.encode(krpc.Ping(b"aa", 1, False))
REPLY = Kademlia.codec.encode(krpc.Reply(b"aa", 2))
JOIN = bytes([0, 0, 0, 11]) + codec_with().encode(Join())


def counted(dropped: dict[str, int] | None = None, **sent: tuple[int, int]) -> Counters:
    tallies = {kind: Tally(*numbers) for kind, numbers in sent.items()}
    return Counters(sent=tallies, dropped=dropped or {})


def note(
    before: dict[str, Counters],
    after: dict[str, Counters],
    sent: int = 0,
    sent_bytes: int = 0,
    **balanced: Any,
) -> Note:
    balance = Balance(sent=sent, sent_bytes=sent_bytes, **balanced)
    return Note(
        source="ring", why="told", balance=balance, names=NAMES, before=before,
        after=after,
    )  # fmt: skip


def bill(
    path: Path, packets: list[bytes], told: Note | None, protocol: str = "kademlia"
) -> Ledger:
    file = path / "some.pcap"
    frames = map(files.ethernet, packets)
    file.write_bytes(files.pcap(frames))
    return ledger(Messages(read(file, protocol)), told)


def lines(found: Ledger) -> dict[str, tuple[int, int]]:
    return {line.what: (line.count, line.bytes) for line in found.lines}


def test_of_datagrams_nothing_remains_unexplained(tmp_path: Path) -> None:
    packets = [files.udp(PING, A, B), files.udp(REPLY, B, A), files.udp(PING, A, B)]
    before = {"n00": counted(Ping=(7, 400)), "n01": counted()}
    after = {
        "n00": counted(Ping=(9, 400 + 2 * len(PING))),
        "n01": counted(Reply=(1, len(REPLY))),
    }

    told = note(before, after, 3, 2 * len(PING) + len(REPLY))

    found = bill(tmp_path, packets, told)

    assert lines(found) == {
        "Ping": (2, 2 * len(PING)),
        "Reply": (1, len(REPLY)),
        "UDP": (3, 24),
        "IP": (3, 60),
        "link": (3, 42),
    }
    assert found.residue_bytes == 0
    assert found.wire_bytes == found.said_bytes + 126
    assert found.by_type["Ping"] == (Tally(2, 2 * len(PING)), Tally(2, 2 * len(PING)))


def test_a_forged_datagram_is_what_remains(tmp_path: Path) -> None:
    packets = [files.udp(PING, A, B), files.udp(PING, A, B)]
    after = {"n00": counted(Ping=(1, len(PING))), "n01": counted()}

    found = bill(tmp_path, packets, note({}, after, 1, len(PING)))

    assert found.residue_bytes == len(PING)


def test_what_the_capture_lost_is_what_lacks(tmp_path: Path) -> None:
    after = {"n00": counted(Ping=(2, 2 * len(PING))), "n01": counted()}
    told = note({}, after, 2, 2 * len(PING), seen=2, dropped=1, kept=1)

    found = bill(tmp_path, [files.udp(PING, A, B)], told)

    assert found.residue_bytes == -len(PING)
    assert str(found).endswith("the capture lost 1 packets")


def test_what_faults_swallowed_was_said_and_is_not_on_the_wire(tmp_path: Path) -> None:
    after = {
        "n00": counted({"loss": 2, "receive buffer full": 5}, Ping=(3, 3 * len(PING)))
    }

    told = note({}, after, 1, len(PING))
    found = bill(tmp_path, [files.udp(PING, A, B)], told)

    (lost,) = [line for line in found.lines if line.group == "before the wire"]
    assert (lost.count, lost.bytes) == (-2, -2 * len(PING))
    assert lost.why == "loss: 2"
    assert found.residue_bytes == 0


def test_what_faults_doubled_was_said_once(tmp_path: Path) -> None:
    after = {"n00": counted({"loss": 1}, Ping=(3, 3 * len(PING)))}
    told = note({}, after, 4, 4 * len(PING))

    found = bill(tmp_path, [files.udp(PING, A, B)] * 4, told)

    (line,) = [line for line in found.lines if line.group == "before the wire"]
    assert (line.count, line.bytes) == (1, len(PING))
    assert line.why == "loss: 1, doubled: 2"
    assert found.residue_bytes == 0


def test_what_a_node_counted_in_an_earlier_life_is_named(tmp_path: Path) -> None:
    before, after = counted(Ping=(50, 5_000)), counted(Ping=(1, len(PING)))
    told = note({"n00": before}, {"n00": after}, 2, 2 * len(PING))

    found = bill(tmp_path, [files.udp(PING, A, B)] * 2, told)

    assert lines(found)["Ping"] == (1, len(PING))
    assert lines(found)["lost, doubled or waiting"] == (1, len(PING))
    assert found.lines[1].why == "n00 was started anew"
    assert found.residue_bytes == 0


def test_datagrams_of_a_node_that_nobody_could_ask_are_not_said(
    tmp_path: Path,
) -> None:
    told = note({}, {"n00": counted()}, unasked=["n01"])

    found = bill(tmp_path, [files.udp(REPLY, B, A)], told)

    assert lines(found)["datagrams of others"] == (1, len(REPLY))
    assert found.residue_bytes == 0


def test_what_others_send_is_theirs(tmp_path: Path) -> None:
    icmp = files.ip(1, b"\x03\x03" + bytes(30), *("127.1.0.1", "127.9.9.9"))
    packets = [files.udp(PING, STRANGER, A), files.udp(b"junk", STRANGER, A), icmp]

    found = bill(tmp_path, packets, note({}, {"n00": counted()}))

    assert lines(found)["datagrams of others"] == (2, len(PING) + 4)
    assert lines(found)["icmp"] == (1, 14 + 20 + 32)
    assert found.said_bytes == 0
    assert found.residue_bytes == 0


def test_a_stream_pays_for_its_opening_its_end_and_its_frames(tmp_path: Path) -> None:
    dialing = ("127.1.0.1", 50_000)
    ends = {"source": dialing, "to": B}
    back = {"source": B, "to": dialing}
    packets = [
        files.tcp(sequence=9, flags=files.SYN, **ends),
        files.tcp(sequence=5, flags=files.SYN | files.ACK, acknowledged=10, **back),
        files.tcp(sequence=10, acknowledged=6, **ends),
        files.tcp(JOIN, 10, **ends),
        files.tcp(JOIN, 10, **ends),
        files.tcp(JOIN[:3], 10 + len(JOIN), **ends),
        files.tcp(sequence=6, flags=files.FIN | files.ACK, **back),
        files.tcp(sequence=99, flags=files.RST, **ends),
    ]
    said = {"n00": counted({"no stream": 1}, Join=(2, 2 * len(JOIN) - 8))}

    found = bill(tmp_path, packets, note({}, said), "hyparview")

    assert lines(found) == {
        "Join": (2, 2 * len(JOIN) - 8),
        "lost, doubled or waiting": (-1, 4 - len(JOIN)),
        "framing": (1, 4),
        "sent again": (1, len(JOIN)),
        "no message, or a part of one": (1, 3),
        "TCP": (3, 60),
        "IP": (3, 60),
        "link": (3, 42),
        "openings": (2, 108),
        "acknowledgments": (1, 54),
        "endings": (1, 54),
        "resets": (1, 54),
    }
    assert found.residue_bytes == 0


def test_without_counters_the_bill_begins_with_what_packets_show(
    tmp_path: Path,
) -> None:
    found = bill(tmp_path, [files.udp(PING, A, B)], None)

    assert found.lines[0].why == "as packets show it, for nobody counted"
    assert found.said_bytes == len(PING)
    assert found.residue_bytes == 0


def test_in_a_foreign_file_what_speaks_no_protocol_is_others(tmp_path: Path) -> None:
    file = tmp_path / "some.pcap"
    packets = [files.udp(PING, A, B), files.udp(b"a question of DNS", A, B)]
    file.write_bytes(files.pcap(map(files.ethernet, packets)))

    found = ledger(Messages(read(file)))

    assert lines(found)["Ping"] == (1, len(PING))
    assert lines(found)["datagrams of others"] == (1, 17)
    assert found.residue_bytes == 0


def test_the_bill_can_be_printed_and_tabulated(tmp_path: Path) -> None:
    found = bill(tmp_path, [files.udp(PING, A, B)], None)

    assert str(found).splitlines()[0].split() == [
        "said", "Ping", "1", f"{len(PING)}", "B", "as", "packets", "show", "it,",
        "for", "nobody", "counted",
    ]  # fmt: skip
    assert str(found).splitlines()[-1].split() == ["residue", "0", "0", "B"]
    table = found.to_pandas()
    assert table.what.tolist()[-2:] == ["on the wire", "residue"]
    assert table.share.tolist()[-2:] == [1.0, 0.0]
    assert found._repr_html_() == f"<pre>{found}</pre>"
    assert found.types_to_pandas().seen.tolist() == [1]
    assert repr(found) == (
        f"<Ledger: {len(PING)} bytes said, {len(PING) + 42} on the wire, residue 0>"
    )
