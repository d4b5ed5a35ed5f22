"""A session tells every port the same, and a late one all there is."""

import json
import threading

import networkx as nx
import pytest

from p2pkit import Cluster
from p2pkit.core import Finished
from p2pkit.protocols import Kademlia
from p2pkit.view.readable import MOST_LINES, readable
from p2pkit.view.session import ENDED, Session
from p2pkit.view.settings import Settings


class Ear:
    """A port that keeps what it hears."""

    def __init__(self):
        self.heard, self._news = [], threading.Condition()

    def send(self, text):
        with self._news:
            self.heard.append(json.loads(text))
            self._news.notify_all()

    def wait_for(self, claim):
        with self._news:
            assert self._news.wait_for(lambda: any(map(claim, self.heard)), 10)

    def of(self, kind):
        return [one for one in self.heard if one["type"] == kind]


@pytest.fixture
def cluster():
    with Cluster(Kademlia, nodes=6, carrier="virtual", seed=7) as cluster:
        yield cluster.wait_ready()


@pytest.fixture
def session(cluster):
    session = Session(cluster, None, Settings())
    session.start()
    yield session
    session.close()


def fold(messages):
    """Return states and edges after a hello and the frames that follow."""
    states, edges = {}, set()
    hello = next(one for one in messages if one["type"] == "hello")
    frames = hello["film"] + [
        frame for one in messages if one["type"] == "frames" for frame in one["frames"]
    ]
    number = 0
    for frame in frames:
        if frame["number"] <= number:
            continue
        number = frame["number"]
        states |= {node["name"]: node["state"] for node in frame["nodes"]}
        edges -= {tuple(edge) for edge in frame["unlinked"]}
        edges |= {tuple(edge) for edge in frame["linked"]}
    return states, edges


def test_early_and_late_ports_fold_to_what_the_cluster_is(session, cluster):
    early, late = Ear(), Ear()
    session.join(early)
    cluster.kill(2)
    cluster.advance(30)
    cluster.add(2)
    session.catch_up()
    session.join(late)
    cluster.kill(4)
    session.catch_up()

    snapshot = cluster.snapshot()
    states = {node.name: node.state for node in snapshot.nodes}
    edges = {
        (a, b, kind)
        for a, b, kinds in cluster.graph().edges.data("kinds")
        for kind in kinds
    }
    assert fold(early.heard) == fold(late.heard) == (states, edges)


def test_frames_follow_each_other_without_a_gap(session, cluster):
    ear = Ear()
    session.join(ear)
    for _ in range(5):
        cluster[1].lookup(cluster[4].id)
    session.catch_up()

    number = ear.of("hello")[0]["film"][-1]["number"]
    for message in ear.of("frames"):
        assert message["after"] == number
        number = message["frames"][-1]["number"]


def test_every_node_has_a_place_and_keeps_it(session, cluster):
    ear = Ear()
    session.join(ear)
    before = dict(ear.of("hello")[0]["places"])

    cluster.add(3)
    session.catch_up()

    after = before | {
        name: place
        for message in ear.of("frames")
        for name, place in message["places"].items()
    }
    assert len(after) == 9
    assert {name: after[name] for name in before} == before


def test_a_new_layout_reaches_every_port(session, cluster):
    ears = Ear(), Ear()
    for ear in ears:
        session.join(ear)

    session.relayout("force")

    told = [ear.of("places")[0]["places"] for ear in ears]
    assert told[0] == told[1]
    assert sorted(told[0]) == [node.name for node in cluster]
    later = Ear()
    session.join(later)
    assert later.of("hello")[0]["places"] == told[0]


def test_settings_reach_every_port_and_wrong_ones_none(session):
    ear = Ear()
    session.join(ear)

    session.hear({"type": "set", "from": "me", "changes": {"color_by": "load"}}, print)
    session.hear({"type": "set", "changes": {"color_by": "mood"}}, print)
    session.hear({"type": "set", "changes": 7}, print)

    assert session.settings["color_by"] == "load"
    assert ear.of("set") == [
        {"type": "set", "from": "me", "changes": {"color_by": "load"}}
    ]


def test_a_path_is_played_by_those_who_come_later_too(session, cluster):
    cluster[1].lookup(cluster[4].id)

    count = session.play(cluster.trace.of(Finished)[-1], 0.5)

    ear = Ear()
    session.join(ear)
    played = ear.of("hello")[0]["play"]
    assert len(played["hops"]) == count > 0
    assert played["speed"] == 0.5


def test_a_closed_cluster_ends_the_view_with_a_sentence(session, cluster):
    ear, late = Ear(), Ear()
    session.join(ear)

    cluster.close()

    ear.wait_for(lambda one: one["type"] == "ended")
    assert ear.heard[-1]["text"] == ENDED
    session.join(late)
    assert late.of("hello")[0]["about"]["can"] == []


def test_the_model_is_what_pyvis_makes_of_the_overlay(session, cluster):
    model = session.hello()["model"]

    pairs = nx.Graph(cluster.graph()).number_of_edges()
    assert len(model["nodes"]) == 6
    assert len({edge["id"] for edge in model["edges"]}) == len(model["edges"]) == pairs
    assert model["options"]["physics"]["enabled"] is False


def test_nested_data_is_cut_where_it_is_too_long():
    text = readable({"rows": [{"number": i} for i in range(1000)]})

    assert text.splitlines()[:2] == ["rows:", "  - number: 0"]
    assert text.endswith("more lines")
    assert len(text.splitlines()) == MOST_LINES + 1
