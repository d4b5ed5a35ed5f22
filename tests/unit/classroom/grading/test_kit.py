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


def digests(root: Path) -> tuple[bytes, bytes]:
    return kit.of_all_labs(root), kit.of_lab(SLUG, root)


def change(copy: Path, name: str) -> None:
    with (copy / name).open("a") as file:
        file.write("# another line\n")


@pytest.mark.parametrize(
    ("name", "is_shared"),
    [
        ("harness/verdict.py", True),
        ("harness/on_sockets.py", True),
        ("classroom/sandbox/values.py", True),
        ("classroom/grading/slicing.py", True),
        ("classroom/lab_files/regions.py", True),
        (f"{LABS}/check.py", True),
        ("sim/scheduler.py", True),
        ("core/collector.py", True),
        (f"{LABS}/{SLUG}/checks.py", False),
    ],
)
def test_code_that_decides_grades_changes_a_digest(copy, name, is_shared):
    shared, own = digests(kit.ROOT)

    change(copy, name)

    assert (kit.of_all_labs(copy) != shared) == is_shared
    assert (kit.of_lab(SLUG, copy) != own) == (not is_shared)


@pytest.mark.parametrize(
    "name", ["cli/grade.py", "view/live.py", f"{LABS}/lab1_gossip/push.py"]
)
def test_code_that_decides_none_of_this_lab_changes_nothing(copy, name):
    change(copy, name)

    assert digests(copy) == digests(kit.ROOT)


def test_a_file_that_is_moved_changes_the_digest(copy):
    (copy / "harness/bands.py").rename(copy / "harness/banding.py")

    assert kit.of_all_labs(copy) != kit.SHARED


def test_a_key_follows_from_the_code(copy, monkeypatch):
    key = key_of(b"{}", SLUG, COURSE, Policy("x"))
    change(copy, "harness/verdict.py")

    monkeypatch.setattr(kit, "SHARED", kit.of_all_labs(copy))

    assert key_of(b"{}", SLUG, COURSE, Policy("x")) != key


def test_all_code_is_read_in_less_than_50_ms():
    took_s = []
    for _ in range(5):
        began_s = time.perf_counter()
        digests(kit.ROOT)
        took_s.append(time.perf_counter() - began_s)

    assert min(took_s) < 0.05
