"""An ordinary user: runs Python, or a choice of tests, without any rights.

A suite that runs as root would never notice what takes rights. So where it does, this
gives root up for good, in a child: user, groups, every capability, and the way back
to them. Elsewhere we are an ordinary user already.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
USER = 61_234
"""A user that no machine has. Not ``nobody``: inside a user namespace, files of
everybody else would seem to be its own."""
LIMIT_S = 60.0

DROP = [
    "setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups",
    "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs",
]  # fmt: skip


class OrdinaryUser:
    """Runs things as somebody without rights, at home in `home`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        (home / "aside").mkdir()
        (home / "tmp").mkdir()
        if is_root():
            for one in (home, home / "tmp"):
                os.chown(one, USER, USER)

    def start(self, argv: list[str], **options: Any) -> subprocess.Popen[str]:
        """Start a program in the folder of the repository; `env` adds to ours."""
        env = os.environ | {
            "HOME": str(self.home),
            "TMPDIR": str(self.home / "tmp"),
            "USER": "student",
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HYPOTHESIS_STORAGE_DIRECTORY": str(self.home / "tmp" / "hypothesis"),
            **options.pop("env", {}),
        }
        if is_root():
            argv = _dropping(argv, self.home / "aside")
        return subprocess.Popen(argv, cwd=ROOT, env=env, text=True, **options)

    def run(
        self, argv: list[str], limit_s: float = LIMIT_S, **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run a program to its end; its stderr comes with its stdout."""
        both = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        with self.start(argv, **both, **options) as process:
            try:
                said, _ = process.communicate(timeout=limit_s)
            except BaseException:
                process.kill()
                raise
        return subprocess.CompletedProcess(argv, process.returncode, said)

    def python(self, code: str, limit_s: float = LIMIT_S, **options: Any) -> str:
        """Run Python code; return what it printed, or fail with it."""
        done = self.run([sys.executable, "-c", code], limit_s, **options)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def pytest(self, *selection: str, limit_s: float = LIMIT_S, **options: Any) -> str:
        """Run tests, named as for pytest; return its report, or fail with it."""
        fixed = ["-q", "-p", "no:cacheprovider", f"--basetemp={self.home}/tmp/pytest"]
        argv = [sys.executable, "-m", "pytest", *fixed, *selection]
        done = self.run(argv, limit_s, **options)
        assert done.returncode == 0, done.stdout
        return done.stdout


@pytest.fixture
def ordinary_user() -> Iterator[OrdinaryUser]:
    """Somebody without rights; the test is skipped where root cannot be given up."""
    with tempfile.TemporaryDirectory(prefix="ordinary-user-") as folder:
        user = OrdinaryUser(Path(folder))
        done = user.run([sys.executable, "-c", "import p2pkit, os; print(os.getuid())"])
        if done.returncode != 0 or done.stdout == "0\n":
            said = done.stdout.strip()[-300:]
            pytest.skip(f"root cannot be given up here ({said}): run as somebody else")
        yield user


def is_root() -> bool:
    """Whether there is root to give up."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _dropping(argv: list[str], aside: Path) -> list[str]:
    for name in ("unshare", "setpriv", "mount"):
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not here: install the package util-linux")
    # Where all can be read anyway, no mount namespace has to be allowed either.
    if not (closed := list(_closed_and_needed())):
        return [*DROP, *argv]
    script = "\n".join([*_open_up(closed, aside), 'exec "$@"'])
    return ["unshare", "--mount", "sh", "-ec", script, "sh", *DROP, *argv]


def _open_up(closed: list[tuple[Path, Path]], aside: Path) -> Iterator[str]:
    """Yield what makes readable what Python needs, in a mount namespace.

    Root's home is often closed, and Python installed in it. An open, empty folder
    takes its place, in which those folders alone appear again.
    """
    kept = [(needed, aside / str(number)) for number, (_, needed) in enumerate(closed)]
    for needed, place in kept:
        yield f"mkdir -p {place}; mount --bind {quote(str(needed))} {place}"
    for above in dict.fromkeys(above for above, _ in closed):
        yield f"mount -t tmpfs -o mode=755 opened {quote(str(above))}"
    for needed, place in kept:
        name = quote(str(needed))
        yield f"mkdir -p {name}; mount --bind {place} {name}"


def _closed_and_needed() -> Iterator[tuple[Path, Path]]:
    """Yield the outermost folder on the way that others cannot enter, and the end."""
    for needed in sorted({Path(sys.base_prefix), Path(sys.prefix), ROOT}):
        for above in reversed(needed.parents):
            if not above.stat().st_mode & 0o001:
                yield above, needed
                break
