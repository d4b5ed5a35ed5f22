"""`--personal` grades each by their own numbers; `--trust` says that it trusted.

Small submissions of lab 0 go all the way: released, handed in, graded, told.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from typer.testing import CliRunner

from p2pkit.classroom.grading.openings import OTHERWISE
from p2pkit.classroom.lab_files.export import export, run_here
from p2pkit.classroom.lab_files.release import opened
from p2pkit.classroom.labs import find
from p2pkit.classroom.labs.ticket import ticket_of
from p2pkit.cli.app import app
from tests.labs.cheats.making import COURSE, bytes_of, cell, solved
from tests.walls import needs_walls

SLUG = "lab0_wire"
SECRET = "of the tests"
ON_TRUST = "graded on trust: "

pytestmark = pytest.mark.timeout(120)  # whole labs are graded, in many processes


class Graded:
    """What a run of `p2pkit grade` left."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.out = folder / "out"
        words = ["grade", str(folder / "in"), "--course", str(COURSE.root)]
        words += ["--out", str(self.out), "--no-nbval", "--jobs", "2", *options]
        environment = {"P2PKIT_COURSE_SECRET": SECRET}
        self.run = CliRunner().invoke(app, words, env=environment)
        assert self.run.exit_code == 0, self.run.output
        self.report = (self.out / "report.txt").read_text("utf-8")
        results = json.loads((self.out / "grades.json").read_bytes())
        self.results: dict[str, Any] = {one["student"]: one for one in results}

    def lost(self, student: str) -> list[str]:
        """Return the checks at which points were lost."""
        checks = self.results[student]["checks"]
        return [one["id"] for one in checks if one["earned"] < one["points"]]

    def page(self, student: str) -> str:
        path = self.out / "feedback" / student / f"{SLUG}.html"
        return path.read_text("utf-8")


def released_to(student: str, folder: Path) -> Any:
    """Release the lab to a student as a teacher does; return the notebook."""
    words = ["labs", "release", SLUG, "--student", student, "--into", str(folder)]
    run = CliRunner().invoke(
        app,
        [*words, "--course", str(COURSE.root)],
        env={"P2PKIT_COURSE_SECRET": SECRET},
    )
    assert run.exit_code == 0, run.output
    return nbformat.read(folder / f"{SLUG}.ipynb", 4)


def answers_of(student: str) -> tuple[int, float]:
    """Return what a student finds in the run of their own."""
    namespace: dict[str, Any] = {}
    problems = run_here(export(opened(COURSE.source(SLUG), student, SECRET)), namespace)
    assert problems == []
    return namespace["answer_1"], namespace["answer_2"]


def hand_in(folder: Path, student: str, notebook: Any) -> None:
    place = folder / "in" / student
    place.mkdir(parents=True)
    (place / f"{SLUG}.ipynb").write_bytes(bytes_of(notebook))


@pytest.fixture(scope="module")
def personal(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """Ada's own notebook, with numbers of her own run; and bob's, which is hers."""
    folder = tmp_path_factory.mktemp("personal")
    notebook = released_to("ada", folder / "ada")
    for ours, right in zip(notebook.cells, solved(SLUG).cells, strict=True):
        if ours.metadata.get("nbgrader", {}).get("solution"):
            ours.source = right.source
    one, two = answers_of("ada")
    cell(notebook, "answers").source = f"answer_1 = {one}\nanswer_2 = {two}"
    for student in ("ada", "bob"):
        hand_in(folder, student, notebook)
    return Graded(folder, "--personal")


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    folder = tmp_path_factory.mktemp("trusted")
    hand_in(folder, "ada", solved(SLUG))
    return Graded(folder, "--trust")


@needs_walls
def test_who_was_given_a_notebook_gets_full_points_for_its_own_numbers(
    personal: Graded,
) -> None:
    ada = personal.results["ada"]

    assert (ada["earned"], ada["points"]) == (100, 100)
    assert ada["notes"] == []


@needs_walls
def test_a_neighbors_notebook_is_told_apart_and_its_numbers_do_not_fit(
    personal: Graded,
) -> None:
    bob = personal.results["bob"]

    assert bob["notes"][0].startswith(f"{OTHERWISE}: it says ada;")
    assert personal.lost("bob") == ["3.1", "3.2"]
    assert bob["earned"] == 90
    assert OTHERWISE.replace("'", "&#x27;") in personal.page("bob")
    assert "p2pkit: 1 of 2 open their lab otherwise" in personal.run.stderr


def test_parameters_and_seeds_differ_from_student_to_student() -> None:
    lab, tickets = find(SLUG), [ticket_of(one, SECRET) for one in ("ada", "bob")]

    ada, bob = (lab.case("2.3", one) for one in tickets)

    assert ada.parameters != bob.parameters
    assert ada.seed != bob.seed
    assert answers_of("ada") != answers_of("bob")


@needs_walls
def test_who_is_graded_behind_walls_is_not_told_of_trust(personal: Graded) -> None:
    assert ON_TRUST not in personal.report + personal.page("ada") + personal.run.stderr


def test_what_is_graded_on_trust_says_so_in_report_result_and_page(
    trusted: Graded,
) -> None:
    ada = trusted.results["ada"]

    assert (ada["earned"], ada["points"]) == (100, 100)
    assert ada["notes"] == [f"{ON_TRUST}its code ran without walls"]
    assert trusted.report == f"{ON_TRUST}student code ran without walls\n"
    assert f"p2pkit: {trusted.report}" in trusted.run.stderr
    assert ON_TRUST in trusted.page("ada")
