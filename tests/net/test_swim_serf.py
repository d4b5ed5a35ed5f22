"""A serf agent, which nobody here wrote, is a member like any other."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest

from p2pkit.core import Record
from p2pkit.net import Network
from p2pkit.protocols.swim import Swim, SwimConfig
from p2pkit.protocols.swim.messages import ViewChanged
from p2pkit.protocols.swim.suspicion import shortest_s
from tests.net.serf_agent import SERF, SerfAgent

pytestmark = [
    pytest.mark.skipif(SERF is None, reason="serf is not installed: apt install serf"),
    pytest.mark.timeout(90, method="thread"),  # real periods of a second each
]

CONFIG = SwimConfig.local(probe_s=0.5, dead_probe_s=2.0)
LIMIT_S = 30.0
ALIVE, FAILED, LEFT = "alive", "failed", "left"


def host(number: int) -> str:
    """Return a host of this process's own, so that tests may run side by side."""
    return f"127.{77 + number}.{os.getpid() >> 8 & 255}.{os.getpid() & 255 or 1}"


class Watch:
    """Three nodes of ours, and when they changed their minds about others."""

    def __init__(self) -> None:
        self.changes: list[tuple[float, str, str, str]] = []

    def on_record(self, record: Record) -> None:
        event = record.event
        if isinstance(event, ViewChanged):
            self.changes.append((record.at_s, record.node, event.name, event.state))

    async def open(self, network: Network) -> list[Any]:
        nodes = [
            network.add(f"n{i:02}", Swim, (host(i), 7946), config=CONFIG)
            for i in range(3)
        ]
        for i, node in enumerate(nodes):
            known = [one.me.address for one in nodes[:i]]
            await network.run(node.protocol.bootstrap(known), LIMIT_S)
        return nodes

    def when(self, name: str, state: str) -> list[float]:
        """Return when each node of ours came to believe that of `name`, in order."""
        return [at for at, _, one, what in self.changes if (one, what) == (name, state)]


def status(members: dict[str, Any], node: Any) -> str | None:
    found = members.get(node.protocol.name)
    return found and found["status"]


@pytest.mark.parametrize(
    "options", [[], ["-disable-compression"]], ids=["lzw", "plain"]
)
def test_an_agent_joins_and_each_side_lists_the_other_and_notices_its_death(
    options: list[str],
) -> None:
    async def scenario() -> None:
        watch = Watch()
        network = Network(seed=7, on_record=watch.on_record)
        async with network, SerfAgent("visitor", host(9), *options) as agent:
            nodes = await watch.open(network)
            await agent.join(nodes[1].me.address)

            seen = await agent.sees(
                lambda members: {status(members, node) for node in nodes} == {ALIVE}
            )
            assert len(seen) == 4
            assert seen[nodes[0].protocol.name]["tags"] == {"role": "p2pkit"}
            assert await network.run_until(
                lambda: len(watch.when("visitor", ALIVE)) >= 3, LIMIT_S
            )
            rejected = {name for node in nodes for name in node.counters.rejected}
            assert rejected <= {"claim of a stranger"}

            nodes[2].kill()
            await agent.sees(lambda members: status(members, nodes[2]) == FAILED)

            await agent.kill()
            began_s = network.now()
            assert await network.run_until(
                lambda: len(watch.when("visitor", "dead")) >= 2, LIMIT_S
            )
            # Found in at most 2n - 1 periods and one for the probe; then suspected.
            most_s = shortest_s(CONFIG, 3) * CONFIG.suspicion_max_mult
            most_s += CONFIG.probe_s * (2 * 3 - 1 + 1)
            assert watch.when("visitor", "dead")[1] - began_s < most_s

    asyncio.run(scenario())


def test_an_agent_that_leaves_has_left_and_one_that_comes_back_is_alive() -> None:
    async def scenario() -> None:
        watch = Watch()
        network = Network(seed=7, on_record=watch.on_record)
        async with network:
            nodes = await watch.open(network)
            join = f"-join={nodes[0].me.address[0]}:7946"
            async with SerfAgent("visitor", host(9), join) as agent:
                await agent.sees(lambda members: len(members) == 4)
                await agent.leave()
            assert await network.run_until(
                lambda: len(watch.when("visitor", LEFT)) == 3, LIMIT_S
            )

            async with SerfAgent("visitor", host(9), join):
                assert await network.run_until(
                    lambda: len(watch.when("visitor", ALIVE)) == 6, LIMIT_S
                )

    asyncio.run(scenario())


def test_a_node_of_ours_that_stops_has_left_for_an_agent() -> None:
    async def scenario() -> None:
        watch = Watch()
        network = Network(seed=7, on_record=watch.on_record)
        async with network, SerfAgent("visitor", host(9)) as agent:
            nodes = await watch.open(network)
            await agent.join(nodes[0].me.address)
            await agent.sees(
                lambda members: {status(members, node) for node in nodes} == {ALIVE}
            )

            nodes[2].stop()

            # To serf a goodbye without its own word for it is a failure.
            await agent.sees(lambda m: status(m, nodes[2]) in (FAILED, LEFT))

    asyncio.run(scenario())
