"""A batch of submissions is graded whatever is among them, and goes on when killed."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from p2pkit.classroom.grading.batch import Batch, Outcome, Task, results_of
from p2pkit.classroom.grading.grader import Policy
from p2pkit.classroom.grading.reading import Submission, Unreadable, content, placed
from p2pkit.classroom.grading.result import CaseResult, CheckResult, Result
from p2pkit.classroom.grading.tables import grades_csv, grades_json, junit_xml
from p2pkit.harness import Finding, Verdict
from tests.labs.cheats.making import COURSE, SLUG, bytes_of, stub
from tests.walls import needs_walls

pytestmark = [needs_walls, pytest.mark.timeout(120)]  # processes that load much

ROOT = COURSE.root.parent


def tasks_in(folder: Path, students: list[str], visible: bool = False) -> list[Task]:
    tasks = []
    for student in students:
        path = folder / f"{student}.ipynb"
        if not path.exists():
            path.write_bytes(bytes_of(stub()))
        task = Submission(path, student, SLUG)
        store = folder / "journal"
        tasks.append(Task(task, COURSE.root, store, Policy("x"), visible))
    return tasks


def run(tasks: list[Task], **options: bool) -> list[Outcome]:
    return list(Batch(tasks, 2, **options).run(lambda _: None))


def test_a_broken_file_costs_the_others_nothing(tmp_path: Path) -> None:
    (tmp_path / "bob.ipynb").write_bytes(b"{")
    (tmp_path / "eve.ipynb").symlink_to(tmp_path / "ada.ipynb")

    results = results_of(run(tasks_in(tmp_path, ["ada", "bob", "eve"])))

    assert [one.student for one in results] == ["ada", "bob", "eve"]
    assert results[0].refused == ""
    assert len(results[0].checks) == 18
    assert "no valid notebook" in results[1].refused
    assert "it is a symbolic link" in results[2].refused


def test_what_is_graded_is_kept_until_something_changes(tmp_path: Path) -> None:
    tasks = tasks_in(tmp_path, ["ada"])

    first, again = run(tasks)[0], run(tasks)[0]
    (tmp_path / "ada.ipynb").write_bytes(bytes_of(stub()) + b" ")
    changed = run(tasks)[0]

    assert [one.was_kept for one in (first, again, changed)] == [False, True, False]
    assert first.record == again.record
    assert first.record.result.checks == changed.record.result.checks


def test_a_batch_that_is_killed_goes_on_to_the_same_result(tmp_path: Path) -> None:
    students = [f"s{number}" for number in range(4)]
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    for folder in (whole, cut):
        folder.mkdir()
        for student in students:
            (folder / f"{SLUG}_{student}.ipynb").write_bytes(bytes_of(stub()))

    grade(whole).communicate()
    victim = grade(cut)
    while len(list((cut / "out" / "journal").glob("*.json"))) < 2:
        assert victim.poll() is None
        os.sched_yield()
    os.killpg(victim.pid, signal.SIGKILL)
    victim.communicate()
    resumed = grade(cut)
    said = resumed.communicate()[0].decode()

    assert resumed.returncode == 0
    assert "0 of them before" not in said
    for name in ("grades.csv", "grades.json", "junit.xml"):
        assert (cut / "out" / name).read_bytes() == (whole / "out" / name).read_bytes()


def grade(folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "p2pkit.cli", "grade", "--no-nbval"]
    files = [str(path) for path in sorted(folder.glob("*.ipynb"))]
    return subprocess.Popen(
        [*command, "--out", str(folder / "out"), *files],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )


@pytest.mark.parametrize(
    ("path", "student"),
    [
        ("in/ada/lab1_gossip/lab1_gossip.ipynb", "ada"),
        ("in/ada/lab1_gossip.ipynb", "ada"),
        ("in/lab1_gossip_ada.ipynb", "ada"),
        ("in/ada-lab1_gossip.ipynb", "ada"),
        ("x/s@uni.example/lab1_gossip.ipynb", "s@uni.example"),
    ],
)
def test_the_place_of_a_file_says_whose_it_is(path: str, student: str) -> None:
    assert placed(Path(path), [SLUG]).student == student


@pytest.mark.parametrize(
    "path",
    [
        "in/=cmd()/lab1_gossip.ipynb",
        "in/<b>/lab1_gossip.ipynb",
        "in/a b/lab1_gossip.ipynb",
        "in/\u202e/lab1_gossip.ipynb",
        "in/ada/lab9.ipynb",
        "in/ada/lab1_gossip.zip",
    ],
)
def test_a_place_that_could_do_harm_says_nothing(path: str) -> None:
    with pytest.raises(Unreadable):
        placed(Path(path), [SLUG])


@pytest.mark.parametrize(
    "name",
    [
        "lab1_gossip-Copy1", "lab1_gossip_ada-Copy2", "lab1_gossip (1)",
        "lab1_gossip - Copy (2)", "lab1_gossip copy", "lab1_gossip_ada (3)",
    ],
)  # fmt: skip
def test_a_copy_is_nobodys_and_is_named_as_one(name: str) -> None:
    with pytest.raises(Unreadable, match=r"of a copy.* name it lab1_gossip\.ipynb"):
        placed(Path(f"in/ada/{name}.ipynb"), [SLUG])


def test_junit_says_what_did_not_hold_and_nothing_that_tells_a_hidden_case() -> None:
    claim = Finding("who was told knows", 0.0, "all", "seed 8461", "ask")
    cases = (
        CaseResult(True, 8461, {}, Verdict((claim,), stopped="seed 8461")),
        CaseResult(False, 1, {}, Verdict(stopped="Push.hear is not written yet")),
    )
    check = CheckResult("1.3", "it spreads", "correctness", 9.0, 0.0, cases)

    text = junit_xml([Result("ada", SLUG, "", 9.0, 0.0, (check,))]).decode()

    said = "0 of 9 points: who was told knows; Push.hear is not written yet"
    assert f'<failure message="{said}" />' in text
    assert "8461" not in text


def test_only_regular_files_of_a_sensible_size_are_read(tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(50 << 20)

    with pytest.raises(Unreadable, match="it has 50 MiB, and 10 are allowed"):
        content(large)


def test_tables_hold_what_would_break_them() -> None:
    evil = "=HYPERLINK(1)\n\x00<&]]>"
    results = [Result("ada", SLUG, "", refused=evil)]

    rows = list(csv.reader(io.StringIO(grades_csv(results))))

    assert len(rows) == 2
    assert rows[1][-1].startswith("'=")
    assert b"\x00" not in junit_xml(results)
    assert json.loads(grades_json(results))[0]["refused"] == evil
