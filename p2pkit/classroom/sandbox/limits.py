"""How much a sandboxed process may use, and what it gives up before it runs."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys

import msgspec

from p2pkit.classroom.sandbox import seccomp

MIB = 1 << 20
NOBODY = 65_534
"""The user and the group that own nothing."""
PR_SET_PDEATHSIG = 1  # <sys/prctl.h>


class Limits(msgspec.Struct, frozen=True):
    """What one sandboxed process may use.

    Parameters
    ----------
    cpu_s : int
        Processor time of its whole life, in seconds: it is killed at it.
    memory_bytes : int
        Address space beyond what it was born with: an allocation beyond it fails.
    reply_s : float
        Wall time for one answer, in seconds; far more than `cpu_s`, because a busy
        machine must not change a grade.
    reply_bytes : int
        Length of one answer.
    effects : int
        Messages, timers and reports of one call, together.
    """

    cpu_s: int = 4
    memory_bytes: int = 64 * MIB
    reply_s: float = 30.0
    reply_bytes: int = MIB
    effects: int = 4096


class Walls:
    """What is taken from a zygote and from all it forks.

    Making them takes what can be taken once and is inherited: rights, open files,
    core dumps. The rest is taken from each child, by `close_in`.

    Parameters
    ----------
    trust : bool
        Whether only to limit the numbers: no protection against code that means harm.
    """

    def __init__(self, trust: bool) -> None:
        self._filter = None if trust else seccomp.Filter()
        self._mapped_bytes = _mapped_bytes()
        if not trust:
            _become_nobody()
        self._us = os.getpid()
        die_with(os.getppid())
        _limit(resource.RLIMIT_CORE, 0)
        _limit(resource.RLIMIT_FSIZE, 0)
        _limit(resource.RLIMIT_NOFILE, 16)

    def close_in(self, cpu_s: int, memory_bytes: int) -> None:
        """Take from this child all that its limits do not grant, for good.

        It ends with its zygote, and may ask nothing of the kernel that the filter of
        system calls does not list.
        """
        _limit(resource.RLIMIT_CPU, cpu_s)
        if self._mapped_bytes:
            _limit(resource.RLIMIT_AS, self._mapped_bytes + memory_bytes)
        die_with(self._us)
        if self._filter is not None:
            self._filter.put_on()


_libc = ctypes.CDLL(None)


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent ends.

    To be called after a change of user, which would undo it.
    """
    if sys.platform == "linux":
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


def _become_nobody() -> None:
    """Give up root, where we have it and may."""
    if os.geteuid() != 0:
        return
    with contextlib.suppress(PermissionError):  # root of a container without the right
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)


def _limit(which: int, most: int) -> None:
    _, hard = resource.getrlimit(which)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(which, (most, most))


def _mapped_bytes() -> int:
    """Return this process's address space; 0 where its limit would not be kept."""
    if sys.platform != "linux":
        return 0
    with open("/proc/self/statm", "rb") as file:
        return int(file.read().split()[0]) * resource.getpagesize()
