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
    from p2pkit.view import Page
    from p2pkit.view.picture import picture

    kind = protocol_named(protocol)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    count = min(processes, nodes)
    with Cluster(kind, nodes=nodes, processes=count, seed=seed) as cluster:
        cluster.wait_ready()
        with Page(lambda: picture(cluster.graph())) as page:
            say(f"{nodes} {protocol} nodes in {count} processes: {page.url}")
            say("Ctrl-C ends them.")
            if browser:
                webbrowser.open(page.url)
            ended.wait(seconds)
