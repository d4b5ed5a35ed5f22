"""The cluster: what a notebook holds, whichever carrier runs it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

from p2pkit.cluster.asked import Asked
from p2pkit.cluster.attacked import Attacked
from p2pkit.cluster.capturing import Capturing
from p2pkit.cluster.crafting import Crafting
from p2pkit.cluster.launcher import Launcher
from p2pkit.cluster.node import Node
from p2pkit.cluster.observed import Observed
from p2pkit.cluster.plan import make_options, make_task
from p2pkit.cluster.progress import Wanted
from p2pkit.cluster.shaken import Shaken
from p2pkit.cluster.topology import Topology
from p2pkit.core import Address, ClusterError
from p2pkit.faults import Link, Rule


class Cluster(Asked, Shaken, Attacked, Observed, Crafting, Capturing):
    """Nodes of one protocol, in processes of their own or in virtual time.

    It starts at ``with``, at `start`, or when it is first used. It ends with
    `close`, at the end of ``with``, when nobody holds it any more, and when this
    process ends, in whatever way: then its host processes end too.

    Parameters
    ----------
    protocol_class : type
        What every node runs, see `core.NodeProtocol`; a class from a cell will do.
    nodes : int
        How many, from 1 to 60,000; named ``n00``, ``n01``, ...
    processes : int, optional
        How many host processes; 4 if not given. With one node in each, `kill` and
        `pause` act on processes.
    seed : int, optional
        Starts every generator; a random one if not given, see `seed`.
    carrier : {"real", "virtual"}
        Processes and sockets, or virtual time. Virtual runs are the same for the same
        seed, to the byte; real ones are not.
    network : {"host", "private"}
        Where nodes are: on this machine's loopback, where others can meet them; or in
        a network that the cluster has to itself, without a way out, in which sniffing
        and forging take no rights (Linux; `p2pkit doctor` tells whether). Foreign
        programs get in with `spawn`.
    addresses : {"own", "shared"}, optional
        An address of 127.0.0.0/8 for each node (on Linux, and the default there), or
        ports of 127.0.0.1.
    port : int, optional
        The port of all, or with shared addresses of the first.
    config : Settings, optional
        The protocol's settings.
    link : Link, optional
        What packets cross, see `faults`.
    faults : sequence of Rule
        Rules that hold from the start.
    bootstrap : sequence of str or Address
        Peers outside, as ``HOST:PORT``, that the first node joins through.
    topology : str, iterable of (int, int), or networkx.Graph, optional
        Who is linked to whom: ``complete``, ``ring``, ``tree``, or pairs as those of
        `core.topologies`. Each node then joins through all it is linked to, for
        protocols that keep those as their neighbors. Without it a class may name its
        own, such as ``complete``; the others join in waves, each through three nodes.
    run_folder : path, optional
        Where settings, seed, versions, the trace and the hosts' log are kept.
    progress : {"auto", "none"}
        Whether starting is shown: in a notebook, or in a terminal.
    timeout_s : float, optional
        How long starting, and each call without one of its own, may take: 60 s, or
        600 s of virtual time, if not given. A protocol's
        own setting of that name goes through `config`, such as
        ``config=Kademlia.Config(timeout_s=2)``.
    launcher : Launcher, optional
        Starts the host processes; on this machine if not given.
    **settings
        Changes to the protocol's settings, such as ``k=20``.

    Raises
    ------
    ClusterError, LocalProtocolError
        If an argument makes no sense; the sentence says what would.
    """

    def __init__(
        self,
        protocol_class: type[Any],
        nodes: int = 32,
        processes: int | None = None,
        *,
        seed: int | None = None,
        carrier: str = "real",
        network: str = "host",
        addresses: str | None = None,
        port: int | None = None,
        config: Any = None,
        link: Link | None = None,
        faults: Sequence[Rule] = (),
        bootstrap: Sequence[str | Address] = (),
        topology: Topology | None = None,
        run_folder: str | os.PathLike[str] | None = None,
        progress: Wanted = "auto",
        timeout_s: float | None = None,
        launcher: Launcher | None = None,
        **settings: Any,
    ) -> None:
        task = make_task(protocol_class, seed, config, settings, faults, link)
        if topology is None and not bootstrap:
            topology = getattr(protocol_class, "topology", None)
        options = make_options(
            nodes, processes, carrier, addresses, port, bootstrap, topology,
            run_folder, timeout_s, network, progress=progress, launcher=launcher,
        )  # fmt: skip
        super().__init__(task, options)

    def add(self, nodes: int = 1) -> list[Node]:
        """Let more nodes join; return them.

        Raises
        ------
        ClusterError
            If the cluster has a topology, in which they would have no place.
        """
        if self._options.topology is not None:
            reason = "a cluster with a topology does not grow: make one with more nodes"
            raise ClusterError(reason)
        first = len(self.run.seats)
        self._join(self.run.seat(nodes))
        return [Node(self, index) for index in range(first, first + nodes)]

    @property
    def alive(self) -> list[Node]:
        """The nodes that are alive, in order."""
        return [one for one in self if one.state == "alive"]

    def __getitem__(self, index: int) -> Node:
        return self._node(self.run.seat_at(index).index)

    def _node(self, index: int) -> Node:
        return Node(self, index)

    def __iter__(self) -> Iterator[Node]:
        return (Node(self, index) for index in range(len(self.run.seats)))
