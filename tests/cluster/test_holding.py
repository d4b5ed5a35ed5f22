"""All hosts stand still for a moment, and go on whatever becomes of who asked."""

import pytest

from p2pkit import Cluster
from p2pkit.cluster import holding
from p2pkit.cluster.holding import hold
from tests.cluster.chatter import Chatter


@pytest.fixture
def cluster():
    with Cluster(Chatter, 4, 2, seed=7, progress="none") as cluster:
        addresses = cluster.addresses
        for node, to in zip(cluster, addresses[1:] + addresses[:1], strict=True):
            node.chat(to)
        yield cluster


def sent(held):
    return [
        weight.wire.sent for one in held.ask("weigh") for weight in one.nodes.values()
    ]


def test_while_they_stand_still_nobody_sends(cluster):
    with hold(cluster.run) as held:
        first, second = sent(held), sent(held)

    assert first == second
    assert sum(first) > 0


def test_they_go_on_where_they_stood_and_do_what_was_asked_meanwhile(cluster):
    run = cluster.run

    with hold(run) as held:
        before = sent(held)
        asked = run.carrier.begin(0, "look", False)
        assert sent(held) == before
        assert not asked.done()

    def have_gone_on(cluster):
        weighed = [run.carrier.begin(host, "weigh").result(10) for host in range(2)]
        after = [one.wire.sent for host in weighed for one in host.nodes.values()]
        return all(x > y for x, y in zip(after, before, strict=True))

    assert asked.result(10)
    cluster.wait_until(have_gone_on, 10)


def test_a_host_that_cannot_answer_is_left_out(cluster, monkeypatch):
    monkeypatch.setattr(holding, "WAIT_S", 0.2)
    stuck = cluster.run.carrier.begin(1, "call", "n01", "hang", (), {})

    with hold(cluster.run) as held:
        assert held.hosts == [0]

    assert not stuck.done()
