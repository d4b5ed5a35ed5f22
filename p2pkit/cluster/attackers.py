"""Attackers among the nodes of a run: seated apart, held back, told of each other.

They have host processes of their own, as an attacker has machines of their own, and
addresses in /24s of their own: one for each machine. From the first attacker on every
host is confined to the cluster's own nodes, see `core.targets`; there is no way back.
"""

from __future__ import annotations

from p2pkit.cluster import source
from p2pkit.cluster.asking import COMMAND_S
from p2pkit.cluster.carrier import MAIN, Kind
from p2pkit.cluster.run import Run
from p2pkit.cluster.seat import Seat
from p2pkit.cluster.wire import pack
from p2pkit.core import Contact


def seat(run: Run, kind: Kind, count: int, machines: int, processes: int) -> list[Seat]:
    """Let attackers listen, confined before they do; they have not joined yet.

    Raises
    ------
    ClusterError
        If there is no room for so many, or hosts cannot load their class.
    """
    others = len(run.seats)
    before = sum(one.is_attacker for one in run.seats)
    places = count, machines, others - before, before
    listen = run.addresses.of_attackers(*places)
    hosts = run.carrier.grow(processes, run.task_now())
    run.is_confined = True
    run.retarget()
    for host in hosts:
        if host >= run.homes:
            for call in (run.watching.revived, *run.on_revived):
                call(host)
    run.kinds.append(kind)
    number = len(run.kinds) - 1
    _enlist(run, [(host, number) for host in hosts])
    width = max(2, len(str(before + count - 1)))
    seats = [
        run.new_seat(
            others + one, f"x{before + one:0{width}d}", hosts[one % len(hosts)], number
        )
        for one in range(count)
    ]
    run.place(seats, listen)
    conspire(run)
    return seats


def conspire(run: Run) -> None:
    """Tell the attackers that run of each other, as one operator knows its own."""
    gang = [one for one in run.seats if one.is_attacker and one.state == "alive"]
    fellows = [Contact(one.id, one.address) for one in gang]
    orders = {
        host: ([one.name for one in gang if one.host == host], fellows)
        for host in dict.fromkeys(one.host for one in gang)
    }
    run.ask_each("conspire", orders, COMMAND_S)


def revived(run: Run, seat: Seat) -> None:
    """Have a host process that was started again obey what the one before did."""
    run.retarget()
    numbers = {one.kind for one in run.seats if one.host == seat.host} - {MAIN}
    _enlist(run, [(seat.host, number) for number in sorted(numbers)])


def _enlist(run: Run, orders: list[tuple[int, int]]) -> None:
    """Have hosts know kinds of nodes: numbers of hosts and of kinds."""
    futures = []
    for host, number in orders:
        kind = run.kinds[number]
        lines = source.gather(kind.protocol_class)
        begin = run.carrier.begin
        futures.append(begin(host, "enlist", number, pack(kind), lines))
    for one in futures:
        run.result(one, "enlist", COMMAND_S)
