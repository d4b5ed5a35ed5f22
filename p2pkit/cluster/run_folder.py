"""Run folders: settings, seed, versions and trace, so that a run can be repeated."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec

from p2pkit.cluster.carrier import Task
from p2pkit.observe import Trace
from p2pkit.observe.trace import canonical

PACKAGES = ("p2pkit", "msgspec", "pyzmq", "cloudpickle", "networkx", "uvloop")
"""Whose versions are noted: those that a run's outcome may depend on."""


def private_folder() -> Path:
    """Return a new directory that only this user can enter, with a short path.

    The path of a Unix socket may have 107 bytes.
    """
    base = tempfile.gettempdir()
    return Path(
        tempfile.mkdtemp(
            prefix=f"p2pkit-{os.getpid()}-", dir="/tmp" if len(base) > 60 else base
        )
    )


def note_start(folder: Path, task: Task, facts: dict[str, Any]) -> None:
    """Write ``run.json``: what to do to have this run again."""
    folder.mkdir(parents=True, exist_ok=True)
    kind = task.protocol_class
    note = {
        "protocol": f"{kind.__module__}.{kind.__qualname__}",
        "settings": msgspec.to_builtins(task.config, enc_hook=repr),
        "seed": task.seed,
        "rules": [repr(rule) for rule in task.rules],
        "link": repr(task.link),
        **facts,
        "versions": _versions(),
    }
    (folder / "run.json").write_text(json.dumps(note, indent=2) + "\n")


def note_end(folder: Path, trace: Trace, log: Path | None) -> None:
    """Write ``trace.msgpack``, a record after the other, and the hosts' log."""
    with (folder / "trace.msgpack").open("wb") as file:
        file.writelines(canonical(record) for record in trace)
    if log is not None and log.exists():
        shutil.copyfile(log, folder / "hosts.log")


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "system": sys.platform}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
