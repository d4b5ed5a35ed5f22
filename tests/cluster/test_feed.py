"""A cluster's feed: folded, it is the cluster; and it tells of every message."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator

import pytest

from p2pkit import Cluster
from p2pkit.core import ClusterError, RequestTimeout, short
from p2pkit.faults import Constant, Link, Loss
from p2pkit.observe import overlay_graph
from p2pkit.observe.frames import Frame, Scene
from p2pkit.protocols import Kademlia
from tests.cluster.pinger import Pinger

pytestmark = pytest.mark.timeout(60)  # processes start and join before each test


@pytest.fixture(params=["virtual", "real"])
def carrier(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def cluster(carrier: str) -> Iterator[Cluster]:
    with Cluster(Pinger, nodes=6, processes=2, seed=7, carrier=carrier) as cluster:
        yield cluster


class Viewer:
    """Folds a feed, and keeps its frames."""

    def __init__(self, cluster: Cluster, **options: float) -> None:
        self.cluster, self.feed = cluster, cluster.frames(**options)
        self.scene, self.frames = Scene(), list[Frame]()

    def look(self) -> Scene:
        for frame in self.feed.take(0.05):
            self.frames.append(frame)
            self.scene.apply(frame)
        return self.scene

    def difference(self) -> tuple[object, object]:
        """Return what a snapshot has and the scene has not, and the other way."""
        scene, snapshot = self.look(), self.cluster.snapshot()
        graph = overlay_graph(snapshot)
        edges = {
            (a, b, kind) for a, b, data in graph.edges(data=True)
            for kind in data["kinds"]
        }  # fmt: skip
        truth = edges | set(graph.nodes(data="state"))
        seen = set(scene.edges) | {(x.name, x.state) for x in scene.nodes.values()}
        return truth - seen, seen - truth

    def agrees(self) -> bool:
        return self.difference() == (set(), set())

    def told(self) -> int:
        self.look()
        kinds = [mark.kind for frame in self.frames for mark in frame.marks]
        return kinds.count("message") + sum(frame.let_go for frame in self.frames)


def sent(cluster: Cluster) -> int:
    return sum(one.messages for one in cluster.counters.sent.values())


def test_the_first_frame_is_the_whole_cluster(cluster: Cluster) -> None:
    viewer = Viewer(cluster)

    assert viewer.agrees(), viewer.difference()
    node = viewer.scene.nodes["n03"]
    assert (short(node.id), node.address) == (
        short(cluster[3].id), cluster[3].address,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_the_folded_feed_is_the_cluster_whatever_happens(
    carrier: str, seed: int
) -> None:
    rng = random.Random(seed)
    with Cluster(Kademlia, 24, 4, seed=seed, carrier=carrier, k=4) as cluster:
        viewer = Viewer(cluster)
        for _ in range(6):
            index = rng.randrange(len(cluster))
            state = cluster[index].state
            do = {"alive": ["kill", "stop", "pause", "call"], "dead": ["restart"]}
            what = rng.choice(do.get(state, ["resume"]))
            if what == "call":
                cluster[index].lookup(rng.getrandbits(160))
            else:
                getattr(cluster, what)(index)
            viewer.look()
        cluster.add(1)

        cluster.wait_until(lambda _: viewer.agrees(), timeout_s=20)
        for name, node in viewer.scene.nodes.items():
            known = {b for a, b, _ in viewer.scene.edges if a == name}
            assert node.quantities["degree"] == len(known), (seed, name)


def test_one_process_a_node_dies_pauses_and_comes_back() -> None:
    with Cluster(Pinger, nodes=4, processes=4, seed=7) as cluster:
        viewer = Viewer(cluster)
        cluster.pause(1)
        late = Viewer(cluster)
        assert late.agrees(), late.difference()
        cluster.resume(1)
        cluster.kill(2)
        assert viewer.look().nodes["n02"].state == "dead"

        cluster.restart(2)

        cluster.wait_until(lambda _: viewer.agrees() and late.agrees())
        texts = [note.text for note in viewer.scene.notes.values()]
        assert texts == ["n01 paused", "n02 killed"]


def test_a_killed_node_is_dead_in_the_next_frame(cluster: Cluster) -> None:
    viewer = Viewer(cluster)
    viewer.look()

    cluster.kill(4)

    assert viewer.look().nodes["n04"].state == "dead"
    assert not [edge for edge in viewer.scene.edges if edge[0] == "n04"]


@pytest.mark.parametrize("marks_hz", [0.0, 40.0, 1e6])
def test_marks_and_what_was_let_go_are_all_messages(
    cluster: Cluster, marks_hz: float
) -> None:
    viewer = Viewer(cluster, marks_hz=marks_hz)
    calls = [(i % 6, "ping", (cluster[(i + 1) % 6].address,)) for i in range(300)]

    cluster.call_many(calls)
    cluster.restart(2)  # it counts from nothing again, and greets one node

    cluster.wait_until(lambda _: viewer.told() >= 602, timeout_s=10)
    cluster.advance(0.2)
    assert viewer.told() == 602


def test_two_feeds_agree_and_the_last_to_close_ends_the_watching(
    cluster: Cluster,
) -> None:
    one = Viewer(cluster)
    cluster[1].ping(cluster[5].address)
    two = Viewer(cluster)
    cluster[2].ping(cluster[4].address)
    cluster.wait_until(lambda _: one.agrees() and two.agrees())
    assert one.scene == two.scene

    one.feed.close()
    cluster[3].ping(cluster[1].address)
    cluster.wait_until(lambda _: two.agrees())
    assert cluster.traffic(3, 1)["Ping"].messages >= 1
    two.feed.close()

    with pytest.raises(ClusterError, match="open a feed with"):
        cluster.traffic(3, 1)


def test_a_flood_that_nobody_reads_stays_bounded(cluster: Cluster) -> None:
    feed = cluster.frames()
    calls = [(i % 6, "ping", (cluster[(i + 1) % 6].address,)) for i in range(3000)]

    cluster.call_many(calls, in_flight=64)

    frames = feed.take(0)
    assert sum(frame.items for frame in frames) < 10_000


def test_messages_fly_and_get_lost_in_marks(carrier: str) -> None:
    link = Link(latency=Constant(0.02))
    with Cluster(Pinger, 3, 1, seed=7, carrier=carrier, link=link) as cluster:
        viewer = Viewer(cluster)
        cluster[0].ping(cluster[1].address)
        with cluster.faults(Loss(1.0)), pytest.raises(Exception, match="answer"):
            cluster[0].ping(cluster[2].address)
        cluster.wait_until(lambda _: viewer.told() >= 3)

    marks = [m for f in viewer.frames for m in f.marks if m.kind == "message"]
    found = [(m.source, m.target, m.label, m.ok) for m in marks]
    assert found == [
        ("n00", "n01", "Ping", True),
        ("n01", "n00", "Pong", True),
        ("n00", "n02", "Ping", False),
    ]
    if carrier == "virtual":
        assert [round(m.took_s, 6) for m in marks] == [0.02, 0.02, 0.0]


def test_the_steps_of_a_lookup_are_marks(carrier: str) -> None:
    with Cluster(Kademlia, 12, 2, seed=7, carrier=carrier) as cluster:
        viewer = Viewer(cluster)
        cluster[3].lookup(5)
        cluster.wait_until(lambda _: viewer.told() and viewer.agrees())

    steps = [m for f in viewer.frames for m in f.marks if m.kind == "step"]
    assert {(m.source, m.label, m.ok) for m in steps} == {("n03", "lookup", True)}
    assert len(steps) >= 3


def test_what_holds_is_a_note_until_it_ends(cluster: Cluster) -> None:
    viewer = Viewer(cluster)
    with cluster.faults(Loss(0.1)):
        late = Viewer(cluster)
        assert [n.text for n in late.look().notes.values()] == ["Loss"]
    cluster.partition([[0, 1], [2, 3]])
    cluster.heal()
    cluster.link(loss=0.25)

    notes = viewer.look().notes.values()

    assert [(n.text, n.until_s is None) for n in notes] == [
        ("Loss", False),
        ("Partition", False),
        ("link: loss 0.25", True),
    ]


def test_a_closed_cluster_ends_its_feeds_with_a_sentence(cluster: Cluster) -> None:
    feed = cluster.frames()
    feed.take(0)

    cluster.close()

    while not feed.is_closed or feed._frames:
        feed.take(0)
    with pytest.raises(ClusterError, match="this cluster is closed: make a new one"):
        feed.take(1)
    with pytest.raises(ClusterError, match="this cluster is closed"):
        cluster.frames()


def test_buttons_work_while_a_cell_lets_time_pass(carrier: str) -> None:
    with Cluster(Kademlia, 32, 2, seed=7, carrier=carrier) as cluster:
        done = threading.Event()

        def press() -> None:
            cluster.kill(5)
            cluster[7].lookup(1)
            cluster.restart(5)
            done.set()

        thread = threading.Thread(target=press)
        thread.start()
        while not done.is_set():
            cluster.advance(0.5)
        thread.join()

        assert cluster[5].state == "alive"


def test_virtual_time_goes_message_by_message() -> None:
    with Cluster(Pinger, nodes=3, seed=7, carrier="virtual") as cluster:
        waiting = cluster.run.carrier.begin(
            0, "call", "n00", "ping", (cluster[1].address,), {}
        )
        received = sum(x.messages for x in cluster.counters.received.values())

        cluster.step()
        assert not waiting.done()
        cluster.step()

        after = sum(x.messages for x in cluster.counters.received.values())
        assert waiting.done()
        assert after - received == 2
        with pytest.raises(RequestTimeout, match="0 of 1 messages arrived within"):
            cluster.step()


def test_real_messages_cannot_be_stepped() -> None:
    with (
        Cluster(Pinger, nodes=2, seed=7) as cluster,
        pytest.raises(ClusterError, match="only virtual time goes message by message"),
    ):
        cluster.step()
