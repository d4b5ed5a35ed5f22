"""Walls around a whole process tree: for a kernel, which needs files and sockets.

The kernel of a notebook cannot live behind the filter of the sandbox: it opens files,
starts threads and listens. So it gets less strict walls, of what this machine has: a
network of its own (loopback only), no sight of other processes or of any folder but
Python's and its own, and limits. Its results count for nothing; this is the second line
behind that.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from p2pkit.classroom.grading import landlock
from p2pkit.classroom.sandbox.limits import die_with
from p2pkit.core import P2PError

MIB = 1 << 20
MEMORY_BYTES = 8192 * MIB
"""Address space of each process: numpy and its friends map a lot, and use little."""
FILE_BYTES = 64 * MIB
CPU_S = 240
OPEN_FILES = 512
PROCESSES = 200
"""Processes and threads inside, where they are counted apart; a kernel has twenty."""

CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWIPC = 0x00020000, 0x20000000, 0x08000000
MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8  # <linux/mount.h>
MS_REC, MS_PRIVATE = 0x4000, 0x40000
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38  # <sys/prctl.h>
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4

SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc", "/opt", "/sys")
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
SHARED_MEMORY = Path("/dev/shm")
WALLS_FILE = "walls.txt"
LIMITS = "limits"
NETWORK, PROCESSES_APART = "a network of its own", "no other process in sight"
FOLDERS = "no folder in sight but Python's and its own"
WALLS = (LIMITS, NETWORK, PROCESSES_APART, FOLDERS)
"""All that there may be; without one of them a hostile notebook is not held."""
TRUST = "--trust"


def command_for(command: Sequence[str], *, trust: bool = False) -> list[str]:
    """Return a command that runs another one confined, in its current folder.

    Which walls there are is left in that folder, in `WALLS_FILE`. If one of them
    cannot be put up, nothing is run, unless `trust` is given.
    """
    flags = [TRUST] if trust else []
    return [sys.executable, "-m", "p2pkit.classroom.grading.confine", *flags, *command]


def main(command: Sequence[str], *, trust: bool = False) -> None:
    """Put up what walls there are, and become `command`."""
    place, grader = Path.cwd(), os.getppid()
    walls = [LIMITS]
    with contextlib.suppress(P2PError, OSError):
        from p2pkit.net.namespace import enter_private_network

        enter_private_network()
        _call("unshare", CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNS)
        walls += [NETWORK, PROCESSES_APART]
        resource.setrlimit(resource.RLIMIT_NPROC, (PROCESSES, PROCESSES))
    if sys.platform == "linux":
        die_with(grader)
    has_memory = False
    if len(walls) > 1:
        _be_waited_for()
        _show_own_processes()
        has_memory = _have_own_memory()
    limits = {
        resource.RLIMIT_AS: MEMORY_BYTES, resource.RLIMIT_FSIZE: FILE_BYTES,
        resource.RLIMIT_CPU: CPU_S, resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }  # fmt: skip
    for which, most in limits.items():
        resource.setrlimit(which, (most, most))
    if sys.platform == "linux":
        _call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        _call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    if landlock.version():
        walls.append(FOLDERS)
    (place / WALLS_FILE).write_text("\n".join(walls), encoding="utf-8")
    if not trust and tuple(walls) != WALLS:
        return
    if landlock.version():
        proc = [Path("/proc")] if len(walls) > 2 else []
        system = [Path(one) for one in SYSTEM]
        code, listed = _code_folders()
        writes = [place, *(Path(one) for one in DEVICES)]
        writes += [SHARED_MEMORY] if has_memory else []
        landlock.see_only([*system, *proc, *code], writes, listed)
    os.execv(command[0], list(command))


def _code_folders() -> tuple[list[Path], list[Path]]:
    """Return the folders of Python and its packages, and those only to be listed.

    The folder that our own package lies in may be a repository with the sources of
    labs: of that, only the package can be read.
    """
    package = Path(__file__).parents[2]
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix}
    folders = {Path(one).resolve() for one in [*prefixes, *sys.path] if one}
    root = package.parent.resolve()
    return [package, *(one for one in folders if one != root)], [root]


def _be_waited_for() -> None:
    """Go on in a child, the first process of its namespace; all inside end with it."""
    pid = os.fork()
    if pid:
        _, status = os.waitpid(pid, 0)
        os._exit(max(0, os.waitstatus_to_exitcode(status)))
    _call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _show_own_processes() -> None:
    """Let /proc show what is inside, where we may."""
    flags = MS_NOSUID | MS_NODEV | MS_NOEXEC
    with contextlib.suppress(OSError):
        _call("mount", b"none", b"/", None, MS_REC | MS_PRIVATE, None)
        _call("mount", b"proc", b"/proc", b"proc", flags, None)


def _have_own_memory() -> bool:
    """Have files in memory of our own, gone when we are; return whether we may.

    Those of the machine would be read by whoever is graded next.
    """
    options = f"size={FILE_BYTES},mode=1777".encode()
    shm, flags = os.fsencode(SHARED_MEMORY), MS_NOSUID | MS_NODEV | MS_NOEXEC
    try:
        _call("mount", b"none", b"/", None, MS_REC | MS_PRIVATE, None)
        _call("mount", b"shm", shm, b"tmpfs", flags, options)
    except OSError:
        return False
    return True


def _call(name: str, *arguments: object) -> None:
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


if __name__ == "__main__":
    told = sys.argv[1:]
    main(told[told[:1] == [TRUST] :], trust=told[:1] == [TRUST])
