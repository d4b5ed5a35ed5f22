"""From what was asked for to a run, and from a run to nothing left behind."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from p2pkit.cluster.addresses import Addresses
from p2pkit.cluster.carrier import Carrier, Task
from p2pkit.cluster.launcher import local_launcher
from p2pkit.cluster.plan import Options
from p2pkit.cluster.real import RealCarrier
from p2pkit.cluster.run import Run
from p2pkit.cluster.run_folder import note_end, note_start, private_folder
from p2pkit.cluster.virtual import VirtualCarrier


def make_run(task: Task, options: Options) -> tuple[Run, Path | None]:
    """Return a run that is not open yet, and its private folder, if it needs one."""
    if options.folder is not None:
        names = ("nodes", "processes", "carrier", "network")
        facts = {name: getattr(options, name) for name in names}
        note_start(options.folder, task, facts)
    virtual = options.carrier == "virtual"
    alone = virtual or options.network == "private"
    addresses = Addresses(options.addresses, options.port, alone=alone)
    folder = None if virtual else private_folder()

    def make_carrier(on_gone: Callable[[int], None]) -> Carrier:
        if folder is None:
            return VirtualCarrier(task)
        launcher = options.launcher or local_launcher(options.network)
        one_each = options.processes == options.nodes
        return RealCarrier(task, options.processes, one_each, launcher, folder, on_gone)

    run = Run(task, options.nodes, addresses, make_carrier)
    run.linked = options.topology
    return run, folder


def finish(run: Run, folder: Path | None, kept: Path | None, owner: int) -> None:
    """End a run, keep what was asked for, and remove its private folder.

    Does nothing but in the process `owner`: a forked copy that ends, ends no cluster.
    """
    if os.getpid() != owner:
        return
    try:
        run.close()
        if kept is not None:
            note_end(kept, run.trace, folder and folder / "hosts.log")
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
