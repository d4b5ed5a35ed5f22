"""Of a student's cells, those run that are needed, and no others."""

from __future__ import annotations

import ast

import pytest

from p2pkit.classroom.grading.slicing import behind, imported, needed

OWN = """\
import math, json
from heapq import heappush as push
print(slow())
LIMIT = 3
def helper(x):
    return math.floor(x) + LIMIT
@helper
def unused(): pass
for _ in range(9): LIMIT = 4
class Tool: size = helper(2); print(1)
results = [slow() for _ in range(100)]"""


def test_of_an_extra_cell_definitions_that_are_used_stay_on_their_lines() -> None:
    [kept] = needed([OWN], ["answer = helper(1)"])

    lines = OWN.splitlines()
    expected = [lines[0], "", "", lines[3], lines[4], lines[5]]
    assert kept.splitlines() == expected


def test_what_is_not_used_is_not_run() -> None:
    assert needed([OWN], ["answer = 1"]) == [""]


def test_two_statements_on_a_line_are_told_apart() -> None:
    [kept] = needed(["a = 1; print(a); b = 'é'; c = b"], ["c"])

    assert kept == "b = 'é'; c = b"


def test_a_definition_may_need_one_in_another_cell() -> None:
    kept = needed(["def f(): return g()", "def g(): return 1"], ["x = f()"])

    assert kept == ["def f(): return g()", "def g(): return 1"]


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ({1: "import math", 2: "class A: x = math.pi", 3: "y = A().x"}, [1, 2]),
        ({1: "class B: pass", 2: "class A(B): pass", 3: "B.f = 1"}, [1, 2, 3]),
        ({1: "class A: pass", 2: "setattr(A, 'x', 1)", 3: "print(A)"}, [1, 2]),
        ({1: "if True:\n    class A: pass", 2: "x = 1"}, [1]),
        ({1: "exec('class A: pass')", 2: "x = 1"}, [1, 2]),
        ({1: "class A: pass", 2: "del A", 3: "class A: pass"}, [1, 2, 3]),
        ({1: "for A in (int,): pass", 2: "with f() as g: pass"}, [1]),
    ],
)
def test_a_class_comes_from_the_cells_that_make_or_change_it(
    cells: dict[int, str], found: list[int]
) -> None:
    assert behind("A", cells) == found


def test_imports_are_found_wherever_they_stand() -> None:
    source = "def f():\n  import os.path as p\n  from . import x\n  from re import sub"

    assert imported([source]) == ["os.path", "re", "re.sub"]


def test_what_is_kept_is_python() -> None:
    for kept in needed([OWN], ["Tool, unused"]):
        ast.parse(kept)
