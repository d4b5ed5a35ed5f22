"""Virtual time: the same seed gives the same run, to the byte, and it is fast."""

import subprocess
import sys

import pytest

from p2pkit.core import LocalProtocolError
from p2pkit.faults import Bandwidth, Constant, Exponential, Link, Loss, Plan
from p2pkit.sim import Simulation
from tests.contract.protocols import Speaker, Talker


def gossip(seed, kind=Speaker, nodes=20):
    """Have nodes talk at random under faults; return the simulation."""
    link = Link(latency=Exponential(0.02), duplication=0.1, reordering=0.1)
    plan = Plan([Loss(0.1)], link)
    simulation = Simulation(seed=seed, faults=plan)
    members = [
        simulation.add(f"n{i:02}", kind, (f"127.0.1.{i + 1}", 7000))
        for i in range(nodes)
    ]
    addresses = [member.me.address for member in members]

    def talk(protocol):
        protocol.say(protocol.ctx.rng.choice(addresses), protocol.ctx.rng.randrange(99))
        protocol.ctx.after(protocol.ctx.rng.random(), lambda: talk(protocol))

    for member in members:
        if kind is Talker:
            for address in addresses:
                member.protocol.connect(address)
        talk(member.protocol)
    simulation.advance(20.0)
    return simulation


@pytest.mark.parametrize("kind", [Speaker, Talker])
def test_the_same_seed_gives_the_same_bytes_at_the_same_times(kind):
    digests = [gossip(seed, kind).wire_digest for seed in (7, 7, 8)]

    assert digests[0] == digests[1]
    assert digests[0] != digests[2]


def test_the_order_of_hashes_does_not_matter():
    code = "from tests.sim.test_simulation import gossip; print(gossip(7).wire_digest)"

    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert digests == {f"{gossip(7).wire_digest}\n".encode()}


def test_adding_a_node_does_not_reshuffle_the_others():
    small, large = gossip(7, nodes=3), gossip(7, nodes=4)

    assert small.nodes["n01"].me.id == large.nodes["n01"].me.id


def test_time_stands_still_between_calls_and_moves_by_what_was_asked():
    simulation = Simulation(seed=7)

    simulation.advance(1.5)

    assert simulation.now() == 1.5
    assert not simulation.run_until(lambda: False, 2.0)
    assert simulation.now() == 3.5


def test_time_cannot_be_moved_from_inside_a_call():
    simulation = Simulation(seed=7)
    node = simulation.add("n00", Speaker, ("127.0.0.1", 0))
    caught = []

    def move():
        try:
            simulation.advance(1.0)
        except LocalProtocolError as error:
            caught.append(error)

    node.protocol.ctx.after(0.1, move)
    simulation.advance(1.0)

    assert "cannot be moved from inside" in str(caught[0])


def test_datagrams_to_nobody_are_counted():
    simulation = Simulation(seed=7)
    node = simulation.add("n00", Speaker, ("127.0.0.1", 0))

    node.protocol.say(("127.0.0.9", 9), 1)
    simulation.advance(1.0)

    assert simulation.unheard == 1


def test_the_default_link_takes_ten_milliseconds():
    simulation = Simulation(seed=7)
    one = simulation.add("n00", Speaker, ("127.0.0.1", 0))
    two = simulation.add("n01", Speaker, ("127.0.0.2", 0))

    one.protocol.say(two.me.address, 1)
    simulation.advance(1.0)

    assert two.protocol.heard[0][0] == 0.01


def test_a_shorter_link_lets_later_datagrams_overtake():
    simulation = Simulation(seed=7, faults=Plan(link=Link()))
    one = simulation.add("n00", Speaker, ("127.0.0.1", 0))
    two = simulation.add("n01", Speaker, ("127.0.0.2", 0))
    simulation.faults.link = Simulation(seed=7).faults.link
    one.protocol.say(two.me.address, 1)
    simulation.faults.link = Link()
    one.protocol.say(two.me.address, 2)

    simulation.advance(1.0)

    assert two.protocol.numbers() == [2, 1]


def test_ten_thousand_nodes_fit():
    simulation = Simulation(seed=7)
    for i in range(10_000):
        simulation.add(f"n{i:05}", Speaker, (f"127.0.{i >> 8}.{i & 255}", 7000))
    nodes = list(simulation.nodes.values())
    for number, node in enumerate(nodes):
        node.protocol.say(nodes[number - 1].me.address, number)

    simulation.advance(1.0)

    assert sum(len(node.protocol.heard) for node in nodes) == 10_000


def test_a_link_that_queues_remembers_nothing_from_the_run_before():
    link = Link(latency=Constant(0.01), bandwidth=Bandwidth(2_000))

    digests = []
    for _ in range(2):
        simulation = Simulation(seed=7, faults=Plan(link=link))
        first, second = (
            simulation.add(f"n{i}", Speaker, (f"127.0.1.{i + 1}", 7000)) for i in (0, 1)
        )
        for number in range(20):
            first.protocol.say(second.me.address, number)
        simulation.advance(60)
        digests.append(simulation.wire_digest)

    assert digests[0] == digests[1]
