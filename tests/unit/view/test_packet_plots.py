"""Plots of packets show bytes on the wire, and the numbers behind them are exact."""

from pathlib import Path

import pytest

from p2pkit.core import LocalProtocolError
from p2pkit.observe.capture import Packets
from p2pkit.observe.capture.ledger import Ledger, Line
from p2pkit.protocols import Kademlia
from p2pkit.protocols.kademlia import messages as krpc
from p2pkit.view import packet_plots as plots
from p2pkit.view import packet_series as series
from tests import capture_files as files

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

A, B, C = (("127.1.0.1", 1), ("127.1.0.2", 1), ("127.1.0.10", 1))
PING = Kademlia.codec.encode(krpc.Ping(b"aa", 1, False))
REPLY = Kademlia.codec.encode(krpc.Reply(b"aa", 2))
PING_BYTES, REPLY_BYTES = 28 + len(PING), 28 + len(REPLY)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    matplotlib.pyplot.close("all")


@pytest.fixture
def packets(tmp_path: Path) -> Packets:
    """Three questions of one node, an answer, and a segment; one a second."""
    file = tmp_path / "some.pcap"
    sent = [files.udp(PING, A, B), files.udp(REPLY, B, A), files.udp(PING, A, C),
            files.udp(PING, A, C), files.tcp(source=B, to=C)]  # fmt: skip
    file.write_bytes(files.pcap(sent, link=101))
    found = Packets(file)
    found.protocol = Kademlia
    return found


def test_bytes_a_second_are_told_by_type_the_largest_first(packets):
    edges_s, rates = series.byte_rates(packets, step_s=1.0)

    assert edges_s == pytest.approx([0, 1, 2, 3, 4, 5])
    assert list(rates) == ["Ping", "Reply", "tcp ack"]
    assert rates["Ping"] == [PING_BYTES, 0, PING_BYTES, PING_BYTES, 0]
    assert rates["tcp ack"] == [0, 0, 0, 0, 40]
    assert plots.bytes_per_second(packets).get_ylabel() == "bytes/s on the wire"


def test_upload_and_download_are_told_by_node(packets):
    found = series.node_bytes(packets)

    assert list(found) == ["127.1.0.1:1", "127.1.0.2:1", "127.1.0.10:1"]
    assert found["127.1.0.1:1"] == (3 * PING_BYTES, REPLY_BYTES)
    assert sum(one.up for one in found.values()) == sum(
        one.down for one in found.values()
    )
    assert "n = 3" in plots.node_traffic(packets).get_title()


def test_sizes_of_packets_are_counted(packets):
    assert series.packet_sizes(packets) == {40: 1, REPLY_BYTES: 1, PING_BYTES: 3}
    assert "n = 5" in plots.sizes(packets).get_title()


def test_pairs_are_counted_both_ways(packets):
    found = series.top_talkers(packets, most=2)

    assert found == [
        ("127.1.0.1:1", "127.1.0.10:1", 2, 2 * PING_BYTES),
        ("127.1.0.1:1", "127.1.0.2:1", 2, PING_BYTES + REPLY_BYTES),
    ]
    labels = plots.talkers(packets, most=2).get_yticklabels()
    assert labels[0].get_text() == "127.1.0.1:1 and 127.1.0.10:1"


def test_the_matrix_has_a_row_and_a_column_for_each_node(packets):
    found = series.who_to_whom(packets)

    assert found.loc["127.1.0.1:1", "127.1.0.10:1"] == 2 * PING_BYTES
    assert found.loc["127.1.0.10:1"].sum() == 0
    assert found.to_numpy().sum() == packets.table().wire_bytes.sum()
    assert "n = 3" in plots.matrix(packets).get_title()


def test_a_part_of_a_table_can_be_drawn(packets):
    table = packets.table()

    found = series.packet_sizes(table[table.type == "Reply"])

    assert found == {REPLY_BYTES: 1}


def test_what_has_no_packets_is_refused_in_a_sentence():
    with pytest.raises(LocalProtocolError, match="no packets in a list: give what"):
        series.node_bytes([1, 2])


def test_layers_add_up_to_what_a_useful_byte_costs():
    lines = [
        Line("said", "Ping", 1, 100),
        Line("before the wire", "lost", -1, -20),
        Line("headers", "UDP", 1, 50),
        Line("control", "acknowledgments", 1, 10),
    ]
    ledger = Ledger(lines, 2, 140, {})

    parts = series.overheads({"ours": ledger})["ours"]

    assert parts == {
        "said": 0.8, "streams": 0, "headers": 0.5, "control": 0.1, "others": 0,
    }  # fmt: skip
    assert sum(parts.values()) == pytest.approx(ledger.bytes_per_useful)
    said = [text.get_text() for text in plots.overhead({"ours": ledger}).texts]
    assert said == [" 1.40"]


def test_an_empty_capture_is_drawn_empty(tmp_path: Path):
    file = tmp_path / "none.pcap"
    file.write_bytes(files.pcap([]))
    empty = Packets(file)

    for draw in (plots.bytes_per_second, plots.node_traffic, plots.sizes,
                 plots.talkers, plots.matrix):  # fmt: skip
        assert draw(empty).get_title()
