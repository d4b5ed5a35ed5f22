"""Cells become stubs, pieces and wrong answers; what is unsound is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat.v4
import pytest

from p2pkit.classroom.lab_files import export, hidden_cases, mark_of, module_text
from p2pkit.classroom.lab_files.export import run_here
from p2pkit.classroom.lab_files.regions import without_hidden, without_solutions
from p2pkit.classroom.lab_files.wrong import (
    Edit,
    WrongAnswer,
    answered_wrongly,
    read_wrong,
)
from p2pkit.core import LabError

METHOD = (
    "def f(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION\n    # end"
)
CHECK = (
    'lab.check("1.2")\n### BEGIN HIDDEN TESTS\n'
    'lab.hidden("1.2", nodes=9, loss=0.5)\n### END HIDDEN TESTS'
)


def notebook(*sources: str) -> Any:
    cells = []
    for number, source in enumerate(sources):
        mark = {
            "grade": False, "grade_id": f"cell{number}", "locked": False,
            "schema_version": 3, "solution": True, "task": False,
        }  # fmt: skip
        cell = nbformat.v4.new_code_cell(source, metadata={"nbgrader": mark})
        cells.append(cell)
    return nbformat.v4.new_notebook(cells=cells)


def test_solution_of_a_function_becomes_a_stub_that_raises() -> None:
    assert without_solutions(METHOD) == (
        "def f(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()\n    # end"
    )


def test_hidden_cases_are_read_without_being_run() -> None:
    (case,) = hidden_cases(CHECK)

    assert (case.check_id, case.given) == ("1.2", {"nodes": 9, "loss": 0.5})
    assert without_hidden(CHECK) == 'lab.check("1.2")'


@pytest.mark.parametrize(
    "inside", ["import os", "lab.hidden(name)", "lab.check('1')", "x = lab.hidden('1')"]
)
def test_hidden_region_holds_hidden_cases_alone(inside: str) -> None:
    source = f"### BEGIN HIDDEN TESTS\n{inside}\n### END HIDDEN TESTS"

    with pytest.raises(LabError, match=r"holds calls of lab\.hidden alone"):
        hidden_cases(source)


@pytest.mark.parametrize("what", ["SOLUTION", "HIDDEN TESTS"])
def test_region_that_never_ends_is_refused(what: str) -> None:
    strip = without_solutions if what == "SOLUTION" else without_hidden

    with pytest.raises(LabError, match="never ends"):
        strip(f"### BEGIN {what}\npass")


@pytest.mark.parametrize(
    "metadata", [{}, {"nbgrader": 7}, {"nbgrader": {"grade_id": 1, "solution": []}}]
)
def test_nonsense_in_metadata_is_no_mark(metadata: dict[str, Any]) -> None:
    assert mark_of({"metadata": metadata}) is None


def test_magic_is_put_aside_and_what_is_not_python_is_told() -> None:
    pieces = export(notebook("%matplotlib inline\nx = 1", "def f(:", "y = x + 1"))
    namespace: dict[str, Any] = {}

    problems = run_here(pieces, namespace)

    assert namespace["y"] == 2
    assert problems == ["cell cell1 is not Python in line 1: invalid syntax"]
    assert module_text(pieces).startswith("# %% cell0\n# %matplotlib inline\nx = 1")


def test_broken_cell_does_not_take_the_others_with_it() -> None:
    namespace: dict[str, Any] = {}

    problems = run_here(export(notebook("1 / 0", "z = 3")), namespace)

    assert namespace["z"] == 3
    assert problems == ["cell cell0 raised ZeroDivisionError: division by zero"]


def test_of_cells_with_one_name_the_first_counts() -> None:
    twice = notebook("x = 1", "x = 2")
    twice.cells[1].metadata.nbgrader.grade_id = "cell0"

    assert [piece.source for piece in export(twice)] == ["x = 1"]


def test_edit_must_fit_exactly_once() -> None:
    source = notebook("a = 1\nb = 1")
    wrong = WrongAnswer("one less", {}, (Edit("cell0", new="= 0", old="= 1"),))

    with pytest.raises(LabError, match="is there 2 times instead of once"):
        answered_wrongly(source, wrong)


def test_file_that_is_no_wrong_answer_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mistake.toml"
    path.write_text('says = "a mistake"\nlooses = {}\n')

    with pytest.raises(LabError, match=r"mistake\.toml is no wrong answer"):
        read_wrong(path)
