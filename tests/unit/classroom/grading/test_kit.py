"""What was graded by other code is not taken for graded."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from p2pkit.classroom.grading import kit
from p2pkit.classroom.grading.grader import Policy
from p2pkit.classroom.grading.store import key_of
from p2pkit.classroom.lab_files import Course

COURSE = Course(Path(__file__).parents[4] / "labs")
SLUG = "lab0_wire"
LABS = "classroom/labs"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package once more, to be changed."""
    shutil.copytree(kit.ROOT, tmp_path / "p2pkit", ignore=_not_code)
    return tmp_path / "p2pkit"


def _not_code(folder: str, names: list[str]) -> list[str]:
    paths = [Path(folder, one) for one in names]
    return [one.name for one in paths if one.is_file() and one.suffix != ".py"]


def changed(copy: Path, name: str) -> bytes:
    """Return the digest after a file has got another line."""
    with (copy / name).open("a") as file:
        file.write("# another line\n")
    return kit.digest.__wrapped__(SLUG, copy)


@pytest.mark.parametrize(
    "name",
    [
        "harness/verdict.py",
        "harness/on_sockets.py",
        "classroom/sandbox/values.py",
        "classroom/grading/slicing.py",
        "classroom/lab_files/regions.py",
        f"{LABS}/check.py",
        f"{LABS}/{SLUG}/checks.py",
        "sim/scheduler.py",
        "core/collector.py",
    ],
)
def test_code_that_decides_grades_changes_the_digest(copy, name):
    assert changed(copy, name) != kit.digest(SLUG)


@pytest.mark.parametrize(
    "name", ["cli/grade.py", "view/live.py", f"{LABS}/lab1_gossip/push.py"]
)
def test_code_that_decides_none_of_this_lab_does_not(copy, name):
    assert changed(copy, name) == kit.digest(SLUG)


def test_a_key_follows_from_the_code(copy, monkeypatch):
    key = key_of(b"{}", SLUG, COURSE, Policy("x"))

    other = changed(copy, "harness/verdict.py")
    monkeypatch.setattr(kit, "digest", lambda _: other)

    assert key_of(b"{}", SLUG, COURSE, Policy("x")) != key


def test_it_is_computed_in_less_than_50_ms_and_then_kept():
    took_s = []
    for _ in range(5):
        began_s = time.perf_counter()
        kit.digest.__wrapped__(SLUG, kit.ROOT)
        took_s.append(time.perf_counter() - began_s)

    assert min(took_s) < 0.05
    assert kit.digest(SLUG) is kit.digest(SLUG)
