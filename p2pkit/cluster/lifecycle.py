"""Ending, freezing and restarting nodes of a running cluster.

Where each host process has one node, the node is the process: killing it is SIGKILL,
pausing it SIGSTOP. Elsewhere the driver does it to the node alone.
"""

from __future__ import annotations

import msgspec

from p2pkit.cluster import attackers
from p2pkit.cluster.asking import COMMAND_S
from p2pkit.cluster.compact import unfold
from p2pkit.cluster.run import Run
from p2pkit.cluster.seat import Seat
from p2pkit.core import ClusterError


def kill(run: Run, seat: Seat) -> None:
    """End a node abruptly; its disk is what `save` returned just before."""
    _require(seat, "alive", "paused")
    if not run.has_process(seat):
        seat.disk = _ask(run, seat, "kill")
        run.newsroom.begin(seat.name, f"{seat.name} killed")
    else:
        if seat.state == "alive":
            seat.disk = _ask(run, seat, "save")
        run.newsroom.begin(seat.name, f"{seat.name} killed")
        run.carrier.signal(seat.host, "kill")
    seat.state, seat.last = "dead", None
    run.retarget()


def stop(run: Run, seat: Seat) -> None:
    """Let a node say goodbye and end."""
    _require(seat, "alive")
    seat.disk = _ask(run, seat, "stop")
    seat.state = "dead"
    run.retarget()
    run.newsroom.begin(seat.name, f"{seat.name} stopped")


def pause(run: Run, seat: Seat) -> None:
    """Freeze a node: it hears nothing, and none of its timers ring."""
    _require(seat, "alive")
    if run.has_process(seat):
        # A stopped process cannot be asked, so what it knows is asked for before.
        seat.disk = _ask(run, seat, "save")
        look = run.ask(seat.host, "look", True, timeout_s=COMMAND_S)
        seen = unfold(look, {seat.name: (seat.id, seat.address)})[seat.name]
        run.carrier.signal(seat.host, "pause")
        seat.last = msgspec.structs.replace(seen, state="paused")
    else:
        _ask(run, seat, "pause")
    seat.state = "paused"
    run.newsroom.begin(seat.name, f"{seat.name} paused")


def resume(run: Run, seat: Seat) -> None:
    """Let a frozen node go on."""
    _require(seat, "paused")
    if run.has_process(seat):
        run.carrier.signal(seat.host, "resume")
        seat.last = None
    else:
        _ask(run, seat, "resume")
    seat.state = "alive"
    run.newsroom.end(seat.name)


def restart(keep_state: bool, run: Run, seat: Seat) -> None:
    """End a node if it runs, and construct it again; it has not joined yet."""
    if seat.state != "dead":
        (stop if seat.state == "alive" else kill)(run, seat)
    if not run.carrier.is_up(seat.host):
        run.carrier.revive(seat.host, run.task_now())
        for call in (run.watching.revived, *run.on_revived):
            call(seat.host)
        attackers.revived(run, seat)
    saved = seat.disk if keep_state else None
    order = [(seat.name, seat.address, saved, seat.kind)]
    run.ask(seat.host, "add", order, timeout_s=COMMAND_S)
    seat.state = "alive"
    run.retarget()
    if seat.is_attacker:
        attackers.conspire(run)
    run.newsroom.end(seat.name)


def _ask(run: Run, seat: Seat, command: str) -> bytes | None:
    saved: bytes | None = run.ask(seat.host, command, seat.name, timeout_s=COMMAND_S)
    return saved


def _require(seat: Seat, *states: str) -> None:
    if seat.state not in states:
        reason = f"{seat.name} is {seat.state}, and this needs it {' or '.join(states)}"
        raise ClusterError(reason)
