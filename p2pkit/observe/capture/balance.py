"""The balance of a capture: what the kernel saw, what was kept, what nodes counted.

A capture that lost packets looks like any other. So each one is weighed against two
counts that do not depend on it: the kernel's own, and those of the nodes. All are
taken while the nodes stand still, so they agree to the packet.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from p2pkit.net.wire_count import WireCount
from p2pkit.observe.capture.recorder import Report


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """Packets and datagrams of one capture, counted by everybody who saw them.

    Parameters
    ----------
    seen, dropped, freezes : int
        Packets that came to the capture, those among them that found it full, and how
        often it was full.
    unsaved : int
        Packets that came but could not be kept: a full disk, or the limit.
    kept : int
        Packets in the file.
    trouble : str
        What befell the capture, as a sentence; empty if nothing did.
    sent, sent_bytes : int
        Datagrams that nodes handed to the kernel, and their payload; of nodes that
        could be asked.
    from_nodes : int
        Datagrams in the file that come from their addresses.
    received, socket_drops, in_flight : int
        What became of datagrams to nodes: taken by the node; dropped because its
        socket was full; more of them in its socket at the end than at the beginning.
        Of nodes that were there all the time, or have come and stayed.
    to_nodes : int
        Datagrams in the file that go to their addresses.
    to_absent : int
        Datagrams in the file to all other nodes.
    stream_sent, stream_received : int
        Bytes of streams that nodes gave to the wire, and that reached them from it.
    stream_from_nodes, stream_to_nodes : int
        Bytes of the same streams in the file, each counted once however often it was
        sent.
    broken : int
        Streams that broke, so that what was under way is not known.
    asked : int
        How many nodes could be asked what they counted; 0 also where there is no
        cluster, as in a capture of ports.
    unasked : list of str
        Nodes that could not be asked: their process was gone, paused or busy.
    """

    seen: int = 0
    dropped: int = 0
    freezes: int = 0
    unsaved: int = 0
    kept: int = 0
    trouble: str = ""
    sent: int = 0
    sent_bytes: int = 0
    from_nodes: int = 0
    received: int = 0
    socket_drops: int = 0
    in_flight: int = 0
    to_nodes: int = 0
    to_absent: int = 0
    stream_sent: int = 0
    stream_from_nodes: int = 0
    stream_received: int = 0
    stream_to_nodes: int = 0
    broken: int = 0
    asked: int = 0
    unasked: list[str] = []

    @property
    def lost(self) -> int:
        """Packets that were seen and are not in the file."""
        return self.dropped + self.unsaved

    @property
    def missing(self) -> int:
        """Datagrams that nodes sent and that are not in the file.

        Below 0 if packets bear the address of a node that did not send them.
        """
        return self.sent - self.from_nodes

    @property
    def unheard(self) -> int:
        """Datagrams to nodes in the file of which nobody knows what became.

        Below 0 if nodes received what is not in the file.
        """
        return self.to_nodes - self.received - self.socket_drops - self.in_flight

    @property
    def closes(self) -> bool:
        """Whether every packet is accounted for, be it in the file or lost.

        By those nodes that could be asked; where none could, nobody can tell.
        """
        return (
            self.asked > 0
            and self.seen == self.kept + self.lost
            and 0 <= self.missing <= self.lost
            and -self.lost <= self.unheard <= 0
            and (self.lost > 0 or self.broken > 0 or not self._stream_residue())
        )

    def __str__(self) -> str:
        parts = [
            f"seen {self.seen:,}, dropped {self.dropped:,}, freezes {self.freezes:,}, "
            f"kept {self.kept:,}"
        ]
        if self.unsaved:
            parts[0] += f", not kept {self.unsaved:,}"
        parts += [*self._datagrams(), *self._streams()]
        if self.unasked:
            names = ", ".join(self.unasked[:3]) + ", ..." * (len(self.unasked) > 3)
            parts.append(f"not asked: {names}")
        if not self.asked:
            parts.append("no node was asked what it sent and received")
        if self.trouble:
            parts.append(self.trouble)
        return "; ".join(parts)

    def _datagrams(self) -> list[str]:
        if not (self.sent or self.from_nodes or self.to_nodes or self.received):
            return []
        absent = f", {self.to_absent:,} to absent nodes" if self.to_absent else ""
        return [
            f"nodes sent {self.sent:,}, received {self.received:,}, socket drops "
            f"{self.socket_drops:,}, waiting {self.in_flight:,}{absent}",
            f"sent - kept = {self.missing:,}, kept - received - drops - waiting = "
            f"{self.unheard:,}",
        ]

    def _streams(self) -> list[str]:
        if not (self.stream_sent or self.stream_from_nodes or self.stream_received):
            return []
        broken = f", {self.broken} broken off" if self.broken else ""
        return [
            f"streams: {self.stream_sent:,} bytes sent, {self.stream_from_nodes:,} "
            f"kept; {self.stream_received:,} received, {self.stream_to_nodes:,} kept"
            f"{broken}"
        ]

    def _stream_residue(self) -> tuple[int, ...]:
        return tuple(
            residue
            for residue in (
                self.stream_sent - self.stream_from_nodes,
                self.stream_received - self.stream_to_nodes,
            )
            if residue
        )


def weigh(
    report: Report,
    before: Mapping[str, WireCount],
    after: Mapping[str, WireCount],
    names: set[str],
) -> Balance:
    """Return the balance of a capture.

    Parameters
    ----------
    report : Report
        What became of it, and what stands in its file.
    before, after : mapping of str to WireCount
        What nodes counted when it began and when it ended, by name; without those
        that could not be asked.
    names : set of str
        All nodes; none if nobody knows them.
    """
    census = report.census
    asked = [name for name in after if name in before]
    deltas = {name: after[name] - before[name] for name in asked}
    steady = [name for name in asked if _is_steady(before[name], after[name])]
    absent = names.difference(steady)
    return Balance(
        seen=report.seen,
        dropped=report.dropped,
        freezes=report.freezes,
        unsaved=report.unsaved,
        trouble=report.trouble,
        kept=census.packets,
        sent=sum(one.sent for one in deltas.values()),
        sent_bytes=sum(one.sent_bytes for one in deltas.values()),
        from_nodes=sum(census.sent.get(name, 0) for name in asked),
        received=sum(deltas[name].received for name in steady),
        socket_drops=sum(deltas[name].socket_drops for name in steady),
        in_flight=sum(deltas[name].waiting for name in steady),
        to_nodes=sum(census.received.get(name, 0) for name in steady),
        to_absent=sum(census.received.get(name, 0) for name in absent),
        stream_sent=sum(one.stream_sent for one in deltas.values()),
        stream_from_nodes=sum(census.stream_sent.get(name, 0) for name in asked),
        stream_received=sum(one.stream_received for one in deltas.values()),
        stream_to_nodes=sum(census.stream_received.get(name, 0) for name in asked),
        broken=sum(one.broken for one in deltas.values()),
        asked=len(asked),
        unasked=sorted(names.difference(asked)),
    )


def _is_steady(before: WireCount, after: WireCount) -> bool:
    """Whether a node was there whenever somebody could send to it."""
    has_come = before.lives == 0 and after.lives == 1  # nobody knew it before
    stayed = before.is_there and before.lives == after.lives
    return after.is_there and (has_come or stayed)
