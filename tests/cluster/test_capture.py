"""A cluster's capture holds its packets, named, with a balance beside them."""

import pytest

from p2pkit import Cluster
from p2pkit.core import CaptureError, ClusterError
from p2pkit.observe.capture import Packets, note
from tests.capturing import packet_socket, payloads_in
from tests.cluster.pinger import Pinger
from tests.cluster.processes import possessions


@pytest.fixture
def cluster():
    with Cluster(Pinger, 4, 2, seed=7, progress="none") as cluster:
        yield cluster


@pytest.fixture
def with_rights():
    packet_socket().close()


def test_packets_of_a_cluster_are_kept_with_their_names(
    tmp_path, capsys, cluster, with_rights
):
    with cluster.capture(tmp_path / "a.pcapng") as packets:
        cluster[1].ping(cluster[3].address)

    assert len(packets) == len(payloads_in(packets.path)) == 2
    assert b"n01 > n03" in packets.path.read_bytes()
    assert packets.source == "ring"
    assert packets.balance.closes
    assert str(packets.balance) in capsys.readouterr().out


def test_a_capture_is_found_again_from_its_file_alone(tmp_path, cluster, with_rights):
    with cluster.capture(tmp_path / "a.pcapng") as packets:
        cluster[0].ping(cluster[1].address)

    again = Packets.open(tmp_path / "a.pcapng")

    assert [again.data(i) for i in range(2)] == [packets.data(i) for i in range(2)]
    assert again.balance == packets.balance
    assert again.note == note.read(packets.path)


def test_virtual_time_says_that_it_has_no_packets():
    cluster = Cluster(Pinger, 2, seed=7, carrier="virtual")

    with cluster, pytest.raises(ClusterError, match=r"virtual time has no packets"):
        cluster.capture()


NOTEBOOK = """
from p2pkit import Cluster
from p2pkit.protocols import Kademlia

with Cluster(Kademlia, 8, 2, seed=7, progress="none") as cluster:
    cluster.wait_ready()
    with cluster.capture() as packets:
        cluster[6].get(cluster[3].put(b"hello"))
    print(packets.source)
    print(packets.why)
    print(packets.balance.closes, packets.balance.sent == len(packets) > 0)
"""


def test_without_rights_the_same_lines_work_and_say_who_captured_and_why(
    ordinary_user,
):
    *_, source, why, closes = ordinary_user.python(NOTEBOOK).splitlines()

    assert source == "tap"
    assert why.startswith("no packet socket here: Operation not permitted")
    assert 'network="private"' in why
    assert "dumpcap" in why
    assert closes == "True True"


def test_with_rights_they_say_that_there_are(cluster, with_rights):
    with cluster.capture() as packets:
        cluster[0].ping(cluster[1].address)

    assert packets.source == "ring"
    assert packets.why == "this user may capture the host's loopback"


def test_dumpcap_shows_the_same_if_it_may(cluster, tmp_path):
    try:
        capture = cluster.capture(tmp_path / "a.pcapng", "dumpcap")
        with capture as packets:
            cluster[1].ping(cluster[3].address)
    except CaptureError as error:
        pytest.skip(f"dumpcap may not capture here: {error}")

    assert len(payloads_in(packets.path)) == packets.balance.kept == 2
    assert packets.source == "dumpcap"
    assert packets.balance.closes
    assert b"n01 > n03" in packets.path.read_bytes()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.json", "a.pcapng"]


def test_a_cluster_that_is_closed_meanwhile_leaves_what_was_captured(
    tmp_path, with_rights
):
    cluster = Cluster(Pinger, 4, 2, seed=7, progress="none").start()

    with cluster.capture(tmp_path / "a.pcapng") as packets:
        cluster[1].ping(cluster[3].address)
        cluster.close()

    assert len(packets) == 2
    assert packets.balance.unasked == ["n00", "n01", "n02", "n03"]
    assert not packets.balance.closes  # nobody was left to say what was sent


def test_what_is_interrupted_is_kept(tmp_path, cluster, with_rights):
    capture = cluster.capture(tmp_path / "a.pcapng")

    def interrupted():
        with capture:
            cluster[1].ping(cluster[3].address)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert len(capture.packets) == 2
    assert capture.packets.balance.closes


def test_a_file_that_cannot_be_written_is_named(cluster):
    with (
        pytest.raises(CaptureError, match=r"/proc/a.pcapng cannot be written: No such"),
        cluster.capture("/proc/a.pcapng"),
    ):
        pass


def test_a_file_that_its_own_note_would_write_over_is_refused(cluster, tmp_path):
    with pytest.raises(CaptureError, match=r"a name that ends in \.pcapng"):
        cluster.capture(tmp_path / "packets.json")


def test_a_file_that_is_there_is_replaced_only_if_that_is_said(cluster, tmp_path):
    path = tmp_path / "a.pcapng"
    path.write_text("weeks of work")

    with pytest.raises(CaptureError, match=r"a\.pcapng is there already.*overwrite=Tr"):
        cluster.capture(path, "tap")
    kept = path.read_text()
    with cluster.capture(path, "tap", overwrite=True) as packets:
        cluster[1].ping(cluster[3].address)

    assert kept == "weeks of work"
    assert len(packets) == 2


def test_two_captures_do_not_share_a_file(cluster, tmp_path):
    one, other = (cluster.capture(tmp_path / "a.pcapng", "tap") for _ in range(2))

    with one as packets:
        cluster[1].ping(cluster[3].address)
        with pytest.raises(CaptureError, match="is there already"), other:
            pass

    assert len(packets) == 2


def test_a_capture_that_does_not_begin_leaves_no_file(cluster, tmp_path):
    with (
        cluster.capture(source="tap"),
        pytest.raises(CaptureError, match=r"end the other tap first"),
        cluster.capture(tmp_path / "a.pcapng", "tap"),
    ):
        pass

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("limit_bytes", [0, -1, "1 GB"])
def test_a_limit_that_makes_no_sense_is_refused(cluster, limit_bytes):
    with pytest.raises(ClusterError, match="limit_bytes is"):
        cluster.capture(limit_bytes=limit_bytes)


@pytest.mark.parametrize("source", ["ring", "tap"])
def test_a_capture_that_cannot_begin_leaves_nothing_behind(
    cluster, with_rights, source
):
    before = possessions()

    with (
        pytest.raises(CaptureError, match="cannot be written"),
        cluster.capture("/dev/full", source, overwrite=True),
    ):
        pass

    assert possessions() == before


def test_an_unknown_source_is_named(cluster):
    with (
        pytest.raises(CaptureError, match=r"one of auto, ring, dumpcap, tap, not 'x'"),
        cluster.capture(source="x"),
    ):
        pass


def test_a_capture_without_a_path_goes_with_its_packets(cluster, with_rights):
    with cluster.capture() as packets:
        cluster[0].ping(cluster[1].address)
    folder = packets.path.parent
    assert folder.exists()

    del packets

    assert not folder.exists()


def test_a_capture_leaves_nothing_behind(cluster, with_rights):
    cluster[0].ping(cluster[1].address)
    before = possessions()

    for source in ("ring", "tap"):
        with cluster.capture(source=source):
            cluster[0].ping(cluster[1].address)

    assert possessions() == before


def test_a_capture_can_be_looked_at_while_it_goes_on(cluster, with_rights):
    with cluster.capture() as packets:
        assert len(packets) == 0
        cluster[1].ping(cluster[3].address)
        cluster.wait_until(lambda _: len(packets) == 2)

    assert len(packets) == packets.balance.kept == 2
