"""What is left of a cluster: processes, descriptors, threads, files."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil


def until(condition: Callable[[], object], limit_s: float) -> float:
    """Wait for a condition; return how long it took, in seconds."""
    began_s = time.monotonic()
    pause = threading.Event()
    while not condition():
        waited_s = time.monotonic() - began_s
        assert waited_s < limit_s, f"did not hold within {limit_s} s"
        pause.wait(0.01)
    return time.monotonic() - began_s


def below(pid: int | None = None) -> list[psutil.Process]:
    """Return the processes that a process has started, and theirs."""
    return psutil.Process(pid).children(recursive=True)


def gone(processes: list[psutil.Process]) -> bool:
    """Whether all of them have ended; one not yet reaped by its parent has."""
    return not any(map(_is_running, processes))


def _is_running(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False  # it ended between the two questions


def hosts_of(pid: int | None = None) -> list[psutil.Process]:
    """Return the host processes: what the supervisors have forked."""
    supervisors = psutil.Process(pid).children()
    return [host for one in supervisors for host in one.children()]


def private_folders(pid: int | None = None) -> set[Path]:
    """Return the folders that clusters of a process hold now."""
    pattern = f"p2pkit-{pid or os.getpid()}-*"
    return set(Path(tempfile.gettempdir()).glob(pattern))


def possessions() -> tuple[int, int, int]:
    """Return how many descriptors, threads and children this process has."""
    me = psutil.Process()
    return me.num_fds(), me.num_threads(), len(me.children(recursive=True))
