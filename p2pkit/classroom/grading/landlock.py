"""Landlock: which files a process tree may see, decided by itself, without any rights.

Linux 5.13 and newer. What is not listed cannot be opened, by this process or by
anything it starts, for good.

References
----------
Linux, ``Documentation/userspace-api/landlock.rst``.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

CREATE, ADD, RESTRICT = 444, 445, 446
"""System calls; these numbers are the same on all processors."""
ASK_VERSION, BENEATH = 1, 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
READ = EXECUTE | READ_FILE | READ_DIR
IOCTL_DEV, TRUNCATE = 1 << 15, 1 << 14
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
"""Accesses that a rule on one file may name."""
ALL = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""All accesses to files that each version knows, where it knows more."""
SCOPES = 3
"""From version 6: no signals, and no abstract sockets, to anybody outside."""


def version() -> int:
    """Return the version of Landlock here; 0 if there is none."""
    if sys.platform != "linux":
        return 0
    libc = ctypes.CDLL(None, use_errno=True)
    return max(0, int(libc.syscall(CREATE, None, 0, ASK_VERSION)))


def see_only(
    reads: Iterable[Path], writes: Iterable[Path], lists: Iterable[Path]
) -> None:
    """See nothing from now on but these files and folders, and what is in them.

    Parameters
    ----------
    reads, writes, lists : iterable of Path
        What may be read and run; also be written; only be listed by name. What does
        not exist is left out.

    Raises
    ------
    OSError
        If the kernel refuses. Needs `PR_SET_NO_NEW_PRIVS`.
    """
    abi = version()
    every = ALL[max(one for one in ALL if one <= abi)]
    attribute = struct.pack("QQQ", every, 0, SCOPES)
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    ruleset = _call(CREATE, attribute, size, 0)
    for paths, access in ((reads, READ), (writes, every), (lists, READ_DIR)):
        for path in paths:
            _allow(ruleset, path, access)
    _call(RESTRICT, ruleset, 0)
    os.close(ruleset)


def _allow(ruleset: int, path: Path, access: int) -> None:
    try:
        handle = os.open(path, os.O_PATH)
    except OSError:
        return
    rights = access if path.is_dir() else access & OF_FILES
    if rights:
        _call(ADD, ruleset, BENEATH, struct.pack("=Qi", rights, handle), 0)
    os.close(handle)


def _call(*arguments: int | bytes) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    result = int(libc.syscall(*arguments))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"landlock: {os.strerror(number)}")
    return result
