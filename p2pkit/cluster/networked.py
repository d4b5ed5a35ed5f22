"""What else can be in the network of a cluster's nodes: sockets, foreign programs."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, Sequence

from p2pkit.cluster.launcher import Network
from p2pkit.cluster.lifetime import Lifetime
from p2pkit.cluster.spawned import Spawned
from p2pkit.core import ClusterError


class Networked(Lifetime):
    """The part of a `Cluster` that lets others into its network."""

    @property
    def network(self) -> Network:
        """``host`` or ``private``: where its nodes are."""
        return self._options.network

    def open_socket(self, family: int, kind: int, proto: int = 0) -> socket.socket:
        """Open a socket in the cluster's network; the caller closes it.

        In a private network its supervisor opens it and passes it over, so that a
        process outside, without any rights, can sniff and send there.

        Parameters
        ----------
        family, kind, proto : int
            As for `socket.socket`, such as ``AF_PACKET``, ``SOCK_RAW``.

        Raises
        ------
        TransportError
            If the system refuses it; the sentence says why, and its cause is the
            `OSError`.
        """
        return self.run.carrier.open_socket(family, kind, proto)

    def spawn(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
    ) -> Spawned:
        """Start a foreign program in the cluster's network.

        It ends with the cluster, and so does everything that it starts, also when this
        process is killed. In a private network it may do there what takes root
        elsewhere.

        Parameters
        ----------
        argv : sequence of str
            The program and its arguments; no shell reads them.
        env : mapping of str to str, optional
            Its whole environment; ours if not given.
        cwd : path, optional
            The folder that it runs in; ours if not given.

        Raises
        ------
        SpawnFailed
            If it cannot be started; the sentence says why.
        """
        if isinstance(argv, str) or not argv:
            reason = f'spawn takes a list such as ["serf", "agent"], not {argv!r}'
            raise ClusterError(reason)
        folder = os.fspath(cwd) if cwd is not None else os.getcwd()
        return self.run.carrier.spawn([os.fspath(one) for one in argv], env, folder)
