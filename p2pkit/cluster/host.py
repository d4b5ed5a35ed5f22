"""A host process: some nodes on one event loop, told what to do by the controller."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, cast

import msgspec
import zmq
import zmq.utils.monitor

from p2pkit.cluster import news, source
from p2pkit.cluster.beat import next_beat_s
from p2pkit.cluster.enlisted import not_importable
from p2pkit.cluster.holding import HOLD_S
from p2pkit.cluster.population import Population
from p2pkit.cluster.thrift import Thrift
from p2pkit.cluster.wire import (
    Handover,
    connect_dealer,
    pack_error,
    pack_news,
    pack_records,
    pack_reply,
    unpack,
)
from p2pkit.core import ClusterError, Operation, Record
from p2pkit.core.collector import patient_collector
from p2pkit.faults import Plan
from p2pkit.net import Network

ALONE_S = 5.0
"""How long a host lives on when the control connection is gone."""
BATCH_S = 0.05
"""How long records are collected before they are sent."""
WHILE_HELD = frozenset({"weigh", "tap", "untap"})
"""Commands that a host obeys while it stands still, see `holding`."""
MAX_RECORDS = 20_000
"""Records that wait for the next batch at most; more are counted and let go."""


def serve(handover: Handover, identity: bytes, life_line: int) -> None:
    """Be a host until the controller is gone, which ends the file `life_line`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the controller's affair
    # A thread, so that a protocol that never returns cannot keep the process alive.
    threading.Thread(target=_end_with, args=[life_line], daemon=True).start()
    with patient_collector(), asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(Host(handover, identity).run())


def main() -> None:
    """Be a host that was spawned: stdin brings the handover, and is the life line."""
    order = json.loads(sys.stdin.buffer.readline())
    handover = msgspec.convert(order["handover"], Handover)
    sys.path[:] = handover.sys_path
    serve(handover, order["identity"].encode(), sys.stdin.fileno())


class Host:
    """The control connection of a host process, and what arrives on it."""

    def __init__(self, handover: Handover, identity: bytes) -> None:
        self._context = zmq.Context()
        self._dealer = connect_dealer(self._context, handover, identity)
        self._monitor = self._dealer.get_monitor_socket(
            zmq.EVENT_DISCONNECTED | zmq.EVENT_HANDSHAKE_SUCCEEDED
        )
        self._alone: asyncio.TimerHandle | None = None
        self._records: list[Record] = []
        self._let_go = 0
        self._thrift = Thrift()
        self._news_timer: asyncio.TimerHandle | None = None
        self._population: Population | None = None

    async def run(self) -> None:
        """Serve until the process ends."""
        self._loop = asyncio.get_running_loop()
        self._setup: asyncio.Future[tuple[int, dict[str, Any]]]
        self._setup = self._loop.create_future()
        self._listen(self._dealer, self._on_message)
        self._listen(self._monitor, self._on_connection)
        self._send(pack_reply("hello", 0, os.getpid()))
        call, setup = await self._setup
        try:
            protocol_class, config = unpack(setup["code"])
        except Exception as error:  # noqa: BLE001  # an import may raise anything
            self._send(pack_error(call, not_importable(error)))
            await self._loop.create_future()  # until the controller ends us
            return
        source.install(setup["lines"])
        plan = Plan(setup["rules"], setup["link"])
        network = Network(
            seed=setup["seed"],
            faults=plan,
            on_record=self._on_record,
            epoch_s=setup["epoch_s"],
        )
        async with network:
            self._population = Population(network, protocol_class, config, plan)
            self._send(pack_reply("done", call, os.getpid()))
            await self._loop.create_future()

    def _listen(
        self, socket: zmq.Socket[bytes], on_frames: Callable[[list[bytes]], None]
    ) -> None:
        """Call `on_frames` for each message on a ZeroMQ socket.

        Its descriptor tells of changes only, and any use of the socket may consume
        one: so read until nothing is left, and look again after each send.
        """

        def pump() -> None:
            while cast("int", socket.events) & zmq.POLLIN:
                on_frames(socket.recv_multipart(zmq.NOBLOCK))

        self._loop.add_reader(socket.fileno(), pump)
        self._loop.call_soon(pump)
        if socket is self._dealer:
            self._pump = pump

    def _send(self, data: bytes) -> None:
        self._dealer.send(data, zmq.NOBLOCK)
        self._loop.call_soon(self._pump)

    def _on_message(self, frames: list[bytes]) -> None:
        call, command, args = unpack(frames[0])
        if command == "setup":
            self._setup.set_result((call, args[0]))
        elif command == "release":
            self._send(pack_reply("done", call, None))  # too late: it went on already
        elif command == "hold":
            self._hold(call)
        elif command == "flush":
            self._send_records()
            self._send_news(None)
            self._send(pack_reply("done", call, None))
        else:
            self._obey(call, command, args)

    def _hold(self, call: int) -> None:
        """Stand still, and obey what may be done meanwhile, until released."""
        self._send(pack_reply("done", call, None))
        deadline_s = self._loop.time() + HOLD_S
        later = []
        while (left_s := deadline_s - self._loop.time()) > 0:
            if not self._dealer.poll(int(left_s * 1000) + 1):
                continue
            frames = self._dealer.recv_multipart(zmq.NOBLOCK)
            number, command, args = unpack(frames[0])
            if command == "release":
                self._send(pack_reply("done", number, None))
                break
            if command in WHILE_HELD:
                self._obey(number, command, args)
            else:
                later.append(frames)
        for frames in later:
            self._on_message(frames)

    def _obey(self, call: int, command: str, args: tuple[Any, ...]) -> None:
        assert self._population is not None, "a command came before the setup"
        try:
            operation = self._population.do(command, *args)
        except Exception as error:  # noqa: BLE001  # goes to who gave the command
            self._send(pack_error(call, error))
            return
        operation.then(lambda done: self._reply(call, done))

    def _reply(self, call: int, operation: Operation[Any]) -> None:
        self._send_records()  # so that who has the result also has its trace
        if operation.verb == "watch":
            self._send_news(None)  # so that who watches begins with all of it
            self._news_timer = self._news_timer or self._later()
        if operation.error is not None:
            self._send(pack_error(call, operation.error))
            return
        try:
            data = pack_reply("done", call, operation.result)
        except Exception as error:  # noqa: BLE001  # pickling may raise anything
            sentence = f"the result of {operation.verb} cannot be sent: {error}"
            data = pack_error(call, ClusterError(sentence))
        self._send(data)

    def _on_record(self, record: Record) -> None:
        if self._population is not None:
            self._population.saw(record)
        if len(self._records) >= MAX_RECORDS:
            self._let_go += 1
            return
        if not self._records:
            self._loop.call_later(BATCH_S, self._send_records)
        self._records.append(record)

    def _send_records(self) -> None:
        if self._records:
            records, let_go = self._records, self._let_go
            self._records, self._let_go = [], 0
            self._send(pack_records(let_go, records))

    def _later(self) -> asyncio.TimerHandle:
        return self._loop.call_later(next_beat_s(), self._on_news_timer)

    def _on_news_timer(self) -> None:
        telemetry = self._population and self._population.telemetry
        self._news_timer = self._later() if telemetry else None
        if telemetry:
            self._send_news(self._thrift.budget_s(telemetry.sent))

    def _send_news(self, budget_s: float | None) -> None:
        found = self._population and self._population.news(budget_s)
        if found:
            self._send(pack_news(news.encode(found)))

    def _on_connection(self, frames: list[bytes]) -> None:
        event = zmq.utils.monitor.parse_monitor_message(frames)["event"]
        if self._alone is not None:
            self._alone.cancel()
            self._alone = None
        if event == zmq.EVENT_DISCONNECTED:
            self._alone = self._loop.call_later(ALONE_S, os._exit, 0)


def _end_with(life_line: int) -> None:
    while os.read(life_line, 64):
        pass
    os._exit(0)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop
    except ImportError:
        return asyncio.SelectorEventLoop  # ZeroMQ needs `add_reader` on every system
    return uvloop.new_event_loop
