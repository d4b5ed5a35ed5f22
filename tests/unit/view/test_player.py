"""A capture is played as a live view plays a cluster, and its edges tell packets."""

from pathlib import Path

import pytest

from p2pkit.core import ClusterError, Tally
from p2pkit.observe.capture import Packets
from p2pkit.observe.frames import Scene
from p2pkit.protocols import Kademlia
from p2pkit.protocols.kademlia import messages as krpc
from p2pkit.view import commands, space_time, still
from p2pkit.view.player import Replay, replay
from tests import capture_files as files

A, B, C = (("127.1.0.1", 1), ("127.1.0.2", 1), ("127.1.0.3", 1))
PING = Kademlia.codec.encode(krpc.Ping(b"aa", 1, False))
REPLY = Kademlia.codec.encode(krpc.Reply(b"aa", 2))
ONE, TWO, THREE = (f"127.1.0.{i}:1" for i in (1, 2, 3))


@pytest.fixture
def packets(tmp_path: Path) -> Packets:
    """A question, its answer, and one more question; one a second."""
    file = tmp_path / "some.pcap"
    sent = [files.udp(PING, A, B), files.udp(REPLY, B, A), files.udp(PING, A, C)]
    file.write_bytes(files.pcap(sent, link=101))
    found = Packets(file)
    found.protocol = Kademlia
    return found


def test_a_film_shows_who_had_talked_to_whom_by_when(packets):
    film = packets.film()

    assert film.span() == pytest.approx((0, 2), abs=1e-4)
    assert list(film.scene(0.5).edges) == [(ONE, TWO, "talked")]
    assert len(film.scene().edges) == 3
    assert film.scene().nodes[ONE].quantities == {
        "sent": 2, "received": 1, "sent_bytes": 2 * len(PING),
        "received_bytes": len(REPLY),
    }  # fmt: skip
    assert set(film.scene().nodes) == {ONE, TWO, THREE}
    assert "circle" in still(film.scene()).svg()


def test_a_space_time_diagram_draws_every_message_of_a_capture(packets):
    diagram = space_time(packets)

    assert [arrow.kind for arrow in diagram.diagram.arrows] == ["Ping", "Reply", "Ping"]
    assert "sender_id = 1" in diagram.text(1)
    assert diagram.diagram.lanes == [ONE, TWO, THREE]


def test_a_replay_gives_each_frame_in_its_turn_and_then_waits(packets):
    played = Replay(packets, speed=20)
    scene, marks = Scene(), []

    with played.frames() as feed:
        for _ in range(4):
            for frame in feed.take():
                scene.apply(frame)
                marks += frame.marks
        assert feed.take(0.001) == []

    assert [mark.label for mark in marks] == ["Ping", "Reply", "Ping"]
    assert played.now() == pytest.approx(2, abs=1e-4)
    assert len(scene.edges) == 3
    with pytest.raises(ClusterError, match="played no more"):
        feed.take()


def test_an_edge_of_a_replay_tells_its_messages_and_packets(packets):
    desk = commands.Desk(Replay(packets), None)

    answer = commands.read("traffic", {"a": ONE, "b": TWO}).do(desk)

    sections = dict(answer["value"])
    assert sections["Messages and bytes since it is watched"] == [
        ("Ping", "1", f"{len(PING)} B"), ("Reply", "1", f"{len(REPLY)} B"),
    ]  # fmt: skip
    told = sections["Packets, the latest first"]
    assert told.index("Reply") < told.index("Ping")
    assert "sender_id = 1" in told
    assert Replay(packets).traffic(0, 2) == {"Ping": Tally(1, len(PING))}


def test_nothing_can_be_done_to_a_node_that_was(packets):
    desk = commands.Desk(Replay(packets), None)

    assert set(commands.can(desk)) <= {"details", "traffic", "tidy"}


def test_a_capture_is_watched_like_a_cluster(packets):
    view = replay(packets, where="browser", show=False)

    try:
        assert "3 overlay nodes" in repr(view)
    finally:
        view.close()
