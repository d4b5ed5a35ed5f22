"""`p2pkit demo`: a cluster of real processes, and its overlay in the browser."""

from __future__ import annotations

import inspect
import shlex
import signal
import threading
import webbrowser
from typing import Any

from p2pkit.cli.call import ends_later
from p2pkit.cli.guard import say
from p2pkit.cli.node import proper_name, protocol_named
from p2pkit.core import Address, format_address

EXAMPLES = ("put", "publish", "broadcast", "list_members", "sample")
"""What a guest may try: the first of these verbs that a protocol has."""

TELLING = frozenset({"put", "publish", "broadcast"})
"""Of these, what is heard by others only while the guest stays."""

STAY_S = 3
"""Seconds in which a guest's news is on its way: some rounds of any protocol here."""


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
    from p2pkit.view import watch
    from p2pkit.view.surroundings import has_screen

    kind, name = protocol_named(protocol), proper_name(protocol)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    count = min(processes, nodes)
    with Cluster(kind, nodes=nodes, processes=count, seed=seed) as cluster:
        cluster.wait_ready()
        with watch(cluster, where="browser", show=False) as view:
            what = f"{_many(nodes, f'{name} node')} in {_many(count, 'process')}"
            say(f"{what}: {view.url}")
            say(f"Join them: {invitation(name, cluster[0].address)}")
            say("Ctrl-C ends them.")
            if browser and view.url and has_screen():
                webbrowser.open(view.url)
            ended.wait(seconds)


def invitation(protocol: str, address: Address) -> str:
    """Return a command by which somebody in another terminal takes part.

    Parameters
    ----------
    protocol : str
        One of the command line's names.
    address : Address
        A node to join by.
    """
    words = example_of(protocol_named(protocol))
    at = ["--bootstrap", format_address(address)]
    return shlex.join(["p2pkit", "call", protocol, *words, *at])


def example_of(kind: type[Any]) -> list[str]:
    """Return a verb of a protocol with arguments, and how long to stay, as typed."""
    verb = next((one for one in EXAMPLES if hasattr(kind, one)), "neighbors")
    method = getattr(kind, verb)
    parameters = list(inspect.signature(method).parameters.values())[1:]  # not self
    needed = ["hello" for one in parameters if one.default is one.empty]
    stays = verb in TELLING and not ends_later(method)
    return [verb, *needed, *(["--stay", str(STAY_S)] if stays else [])]


def _many(count: int, what: str) -> str:
    plural = f"{what}es" if what.endswith("s") else f"{what}s"
    return f"{count} {what if count == 1 else plural}"
