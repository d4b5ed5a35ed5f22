"""One bench for both drivers: the same verbs over virtual time and over sockets."""

from __future__ import annotations

import asyncio

import pytest

from p2pkit.faults import Plan
from p2pkit.net import Network
from p2pkit.sim import Simulation


class VirtualBench:
    """Nodes in virtual time."""

    is_virtual = True

    def __init__(self, seed=7):
        self.records = []
        self.faults = Plan()
        self.driver = Simulation(
            seed=seed, faults=self.faults, on_record=self.records.append
        )

    def add(self, name, kind, listen=None, **options):
        listen = listen or (f"127.0.0.{int(name[1:]) + 1}", 0)
        return self.driver.add(name, kind, listen, **options)

    def until(self, condition, limit_s=10.0):
        return self.driver.run_until(condition, limit_s)

    def run(self, operation, limit_s=10.0):
        return self.driver.run(operation, limit_s)

    def turn(self):
        """Let everything happen that is due at once."""
        self.driver.advance(0.05)

    def close(self):
        pass


class SocketBench(VirtualBench):
    """Nodes on real sockets."""

    is_virtual = False

    def __init__(self, seed=7):
        self.records = []
        self.faults = Plan()
        self.runner = asyncio.Runner()
        self.driver = self.runner.run(self._open(seed))

    async def _open(self, seed):
        network = Network(seed=seed, faults=self.faults, on_record=self.records.append)
        # Entered and left by hand: a task group belongs to one task, so one task
        # holds it open until the bench is closed.
        self._closing = asyncio.Event()
        opened = asyncio.Event()
        self._holder = asyncio.get_running_loop().create_task(
            self._hold(network, opened)
        )
        await opened.wait()
        return network

    async def _hold(self, network, opened):
        async with network:
            opened.set()
            await self._closing.wait()

    def add(self, name, kind, listen=None, **options):
        async def add():
            return VirtualBench.add(self, name, kind, listen, **options)

        return self.runner.run(add())

    def until(self, condition, limit_s=10.0):
        return self.runner.run(self.driver.run_until(condition, limit_s))

    def run(self, operation, limit_s=10.0):
        return self.runner.run(self.driver.run(operation, limit_s))

    def turn(self):
        async def turn():
            rang = asyncio.Event()
            self.driver.wheel.add(0.05, rang.set)
            await rang.wait()

        self.runner.run(turn())

    def close(self):
        async def close():
            self._closing.set()
            await self._holder

        self.runner.run(close())
        self.runner.close()


@pytest.fixture(params=[VirtualBench, SocketBench], ids=["sim", "net"])
def bench(request):
    bench = request.param()
    yield bench
    bench.close()
