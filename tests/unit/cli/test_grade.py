"""`p2pkit grade` refuses in a sentence, tells of each file, and can be interrupted."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from p2pkit.classroom.lab_files import Course, release
from p2pkit.cli.app import app
from tests.walls import needs_walls

ROOT = Path(__file__).parents[3]
COURSE = ["--course", str(ROOT / "labs"), "--no-nbval"]


def grade(*arguments: object, secret: str = "") -> Result:
    environment = {"P2PKIT_COURSE_SECRET": secret}
    words = ["grade", *COURSE, *map(str, arguments)]
    return CliRunner().invoke(app, words, env=environment)


def test_personal_without_a_secret_is_refused(tmp_path: Path) -> None:
    run = grade("--personal", tmp_path)

    assert run.exit_code == 1
    assert "by --secret-file or in P2PKIT_COURSE_SECRET" in run.stderr


@pytest.mark.parametrize(
    ("data", "sentence"),
    [(b" \n", "is empty: write words there"), (b"\xff\xfe", "is no text in UTF-8")],
)
def test_a_file_without_a_secret_is_refused(
    tmp_path: Path, data: bytes, sentence: str
) -> None:
    (tmp_path / "secret").write_bytes(data)

    run = grade("--secret-file", tmp_path / "secret", tmp_path)

    assert run.exit_code == 1
    assert run.stderr.startswith(f"p2pkit: {tmp_path / 'secret'} {sentence}")
    assert run.stderr.count("\n") == 1


@needs_walls
@pytest.mark.parametrize("secret", ["", "words"])
def test_grading_without_a_secret_says_that_hidden_seeds_can_be_computed(
    tmp_path: Path, secret: str
) -> None:
    place = tmp_path / "in" / "ada" / "lab0_wire.ipynb"
    place.parent.mkdir(parents=True)
    place.write_bytes(b"{")

    run = grade(tmp_path / "in", "--out", tmp_path / "out", secret=secret)

    said = "no course secret: anybody can compute the seeds of hidden cases; give one"
    report = (tmp_path / "out" / "report.txt").read_text("utf-8")
    assert (f"p2pkit: {said}" in run.stderr) == (not secret)
    assert report.startswith(said) == (not secret)
    assert run.stdout.startswith("0 graded (0 of them before), 1 not")


@needs_walls
def test_a_folder_without_files_is_no_success(tmp_path: Path) -> None:
    run = grade(tmp_path, "--out", tmp_path / "out")

    assert run.exit_code == 1
    assert f"nothing to grade in {tmp_path}" in run.stderr


@needs_walls
def test_a_path_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    run = grade(tmp_path / "nosub", "--out", tmp_path / "out")

    assert run.exit_code == 1
    assert "nosub: there is no such file or folder" in run.stderr


@needs_walls
def test_what_is_refused_twice_was_not_graded_before(tmp_path: Path) -> None:
    place = tmp_path / "in" / "ada" / "lab0_wire.ipynb"
    place.parent.mkdir(parents=True)
    place.write_bytes(b"{")
    words = (tmp_path / "in", "--out", tmp_path / "out")

    first, again = grade(*words), grade(*words)

    rows = (tmp_path / "out" / "grades.csv").read_text("utf-8").splitlines()
    page = (tmp_path / "out" / "feedback" / "ada" / "lab0_wire.html").read_text("utf-8")
    for run in (first, again):
        assert run.stdout.startswith("0 graded (0 of them before), 1 not")
        assert "ada.lab0_wire: not graded" in run.stderr
    assert rows[1].startswith("ada,lab0_wire,,")
    assert "hand it in again" in page


@needs_walls
def test_what_is_no_file_gets_a_line_of_its_own_and_is_not_waited_for(
    tmp_path: Path,
) -> None:
    pipe, folder = (tmp_path / "in" / one / "lab0_wire.ipynb" for one in ("ada", "kim"))
    pipe.parent.mkdir(parents=True)
    os.mkfifo(pipe)
    folder.mkdir(parents=True)
    (tmp_path / "in" / "eve").symlink_to("ada")

    run = grade(tmp_path / "in", "--out", tmp_path / "out", secret="words")

    report = (tmp_path / "out" / "report.txt").read_text("utf-8").splitlines()
    assert sorted(report) == [
        f"{pipe}: it is a named pipe: hand in the notebook itself",
        f"{tmp_path}/in/eve: it is a symbolic link, which could lead to another's "
        "work: hand in the notebook itself",
        f"{folder}: it is a folder: hand in the notebook itself",
    ]
    assert all(f"p2pkit: {line}\n" in run.stderr for line in report)


@needs_walls
def test_a_roster_shows_who_handed_in_nothing_and_who_is_not_on_it(
    tmp_path: Path,
) -> None:
    place = tmp_path / "in" / "ADA" / "lab0_wire.ipynb"
    place.parent.mkdir(parents=True)
    place.write_bytes(b"{")
    roster = tmp_path / "roster.csv"
    roster.write_text("id\nada\nbob\n")

    run = grade(
        tmp_path / "in", "--out", tmp_path / "out", "--roster", roster, secret="words"
    )

    report = (tmp_path / "out" / "report.txt").read_text("utf-8").splitlines()
    assert report[:2] == [
        "lab0_wire: nothing from ada, bob",
        "not on the roster: ADA.lab0_wire",
    ]
    assert all(f"p2pkit: {line}\n" in run.stderr for line in report)
    assert "0 graded (0 of them before), 1 not" in run.stdout


@needs_walls
@pytest.mark.timeout(60)  # it loads all that grading needs, and grades a stub
def test_who_worked_in_a_neighbors_notebook_is_named_in_the_report(
    tmp_path: Path,
) -> None:
    course = Course(ROOT / "labs")
    release(course, tmp_path / "in" / "bob", "ada", "words", ["lab0_wire"])

    run = grade(
        tmp_path / "in", "--personal", "--out", tmp_path / "out", secret="words"
    )

    report = (tmp_path / "out" / "report.txt").read_text("utf-8")
    assert report.startswith("1 of 1 open their lab otherwise than released for their")
    assert "bob.lab0_wire" in report
    assert f"p2pkit: {report}" in run.stderr


@needs_walls
@pytest.mark.timeout(60)  # it loads all that grading needs, and begins with two files
def test_an_interrupted_batch_says_how_far_it_came(tmp_path: Path) -> None:
    for student in ("ada", "bob"):
        (tmp_path / "in" / student).mkdir(parents=True)
        shutil.copy(ROOT / "labs" / "lab0_wire.ipynb", tmp_path / "in" / student)
    words = [str(tmp_path / "in"), "--out", str(tmp_path / "out")]
    child = subprocess.Popen(
        [sys.executable, "-m", "p2pkit.cli", "grade", *COURSE, *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True, env=os.environ | {"P2PKIT_COURSE_SECRET": "words"},
    )  # fmt: skip
    assert child.stderr is not None

    first = child.stderr.readline()
    os.killpg(child.pid, signal.SIGINT)  # as Ctrl-C does: all of its group
    _, said = child.communicate()

    assert child.returncode == 130
    assert "ada.lab0_wire: 0 of 100 points, graded in" in first
    assert said == (
        "p2pkit: interrupted, 1 of 2 graded; the same command goes on from there\n"
    )
