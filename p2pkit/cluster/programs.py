"""The foreign programs of one cluster."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from p2pkit.cluster.launcher import Launcher
from p2pkit.cluster.spawned import Spawned
from p2pkit.core import ClusterError, SpawnFailed

ANSWER_S = 10.0
"""How long the supervisor may take to fork, or to open a socket: milliseconds."""
MAX_PROGRAMS = 256
"""How many may run at once; each has a thread and three descriptors here."""


class Programs:
    """Starts foreign programs, and ends those that still run."""

    def __init__(self, launcher: Launcher) -> None:
        self._launcher = launcher
        self._running: list[Spawned] = []

    def start(
        self, argv: Sequence[str], env: Mapping[str, str] | None, cwd: str
    ) -> Spawned:
        """Start one where the nodes are, see `Cluster.spawn`."""
        self._running = [one for one in self._running if not one.is_gone]
        if len(self._running) >= MAX_PROGRAMS:
            reason = f"{MAX_PROGRAMS} programs run in this cluster already: end some"
            raise ClusterError(reason)
        try:
            channel, output = self._launcher.spawn().result(ANSWER_S)
        except OSError as error:
            reason = f"no process can be started for {argv[0]}: {error.strerror}"
            raise SpawnFailed(reason) from error
        env = os.environ if env is None else env
        spawned = Spawned(channel, output, argv, env, cwd)
        self._running.append(spawned)
        return spawned

    def close(self) -> None:
        """End all of them, and wait until they are gone."""
        for one in self._running:
            one.kill()  # all at once; then wait
        for one in self._running:
            one.close()
        self._running = []
