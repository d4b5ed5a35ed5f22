"""`p2pkit capture`: packets of a cluster, or of what runs already, into a file."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from p2pkit.cli.call import verb_named
from p2pkit.cli.guard import say
from p2pkit.cli.node import proper_name, protocol_named
from p2pkit.cli.values import arguments, to_json
from p2pkit.core import LocalProtocolError

LIMIT_BYTES = 1 << 30
OF_CLUSTERS = ("nodes", "processes", "network", "seed", "strict")
"""Options that say nothing of what runs already."""


@dataclass(frozen=True)
class ClusterPlan:
    """What the options say about a cluster to capture, see `p2pkit capture --help`."""

    protocol: str
    nodes: int
    processes: int
    network: str
    source: str
    seed: int
    strict: bool
    overwrite: bool


def capture_cluster(
    plan: ClusterPlan,
    verb: str | None,
    texts: Sequence[str],
    seconds: float | None,
    out: Path | None,
) -> None:
    """Capture a cluster that is made for it: nodes that join, and what one is asked.

    It ends after `seconds`; without them after the verb, or at Ctrl-C.
    """
    from p2pkit.cluster import Cluster
    from p2pkit.observe.capture.place import require_place

    kind, name = protocol_named(plan.protocol), proper_name(plan.protocol)
    args = [] if verb is None else arguments(verb_named(name, kind, verb), texts)
    path = out or Path(f"{name}.pcapng")
    require_place(path, overwrite=plan.overwrite)  # before all nodes are started
    # Some are there before, so that one can see the others join; not where the graph
    # is given, which does not grow.
    grows = getattr(kind, "topology", None) is None
    processes = min(plan.processes, plan.nodes)
    first = processes if grows else plan.nodes
    with (
        Cluster(
            kind, nodes=first, processes=processes, seed=plan.seed, network=plan.network
        ) as cluster,
        cluster.capture(
            path, plan.source, strict=plan.strict, overwrite=plan.overwrite
        ) as packets,
    ):
        say(f"capturing {plan.nodes} {name} nodes to {path}; Ctrl-C ends it")
        if plan.nodes > first:
            cluster.add(plan.nodes - first)
        cluster.wait_ready()
        if verb is not None:
            result = cluster.call(plan.nodes // 2, verb, tuple(args))
            say(json.dumps(to_json(result)))
        if verb is None or seconds is not None:
            _wait(seconds)
    _tell(packets)


def capture_running(
    ports: Sequence[int],
    source: str,
    seconds: float | None,
    out: Path | None,
    *,
    overwrite: bool,
) -> None:
    """Capture what goes from and to ports of this machine's loopback.

    Raises
    ------
    LocalProtocolError
        If another source is asked for than the ring: only clusters have others.
    """
    from p2pkit.observe.capture.live import capture_ports

    if source not in ("auto", "ring"):
        reason = (
            f"--source {source} is for clusters: what runs already has no tap, and its "
            "ports are captured by the ring. Leave --source out, or name a protocol"
        )
        raise LocalProtocolError(reason)
    path = out or Path("capture.pcapng")
    with capture_ports(
        path, ports, limit_bytes=LIMIT_BYTES, overwrite=overwrite
    ) as packets:
        say(f"capturing to {path}; Ctrl-C ends it")
        _wait(seconds)
    _tell(packets)


def require_one(protocol: str | None, ports: Sequence[int]) -> None:
    """Raise `LocalProtocolError` unless it is said what to capture, and only once."""
    if (protocol is None) == (not ports):
        reason = (
            "name a protocol, such as p2pkit capture kademlia, or the ports of what "
            "runs already, such as p2pkit capture --port 6881"
        )
        raise LocalProtocolError(reason)


def refuse_with_ports(options: Sequence[str]) -> None:
    """Raise `LocalProtocolError` if options of clusters are given with ports."""
    if options:
        said = " and ".join(f"--{one}" for one in options)
        reason = (
            f"--port captures what runs already, and no cluster: leave out {said}, or "
            "name a protocol"
        )
        raise LocalProtocolError(reason)


def _wait(seconds: float | None) -> None:
    """Wait so long, or until a signal comes: that is the usual end."""
    ended = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: ended.set())
    try:
        with suppress(KeyboardInterrupt):
            ended.wait(seconds)
    finally:
        signal.signal(signal.SIGTERM, before)


def _tell(packets: Any) -> None:
    from p2pkit.observe.capture.note import path_of_note

    path, note = packets.path, path_of_note(packets.path)
    say(f"{len(packets):,} packets in {path}, their balance in {note}")
    say(f"wireshark {path} opens it; and in Python:")
    say(f'from p2pkit.observe.capture import Packets; Packets.open("{path}")')
