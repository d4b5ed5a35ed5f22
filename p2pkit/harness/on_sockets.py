"""Playing on sockets: a scenario on the loopback, in real time.

It shows that a class works outside virtual time. Timing is the machine's, so checks
should ask what must hold, and not when.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from p2pkit.faults import Plan
from p2pkit.harness.journal import Journal
from p2pkit.harness.playing import Until
from p2pkit.harness.run import Run
from p2pkit.harness.scenario import Scenario
from p2pkit.harness.stage import Stage
from p2pkit.net import Network

HOST = "127.0.0.1"


def play_on_sockets(
    protocol: type[Any], scenario: Scenario, until: Until | None = None
) -> Run:
    """Run a scenario on real sockets, every node in this process.

    Parameters
    ----------
    protocol : type
        What `Subject.protocol` returned.
    scenario : Scenario
        What to run; nodes are ports of 127.0.0.1.
    until : callable, optional
        Ends the run early, once it holds; else it lasts ``scenario.lasts_s``.

    Returns
    -------
    Run
        What came of it. It may have been cut short, and nodes may have failed: see
        `require_whole`.
    """
    # A notebook has an event loop already, so this one has a thread of its own.
    with ThreadPoolExecutor(1, "sockets") as thread:
        return thread.submit(asyncio.run, _play(protocol, scenario, until)).result()


async def _play(protocol: type[Any], scenario: Scenario, until: Until | None) -> Run:
    network = Network(seed=scenario.seed, faults=Plan(link=scenario.link))
    run = Run(scenario, Journal({}, network.now, scenario.most_messages))
    network.on_record, network.tap = run.records.append, run.journal
    async with network:
        stage = Stage(network, run, protocol, lambda number: (HOST, 0))
        for at_s, call in stage.calendar():
            await _pass(network, run, until, at_s)
            call()
        await _pass(network, run, until, scenario.lasts_s)
    run.note_failures()
    return run


async def _pass(network: Network, run: Run, until: Until | None, at_s: float) -> None:
    """Let time pass until a moment of the run, unless it is over before."""
    if at_s > network.now():
        await network.run_until(
            lambda: run.was_cut_short or (until is not None and until(run)),
            at_s - network.now(),
        )
