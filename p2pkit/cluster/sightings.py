"""What single nodes say and hold: their last messages, their traffic, their tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from p2pkit.cluster.asking import COMMAND_S
from p2pkit.cluster.compact import unfold
from p2pkit.core import ClusterError, Counters, Sighting, Tally

if TYPE_CHECKING:
    from p2pkit.cluster.run import Run
    from p2pkit.cluster.seat import Seat


def traffic(run: Run, a: int, b: int) -> dict[str, Tally]:
    """Return the messages and bytes that two nodes sent each other, by kind."""
    one, two = run.seat_at(a), run.seat_at(b)
    if not run.watching.is_on:
        reason = (
            "nobody counts what passes between nodes: open a feed with "
            "cluster.frames() first, and keep it open"
        )
        raise ClusterError(reason)
    found: dict[str, Tally] = {}
    for seat, other in {(one, two), (two, one)}:
        for to, kind, messages, payload_bytes in (
            _ask(run, seat, "traffic", seat.name) or ()
        ):
            if run.newsroom.names.of_address(to) == other.name:
                tally = found.setdefault(kind, Tally())
                tally.messages += messages
                tally.payload_bytes += payload_bytes
    return dict(sorted(found.items()))


def counters(run: Run, index: int) -> Counters:
    """Return the counters of one node; those of a gone process are gone too."""
    seat = run.seat_at(index)
    found: list[Counters] | None = _ask(run, seat, "counters", [seat.name])
    return seat.snapshot().counters if found is None else found[0]


def recent(run: Run, index: int) -> list[Sighting]:
    """Return the last messages of one node, oldest first."""
    seat = run.seat_at(index)
    if not run.watching.is_on:
        return []
    return _ask(run, seat, "recent", seat.name) or []


def details(run: Run, index: int) -> dict[str, Any]:
    """Return what one node's `inspect` tells; of a paused process what it told last."""
    seat = run.seat_at(index)
    if seat.last is not None:
        return seat.last.details or {}
    if seat.state == "dead" or not run.carrier.is_up(seat.host):
        return {}
    look = run.ask(seat.host, "look", True, [seat.name], timeout_s=COMMAND_S)
    seen = unfold(look, {seat.name: (seat.id, seat.address)})[seat.name]
    return seen.details or {}


def _ask(run: Run, seat: Seat, command: str, what: Any) -> Any:
    """Ask a node's host; None if it is gone, or its process is paused."""
    if seat.last is not None or not run.carrier.is_up(seat.host):
        return None
    return run.ask(seat.host, command, what, timeout_s=COMMAND_S)
