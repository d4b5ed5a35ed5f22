"""The filter of system calls that a sandboxed process puts on and can never take off.

It lists what is allowed, and all else fails with "operation not permitted": Python
then raises an error that a student can read. Nothing on the list opens a file or a
socket, starts a process or a thread, or touches another process.

Written out here because the bindings to libseccomp on PyPI are untyped or no longer
kept, and each needs a shared library that a laptop may lack. The program below is
what they would load.

References
----------
Linux, ``Documentation/userspace-api/seccomp_filter.rst`` and ``bpf_common.h``.
"""

from __future__ import annotations

import ctypes
import platform
import struct
import sys
from typing import NamedTuple

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, PR_GET_SECCOMP = 38, 22, 21  # <sys/prctl.h>
SECCOMP_MODE_FILTER = 2
PROT_EXEC = 4

# Instructions of classic BPF (<linux/bpf_common.h>): class, size or jump, mode.
LOAD_WORD, JUMP_IF_EQUAL, JUMP_IF_NOT_LESS = 0x20, 0x15, 0x35
JUMP_IF_ANY_BIT, RETURN = 0x45, 0x06

# What a filter may answer (<linux/seccomp.h>).
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000 | 1, 0x80000000  # REFUSE: EPERM, 1

# Where `struct seccomp_data` keeps what is asked.
NUMBER_AT, MACHINE_AT, ARGUMENTS_AT = 0, 4, 16

X32_BIT = 0x40000000
"""Marks calls of the x32 face of an x86-64 kernel, which would go round the list."""


class Machine(NamedTuple):
    """A processor's mark in filters (<linux/audit.h>), and its column in `ALLOWED`."""

    audit: int
    column: int


MACHINES = {"x86_64": Machine(0xC000003E, 0), "aarch64": Machine(0xC00000B7, 1)}

ALLOWED: dict[str, tuple[int, int]] = {
    # name: its number on x86-64 and on aarch64
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "munmap": (11, 215),
    "brk": (12, 214),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sched_yield": (24, 124),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "getpid": (39, 172),
    "exit": (60, 93),
    "gettimeofday": (96, 169),
    "getuid": (102, 174),
    "sigaltstack": (131, 132),
    "gettid": (186, 178),
    "restart_syscall": (219, 128),
    "exit_group": (231, 94),
}
"""Calls on what the process has already, and on itself."""

FUTEX_PRIVATE = 128  # <linux/futex.h>
OWN_CLOCKS = 16
"""Clocks from here on, read without a sign, are those of other processes."""


class Guard(NamedTuple):
    """A call that is allowed by one of its arguments.

    Parameters
    ----------
    numbers : tuple of int
        As in `ALLOWED`.
    argument : int
        Which one is looked at, from 0.
    test, value : int
        A jump, and what it compares the argument with.
    allowed : bool
        Whether the call is allowed where the jump is taken, or where it is not.
    """

    numbers: tuple[int, int]
    argument: int
    test: int
    value: int
    allowed: bool


GUARDED: dict[str, Guard] = {
    # Memory, but none that can be executed.
    "mmap": Guard((9, 222), 2, JUMP_IF_ANY_BIT, PROT_EXEC, False),
    "mprotect": Guard((10, 226), 2, JUMP_IF_ANY_BIT, PROT_EXEC, False),
    # Locks, but none that a node could ring at another one: both have mapped the same
    # libraries, and a lock that is not private is known by its file.
    "futex": Guard((202, 98), 1, JUMP_IF_ANY_BIT, FUTEX_PRIVATE, True),
    # Clocks, but not that of another process, which tells how long that one worked.
    "clock_gettime": Guard((228, 113), 0, JUMP_IF_NOT_LESS, OWN_CLOCKS, False),
    "clock_getres": Guard((229, 114), 0, JUMP_IF_NOT_LESS, OWN_CLOCKS, False),
}
"""Calls that need a look at an argument. Chance is not among them: see `strange`."""


def why_not() -> str:
    """Return why no filter can be put on here; an empty string if it can."""
    if sys.platform != "linux":
        return f"the sandbox needs Linux, and this is {platform.system()}"
    if platform.machine() not in MACHINES:
        return f"the sandbox has no list of system calls for {platform.machine()}"
    if ctypes.CDLL(None).prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0:
        return "this kernel was built without seccomp filters"
    return ""


class Filter:
    """The filter of this machine, made once and put on by each process that is forked.

    Attributes
    ----------
    program : bytes
        What the kernel reads.
    """

    def __init__(self) -> None:
        self.program = filter_program(platform.machine())
        self._text = ctypes.create_string_buffer(self.program)
        # struct sock_fprog: how many instructions, and where they are.
        where = ctypes.addressof(self._text)
        self._head = struct.pack("HxxxxxxP", len(self.program) // 8, where)
        self._libc = ctypes.CDLL(None, use_errno=True)

    def put_on(self) -> None:
        """Put the filter on this process, for good.

        Raises
        ------
        OSError
            If the kernel refuses.
        """
        prctl = self._libc.prctl
        if prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "no new privileges")
        if prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, self._head, 0, 0):
            raise OSError(ctypes.get_errno(), "seccomp")


def filter_program(machine: str) -> bytes:
    """Return the filter as the kernel reads it: eight bytes an instruction.

    Parameters
    ----------
    machine : str
        ``"x86_64"`` or ``"aarch64"``.
    """
    audit, column = MACHINES[machine]
    allow, refuse = _instruction(RETURN, ALLOW), _instruction(RETURN, REFUSE)
    program = [
        _instruction(LOAD_WORD, MACHINE_AT),
        _instruction(JUMP_IF_EQUAL, audit, yes=1),
        _instruction(RETURN, KILL),
        _instruction(LOAD_WORD, NUMBER_AT),
        _instruction(JUMP_IF_NOT_LESS, X32_BIT, no=1),
        _instruction(RETURN, KILL),
    ]
    for numbers in ALLOWED.values():
        program += [_instruction(JUMP_IF_EQUAL, numbers[column], no=1), allow]
    for guard in GUARDED.values():
        program += [
            _instruction(JUMP_IF_EQUAL, guard.numbers[column], no=4),
            _instruction(LOAD_WORD, ARGUMENTS_AT + guard.argument * 8),
            _instruction(guard.test, guard.value, no=1),
            *((allow, refuse) if guard.allowed else (refuse, allow)),
        ]
    return b"".join([*program, refuse])


def _instruction(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    """Return one instruction; `yes` and `no` are how many to leap over."""
    return struct.pack("HBBI", code, yes, no, value)
