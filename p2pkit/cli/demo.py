"""`p2pkit demo`: a cluster of real processes, and its overlay in the browser."""

from __future__ import annotations

import signal
import threading
import webbrowser

from p2pkit.cli.guard import say
from p2pkit.cli.node import protocol_named


def run_demo(
    protocol: str,
    nodes: int,
    processes: int,
    seed: int,
    seconds: float | None,
    *,
    browser: bool,
) -> None:
    """Run until `seconds` are over, or a signal comes."""
    from p2pkit.cluster import Cluster
    from p2pkit.core import format_address
    from p2pkit.view import watch
    from p2pkit.view.surroundings import has_screen

    kind = protocol_named(protocol)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    count = min(processes, nodes)
    with Cluster(kind, nodes=nodes, processes=count, seed=seed) as cluster:
        cluster.wait_ready()
        with watch(cluster, where="browser", show=False) as view:
            say(f"{nodes} {protocol} nodes in {count} processes: {view.url}")
            first = format_address(cluster[0].address)
            say(f"Join them: p2pkit call {protocol} put hello --bootstrap {first}")
            say("Ctrl-C ends them.")
            if browser and view.url and has_screen():
                webbrowser.open(view.url)
            ended.wait(seconds)
