"""The instructor's notebook finds the grades of a class, or says that it has none."""

from __future__ import annotations

from pathlib import Path

import pytest

from p2pkit.classroom.grading.result import Result
from p2pkit.classroom.grading.tables import grades_json
from p2pkit.classroom.lab_files import read

LABS = Path(__file__).parents[2] / "labs"


def beginning(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[Result]:
    """Run the first cells in a folder; return whose results they chose."""
    monkeypatch.chdir(folder)
    cells = {cell.id: cell.source for cell in read(LABS / "instructor.ipynb").cells}
    namespace: dict[str, list[Result]] = {}
    for name in ("instructor-01", "instructor-02"):
        exec(cells[name], namespace)  # as a kernel does
    return namespace["results"]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    (tmp_path / "labs").mkdir()
    (tmp_path / "labs" / "source").symlink_to(LABS / "source")
    return tmp_path


@pytest.mark.parametrize("kernel", [".", "labs"])
def test_grades_beside_the_course_are_found_from_both_folders(
    course: Path,
    kernel: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (course / "grades").mkdir()
    graded = Result("ada", "lab1_gossip", "")
    (course / "grades" / "grades.json").write_bytes(grades_json([graded]))

    assert beginning(course / kernel, monkeypatch) == [graded]
    assert "1 results of your class" in capsys.readouterr().out


def test_without_grades_it_says_that_its_class_is_a_sample(
    course: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert len(beginning(course / "labs", monkeypatch)) > 1
    assert "NO GRADES FOUND. All below is a SAMPLE CLASS" in capsys.readouterr().out
