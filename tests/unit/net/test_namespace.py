"""Where a private network is refused, the sentence says what to change."""

from __future__ import annotations

import errno
import pickle
from pathlib import Path

import pytest

from p2pkit.net import namespace
from p2pkit.net.namespace import MAPS, UNSHARE, NetworkRefused

APPARMOR = "kernel/apparmor_restrict_unprivileged_userns"
DEBIAN = "kernel/unprivileged_userns_clone"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of kernel settings of our own."""
    (tmp_path / "kernel").mkdir()
    monkeypatch.setattr(namespace, "_SETTINGS", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("step", "number", "setting", "advice"),
    [
        (MAPS, errno.EPERM, APPARMOR, f"{APPARMOR.replace('/', '.')}=0"),
        (UNSHARE, errno.EPERM, DEBIAN, f"{DEBIAN.replace('/', '.')}=1"),
        (UNSHARE, errno.EPERM, "", "docker run --security-opt seccomp=unconfined"),
        (UNSHARE, errno.ENOSPC, "", "user.max_user_namespaces=15000"),
        (UNSHARE, errno.EINVAL, "", "has threads, or the kernel has no user"),
        (UNSHARE, errno.ENOSYS, "", "It takes Linux"),
    ],
)
def test_each_refusal_has_its_own_advice(
    settings: Path, step: str, number: int, setting: str, advice: str
) -> None:
    if setting:
        (settings / setting).write_text("1\n" if setting == APPARMOR else "0\n")

    refusal = NetworkRefused(step, number)

    assert advice in str(refusal)
    assert f"at the step {step!r}" in str(refusal)
    assert str(refusal).endswith('Or use network="host", the default')


def test_a_refusal_keeps_what_it_says_between_processes() -> None:
    refusal = NetworkRefused(UNSHARE, errno.EPERM)

    copy = pickle.loads(pickle.dumps(refusal))

    assert (copy.step, copy.number, str(copy)) == (UNSHARE, errno.EPERM, str(refusal))
