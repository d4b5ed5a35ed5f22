"""What a notebook leaves behind, or finds missing, harms nobody who runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from p2pkit.classroom.grading.confine import FOLDERS, WALLS_FILE
from p2pkit.classroom.grading.visible import VisibleRun, run_visible
from tests.walls import needs_walls

pytestmark = [needs_walls, pytest.mark.timeout(90)]  # a kernel starts


def run(source: str) -> VisibleRun:
    return run_visible(new_notebook(cells=[new_code_cell(source)]), trust=True)


@pytest.mark.parametrize(
    "trap",
    [
        "os.remove('walls.txt'); os.mkfifo('walls.txt')",
        "os.remove('walls.txt'); os.symlink('/dev/zero', 'walls.txt')",
        "[(os.mkdir('d'), os.chdir('d')) for _ in range(2000)]",
    ],
    ids=["a pipe for a file", "a link to no end", "folders in folders"],
)
def test_what_it_leaves_behind_does_not_trap_its_reader(trap: str) -> None:
    found = run(f"import os; {trap}")

    assert found.failed == 0


OPEN_TO_THE_DISK = """
import sys
from p2pkit.classroom.grading import confine, landlock
landlock.version = lambda: 0
confine.main([sys.executable, "-c", "open('it_ran', 'w')"], trust={trust})
"""


@pytest.mark.parametrize("trust", [False, True])
def test_nothing_is_run_where_a_wall_is_missing_unless_trusted(
    trust: bool, tmp_path: Path
) -> None:
    code = OPEN_TO_THE_DISK.format(trust=trust)

    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)

    assert (tmp_path / "it_ran").exists() == trust
    assert FOLDERS not in (tmp_path / WALLS_FILE).read_text()
