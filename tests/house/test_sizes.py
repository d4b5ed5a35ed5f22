"""A file, a class, a function and a notebook cell each fit their budget."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house import tree

LISTING, MODULE, TEST_FILE, CLASS, FUNCTION, CELL = 150, 400, 400, 200, 40, 25
LAB_CELL = 55
"""An exercise is one cell: a class, its docstrings, and what the student writes."""

# What may be larger: "path" or "path::Name.method" -> (its own ceiling, why).
EXCEPTIONS: dict[str, tuple[int, str]] = {}


def file_sizes() -> Iterator[tuple[str, int, int]]:
    for path in tree.python_files(tree.PACKAGE, tree.TESTS, tree.ROOT / "benchmarks"):
        if path.is_relative_to(tree.PACKAGE / "protocols"):
            ceiling = LISTING
        else:
            ceiling = TEST_FILE if path.is_relative_to(tree.TESTS) else MODULE
        yield tree.name_of(path), tree.line_count(path), ceiling


def definition_sizes() -> Iterator[tuple[str, int, int]]:
    for path in tree.python_files(tree.PACKAGE, tree.TESTS, tree.ROOT / "benchmarks"):
        for name, node in tree.definitions(tree.parse(path)):
            where = f"{tree.name_of(path)}::{name}"
            if isinstance(node, ast.ClassDef):
                yield where, (node.end_lineno or 0) - node.lineno + 1, CLASS
            else:
                yield where, tree.body_lines(node), FUNCTION


def cell_sizes() -> Iterator[tuple[str, int, int]]:
    notebooks = [p for p in tree.repository_files() if p.suffix == ".ipynb"]
    for path in notebooks:
        ceiling = LAB_CELL if path.is_relative_to(tree.ROOT / "labs") else CELL
        for number, cell in enumerate(tree.code_cells(path), start=1):
            where = f"{tree.name_of(path)}::code cell {number}"
            yield where, len(cell.splitlines()), ceiling


def too_large(sizes: Iterator[tuple[str, int, int]]) -> list[str]:
    return [
        f"{where}: {lines} lines, at most {allowed}"
        for where, lines, ceiling in sizes
        if lines > (allowed := EXCEPTIONS.get(where, (ceiling, ""))[0])
    ]


def test_every_file_fits_its_budget() -> None:
    assert too_large(file_sizes()) == []


def test_every_class_and_function_fits_its_budget() -> None:
    assert too_large(definition_sizes()) == []


def test_every_notebook_cell_fits_its_budget() -> None:
    assert too_large(cell_sizes()) == []


def test_every_exception_is_still_needed_and_says_why() -> None:
    found = [*file_sizes(), *definition_sizes(), *cell_sizes()]
    needed = {where for where, lines, ceiling in found if lines > ceiling}

    assert set(EXCEPTIONS) <= needed
    assert all(reason for _, reason in EXCEPTIONS.values())


def test_a_docstring_does_not_count_against_its_function() -> None:
    source = 'def f():\n    """One.\n\n    Two.\n    """\n    return 1\n'
    function = ast.parse(source).body[0]

    assert isinstance(function, ast.FunctionDef)
    assert tree.body_lines(function) == 2


def test_the_package_was_found() -> None:
    assert tree.PACKAGE / "__init__.py" in tree.repository_files()
    assert Path(__file__) in tree.repository_files()
