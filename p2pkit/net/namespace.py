"""A private network: a network namespace of our own, which takes no rights at all.

A process that has one thread may leave its user and network namespaces for new ones
(Linux, about a millisecond). Inside there is one interface, its own loopback, and no
way out; and there it may do what takes root elsewhere: sniff, forge a source address,
set an MTU, filter. What it forks or starts is inside too. There is no way back.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from p2pkit.core import TransportError
from p2pkit.net import loopback
from p2pkit.net.refusals import refuse_if_switched_off

UNSHARE, MAPS, RIGHTS = "new namespaces", "user map", "rights inside"
UP, SIZE, OFFLOAD = "loopback up", "MTU", "offload off"
"""The steps into a private network, in order: where it may be refused."""

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000  # <linux/sched.h>
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 47, 2  # <linux/prctl.h>
_CAPABILITY_VERSION_3 = 0x20080522  # <linux/capability.h>
_SETTINGS = Path("/proc/sys")


class NetworkRefused(TransportError):
    """The system does not give us a private network, or not all that belongs to it.

    Parameters
    ----------
    step : str
        What was tried when it refused.
    number : int
        The system's error number.
    """

    def __init__(self, step: str, number: int) -> None:
        self.step, self.number = step, number
        self.advice = _advice(step, number)
        why = os.strerror(number)
        super().__init__(
            f"this machine refuses a private network, at the step {step!r} ({why}). "
            f"{self.advice}"
        )

    def __reduce__(self) -> tuple[type[NetworkRefused], tuple[str, int]]:
        return type(self), (self.step, self.number)


def enter_private_network() -> None:
    """Leave this process's network for a new one; for good, and with one thread.

    Raises
    ------
    NetworkRefused
        If the system does not allow one of the steps. Some may have been taken: the
        process is of no other use then than to say so.
    """
    user, group = os.geteuid(), os.getegid()
    with _step(UNSHARE):
        refuse_if_switched_off("namespaces")
        _unshare()
    with _step(MAPS):
        # Each to itself: whoever is root inside is taken for root by programs that
        # then try to become some other user, and there is none. It also keeps files,
        # and what `id` says, as they were.
        _write("setgroups", "deny")  # or the kernel takes no map of groups from us
        _write("uid_map", f"{user} {user} 1")
        _write("gid_map", f"{group} {group} 1")
    with _step(RIGHTS):
        _keep_rights_over_exec()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        with _step(UP):
            loopback.bring_up(probe)
        with _step(SIZE):
            loopback.set_mtu(probe, loopback.MTU)
        with _step(OFFLOAD):
            loopback.switch_offload_off(probe)


@contextmanager
def _step(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NetworkRefused(name, error.errno or errno.EPERM) from error


def _unshare() -> None:
    if sys.platform != "linux":
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    _call("unshare", _CLONE_NEWUSER | _CLONE_NEWNET)


def _write(name: str, text: str) -> None:
    Path("/proc/self", name).write_text(text)


def _keep_rights_over_exec() -> None:
    """Let programs that we start keep our rights over this network.

    We have all of them, but a program started by somebody who is not root loses what
    is not *ambient*; and ambient may only become what is inheritable.
    """
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)()  # twice: effective, permitted, inheritable
    _call("capget", header, sets)
    sets[2], sets[5] = sets[1], sets[4]
    _call("capset", header, sets)
    permitted = sets[1] | sets[4] << 32
    for right in range(permitted.bit_length()):
        _call("prctl", _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, right, 0, 0)


def _call(name: str, *arguments: object) -> None:
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _advice(step: str, number: int) -> str:
    """Say what to change; the settings are read for this alone, never to decide."""
    if number == errno.ENOSYS:
        what = "It takes Linux"
    elif number == errno.ECHILD:
        what = "The process that tries it gave no answer: try again"
    elif number == errno.ENOSPC:
        what = "As root: sysctl -w user.max_user_namespaces=15000"
    elif step == UNSHARE and number == errno.EINVAL:
        what = "This process has threads, or the kernel has no user namespaces"
    elif _is("kernel/apparmor_restrict_unprivileged_userns", "1"):
        what = "As root: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
    elif _is("kernel/unprivileged_userns_clone", "0"):
        what = "As root: sysctl -w kernel.unprivileged_userns_clone=1"
    else:
        what = (
            "In Docker: docker run --security-opt seccomp=unconfined; elsewhere ask "
            "who runs this machine to allow unprivileged user namespaces"
        )
    return f'{what}. Or use network="host", the default'


def _is(setting: str, value: str) -> bool:
    try:
        return (_SETTINGS / setting).read_text().strip() == value
    except OSError:
        return False
