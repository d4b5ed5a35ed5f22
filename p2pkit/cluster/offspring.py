"""Processes that must not outlive the one that started them, nor what they started.

On Linux the kernel helps: a process may ask to be signaled when its parent dies, and
to become the parent of its descendants whose own parents die. Elsewhere a process's
group is all that can be ended.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Iterable

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36  # <linux/prctl.h>


def die_with_parent(parent: int, number: int = signal.SIGKILL) -> None:
    """Ask to get this signal when `parent` dies, even while we are stopped.

    Ends this process at once if `parent` is gone already.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:
        os._exit(0)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose parent ends, until we end."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)


def end_all(known: Iterable[int]) -> None:
    """Kill and reap our children, and theirs as they become ours, until none is left.

    Parameters
    ----------
    known : iterable of int
        Children not yet reaped, for where the system does not tell whose child is
        whose; their groups are killed as well.
    """
    targets = set(known)
    for pid in targets:
        with contextlib.suppress(OSError):
            if (group := os.getpgid(pid)) != os.getpgrp():
                os.killpg(group, signal.SIGKILL)
    while targets := targets | _children():
        for pid in targets:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in targets:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
        targets = set()


def _children() -> set[int]:
    """Return our children, also those that ended and are not reaped; Linux alone."""
    if sys.platform != "linux":
        return set()
    us, found = os.getpid(), set()
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
            # A name in parentheses may hold anything; state and parent follow it.
            if int(file.read().rpartition(b")")[2].split()[1]) == us:
                found.add(int(name))
    return found
