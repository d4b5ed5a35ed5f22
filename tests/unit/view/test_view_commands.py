"""What a view may ask: checked arguments, sentences, and who answers."""

import threading

import pytest

from p2pkit import Cluster
from p2pkit.core import Finished, LocalProtocolError
from p2pkit.protocols import Kademlia, Rumor
from p2pkit.view import commands
from p2pkit.view.clockwork import Clockwork
from p2pkit.view.messages import sentence
from p2pkit.view.worker import FULL, MOST_WAITING, Workers


@pytest.fixture
def cluster():
    with Cluster(Kademlia, nodes=6, carrier="virtual", seed=7) as cluster:
        yield cluster.wait_ready()


@pytest.fixture
def desk(cluster):
    desk = commands.Desk(cluster, Clockwork(cluster, 1.0, lambda *_: None))
    yield desk
    desk.close()


def do(desk, name, **arguments):
    return commands.read(name, arguments).do(desk)


def test_nodes_are_killed_restarted_paused_and_resumed_by_name(desk, cluster):
    for name, state in [
        ("kill", "dead"),
        ("restart", "alive"),
        ("pause", "paused"),
        ("resume", "alive"),
    ]:
        assert "n03" in do(desk, name, node="n03")["said"]
        assert cluster[3].state == state


def test_a_lookup_finds_and_names_its_path(desk):
    answer = do(desk, "lookup", node="n02")

    assert answer["path"] == ("n02", "lookup")
    assert answer["said"].startswith("n02 looked up")


def test_what_is_published_can_be_got(desk, cluster):
    said = do(desk, "publish", node="n02", text="hello")["said"]

    assert said.startswith('n02 published "hello": ')
    key = cluster.trace.of(Finished)[-1].event.target
    assert cluster[4].get(key) == b"hello"


def test_details_are_readable(desk):
    sections = dict(do(desk, "details", node="n01")["value"])

    assert list(sections["Counters"][0]) == ["", "sent", "received"]
    assert "buckets:" in sections["What it holds"]


def test_loss_and_latency_leave_each_other_alone(desk, cluster):
    do(desk, "loss", value=0.25)
    do(desk, "latency", value=0.125)

    assert cluster.run.link.loss == 0.25
    assert cluster.run.link.latency.delay_s == 0.125


def test_churn_takes_nodes_and_brings_them_back(desk, cluster):
    do(desk, "churn", value=60)
    ends = [cluster.advance(1) or cluster.alive for _ in range(20)]

    assert 0 < min(map(len, ends)) < 6
    do(desk, "churn", value=0)
    assert [one.state for one in cluster] == ["alive"] * 6
    before = len(cluster.trace)
    cluster.advance(20)
    assert [one.state for one in cluster] == ["alive"] * 6
    assert len(cluster.trace) >= before


def test_virtual_time_runs_and_halts(desk, cluster):
    moved = threading.Event()
    desk.clockwork = Clockwork(cluster, 50.0, lambda *_: moved.set())
    began_s = cluster.now()

    do(desk, "run")
    assert moved.wait(10)
    do(desk, "halt")

    stood_s = cluster.now()
    assert stood_s > began_s
    assert not desk.clockwork.is_running
    assert cluster.now() == stood_s


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("explode", {}, "no command 'explode'; there are kill"),
        ("kill", {}, "missing required field `node`"),
        ("kill", {"node": 3}, "Expected `str`"),
        ("kill", {"node": "n" * 101}, "length <= 100"),
        ("loss", {"value": 2}, "<= 1.0"),
        ("loss", {"value": "all"}, "Expected `float`"),
        ("latency", {"value": -1}, ">= 0"),
        ("speed", {"value": 0}, "> 0"),
        ("step", {"messages": 10**9}, "<= 10000"),
        ("churn", None, "missing required field"),
    ],
)
def test_what_is_not_in_the_table_is_a_sentence(name, arguments, said):
    with pytest.raises(LocalProtocolError) as caught:
        commands.read(name, arguments)

    assert said in str(caught.value)


def test_a_node_that_is_not_there_is_a_sentence(desk):
    with pytest.raises(LocalProtocolError, match="no node n99"):
        do(desk, "kill", node="n99")


def test_a_cluster_offers_what_it_can(desk):
    there = commands.can(desk)
    assert {"lookup", "publish", "step", "run", "details"} <= set(there)
    assert "step" not in commands.can(commands.Desk(desk.cluster, None))

    with Cluster(Rumor, nodes=4, carrier="virtual", seed=7) as rumor:
        offered = commands.can(commands.Desk(rumor, None))
    assert "publish" in offered
    assert "lookup" not in offered


def test_a_command_of_a_bug_or_a_closed_cluster_is_answered(desk, cluster):
    answers = []
    workers = Workers(desk, lambda record: None)
    answered = threading.Semaphore(0)

    def answer(text):
        answers.append(text)
        answered.release()

    workers.start()
    cluster.close()
    workers.ask({"name": "kill", "args": {"node": "n01"}, "call": "7"}, answer)
    workers.ask({"name": "details"}, answer)

    assert answered.acquire(timeout=10)
    assert answered.acquire(timeout=10)
    workers.close()
    assert all('"ok":false' in one and '"error":"' in one for one in answers)


def test_commands_that_wait_are_bounded(desk):
    answers = []
    workers = Workers(desk, lambda record: None)  # not started: nobody works

    for _ in range(MOST_WAITING + 3):
        workers.ask({"name": "details", "args": {"node": "n01"}}, answers.append)

    assert len(answers) == 3
    assert all(FULL in one for one in answers)


def test_an_error_is_told_in_one_line():
    assert sentence(LocalProtocolError("two\n lines")) == "two lines"
    assert sentence(KeyError("x")) == "KeyError: 'x'"
