"""`p2pkit demo`: a cluster of real processes, and its overlay in the browser."""

from __future__ import annotations

import os
import signal
import sys
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
            first = format_address(cluster[0].address)
            say(f"Join them: p2pkit call {protocol} put hello --bootstrap {first}")
            say("Ctrl-C ends them.")
            if browser and _has_screen():
                webbrowser.open(page.url)
            ended.wait(seconds)


def _has_screen() -> bool:
    """Tell whether a browser has a screen; a text browser would take our terminal."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
