"""What only real sockets show: what the system refuses, and what is left behind."""

import asyncio
import os
import socket
import sys

import pytest

from p2pkit.core import TransportError
from p2pkit.faults import Constant, Link
from p2pkit.net import Network
from tests.contract.protocols import Speaker, Talker

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone counts these")


class LoopWithoutReaders(asyncio.SelectorEventLoop):
    """Like Windows' proactor: no `add_reader`, but `sock_recvfrom`."""

    def add_reader(self, fd, callback, *args):
        raise NotImplementedError

    def remove_reader(self, fd):
        raise NotImplementedError


async def in_time(work):
    """Wait for `work`; under uvloop the limit of pytest never gets its turn."""
    async with asyncio.timeout(10.0):
        await work


def uv_loop():
    return pytest.importorskip("uvloop").new_event_loop()


@pytest.fixture(params=[None, uv_loop, LoopWithoutReaders], ids=["own", "uv", "bare"])
def runner(request):
    with asyncio.Runner(loop_factory=request.param) as runner:
        yield runner


def pair(network, kind):
    return (
        network.add("n00", kind, ("127.0.0.1", 0)),
        network.add("n01", kind, ("127.0.0.2", 0)),
    )


def test_datagrams_pass_on_every_loop(runner):
    async def main():
        async with Network(seed=7) as network:
            one, two = pair(network, Speaker)
            assert await network.run(one.protocol.ask(two.me.address), 5.0) == -1
            two.pause()
            one.protocol.say(two.me.address, 1)
            two.resume()
            assert await network.run_until(lambda: 1 in two.protocol.numbers(), 5.0)

    runner.run(in_time(main()))


def test_streams_pass_on_every_loop(runner):
    async def main():
        async with Network(seed=7) as network:
            one, two = pair(network, Talker)
            one.protocol.connect(two.me.address)
            assert await network.run_until(lambda: one.protocol.peers(), 5.0)
            one.protocol.say(two.me.address, 1)
            assert await network.run_until(lambda: two.protocol.heard, 5.0)
            two.kill()
            assert await network.run_until(lambda: one.protocol.closed(), 5.0)

    runner.run(in_time(main()))


@LINUX
def test_nothing_is_left_behind(runner):
    async def main():
        async with Network(seed=7) as network:
            one, two = pair(network, Talker)
            network.add("n02", Speaker, ("127.0.0.3", 0)).protocol.ring_in(60.0)
            one.protocol.connect(two.me.address)
            await network.run_until(lambda: one.protocol.peers(), 5.0)
            one.protocol.connect(("127.0.0.9", 9))
            one.protocol.close(two.me.address)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    for _ in range(10):  # whose turn it is when it ends differs
        runner.run(in_time(main()))
    before = sorted(os.listdir("/proc/self/fd"))
    runner.run(in_time(main()))

    assert sorted(os.listdir("/proc/self/fd")) == before


def test_a_restart_at_the_same_address_hears(runner):
    async def main():
        async with Network(seed=7) as network:
            one, two = pair(network, Speaker)
            for number in range(5):
                two.kill()
                two = network.add("n01", Speaker, two.me.address)
                one.protocol.say(two.me.address, number)
                assert await network.run_until(two.protocol.numbers, 5.0)

    runner.run(in_time(main()))


def test_addresses_outside_are_refused_unless_meant():
    async def main():
        async with Network(seed=7) as network:
            with pytest.raises(TransportError, match="outside this machine's loopback"):
                network.add("n00", Speaker, ("0.0.0.0", 0))
            one = network.add("n00", Speaker, ("127.0.0.1", 0))
            for to in (("192.0.2.1", 9), ("example.org", 9), ("127.0.0.1", 0)):
                one.protocol.say(to, 1)
            assert one.counters.dropped == {"no address of ours": 3}
        async with Network(seed=7, outside=True) as network:
            network.add("n00", Speaker, ("0.0.0.0", 0))

    asyncio.run(main())


@LINUX
def test_what_the_kernel_refuses_is_counted():
    async def main():
        async with Network(seed=7, outside=True) as network:
            one = network.add("n00", Speaker, ("127.0.0.1", 0))
            one.protocol.say(("192.0.2.1", 9), 1)
            assert one.counters.dropped == {"unreachable": 1}

    asyncio.run(main())


@LINUX
def test_datagrams_that_the_kernel_dropped_are_counted():
    async def main():
        async with Network(seed=7) as network:
            one, two = pair(network, Speaker)
            for number in range(20_000):
                one.protocol.say(two.me.address, number, b"x" * 500)
            dropped = two.counters.dropped["receive buffer full"]
            await network.run_until(
                lambda: len(two.protocol.heard) == 20_000 - dropped, 5.0
            )
            assert len(two.protocol.heard) + dropped == 20_000

    asyncio.run(main())


def test_an_address_that_is_not_ours_is_one_sentence():
    async def main():
        async with Network(seed=7, outside=True) as network:
            with pytest.raises(TransportError, match="not an address of this machine"):
                network.add("n00", Speaker, ("192.0.2.1", 7000))

    asyncio.run(main())


@LINUX
def test_a_process_without_sockets_left_says_so():
    import resource

    async def main():
        async with Network(seed=7) as network:
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (1, hard))
            try:
                with pytest.raises(TransportError, match="no socket is left"):
                    network.add("n00", Speaker, ("127.0.0.1", 0))
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    asyncio.run(main())


def test_hundreds_of_sockets_serve_in_one_process():
    async def main():
        async with Network(seed=7) as network:
            nodes = [
                network.add(f"n{i:03}", Speaker, ("127.0.0.1", 0)) for i in range(400)
            ]
            for number, node in enumerate(nodes):
                node.protocol.say(nodes[number - 1].me.address, number)
            assert await network.run_until(
                lambda: all(node.protocol.heard for node in nodes), 10.0
            )

    asyncio.run(main())


def test_an_error_comes_out_of_the_network_as_it_is():
    async def main():
        async with Network(seed=7) as network:
            one = network.add("n00", Speaker, ("127.0.0.1", 0))
            network.add("n01", Speaker, one.me.address)

    with pytest.raises(TransportError, match="is taken"):
        asyncio.run(main())


def test_a_foreign_socket_is_a_peer_like_any_other():
    async def main():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as foreign:
            foreign.bind(("127.0.0.1", 0))
            foreign.settimeout(5.0)
            async with Network(seed=7) as network:
                one = network.add("n00", Speaker, ("127.0.0.1", 0))
                foreign.sendto(b"garbage", one.me.address)
                assert await network.run_until(lambda: one.counters.rejected, 5.0)
                one.protocol.say(foreign.getsockname(), 3)
            data, sender = foreign.recvfrom(2000)
            assert sender == one.me.address
            assert Speaker.codec.decode(data).number == 3

    asyncio.run(main())


def test_the_run_began_when_the_epoch_says():
    import time

    async def main():
        async with Network(seed=7, epoch_s=time.time() - 100.0) as network:
            assert 99.9 < network.now() < 105.0

    asyncio.run(main())


@LINUX
def test_no_socket_stays_for_datagrams_that_are_delayed(runner):
    def sockets():
        return len(os.listdir("/proc/self/fd"))

    async def main():
        async with Network(seed=7) as network:
            network.faults.link = Link(latency=Constant(0.02))
            one, two = pair(network, Speaker)
            before = sockets()
            one.protocol.say(two.me.address, 1)
            one.kill()
            assert sockets() == before
            assert await network.run_until(lambda: two.protocol.heard, 5.0)
            assert sockets() == before - 1
            two.protocol.say(one.me.address, 2)
            two.kill()
        assert sockets() == before - 2

    runner.run(in_time(main()))
