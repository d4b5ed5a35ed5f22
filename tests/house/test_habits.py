"""Rooms import downward, decision rooms never wait, tests never sleep."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.house import tree

# "path:line" would move with every edit, so: "path" -> why it may sleep.
EXCEPTIONS: dict[str, str] = {}


def sleeps(module: ast.Module) -> Iterator[int]:
    """Yield the lines that call or import ``time.sleep``."""
    for node in ast.walk(module):
        match node:
            case ast.Attribute(value=ast.Name(id="time"), attr="sleep"):
                yield node.lineno
            case ast.ImportFrom(module="time", names=names):
                yield from [node.lineno for n in names if n.name == "sleep"]


def test_no_test_waits_by_sleeping() -> None:
    found = [
        f"{name}:{line}"
        for path in tree.python_files(tree.TESTS)
        if (name := tree.name_of(path)) not in EXCEPTIONS
        for line in sleeps(tree.parse(path))
    ]

    assert found == []


def test_a_sleep_is_seen_whichever_way_it_is_written() -> None:
    module = ast.parse("import time\ntime.sleep(1)\nfrom time import sleep\n")

    assert sorted(sleeps(module)) == [2, 3]


def test_the_import_contracts_hold() -> None:
    lint_imports = Path(sys.executable).with_name("lint-imports")

    run = subprocess.run(
        # Its cache does not notice an import under `if TYPE_CHECKING`.
        [lint_imports, "--no-logo", "--no-cache"],
        cwd=tree.ROOT,
        capture_output=True,
        text=True,
    )

    assert run.returncode == 0, run.stdout + run.stderr


def imported_at_once(module: ast.AST) -> Iterator[str]:
    """Yield the modules that a module imports when it is loaded itself."""
    for node in ast.iter_child_nodes(module):
        match node:
            case ast.Import(names=names):
                yield from [one.name for one in names]
            case ast.ImportFrom(module=str(name), names=names):
                yield from [name, *(f"{name}.{one.name}" for one in names)]
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                pass
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.expr():
                pass
            case _:
                yield from imported_at_once(node)


def test_what_builds_on_scapy_is_loaded_only_when_it_is_asked_for() -> None:
    room = tree.PACKAGE / "observe" / "capture" / "layers"
    loading = [
        f"{tree.name_of(path)}: {name}"
        for path in tree.python_files(tree.PACKAGE)
        if not path.is_relative_to(room)
        for name in imported_at_once(tree.parse(path))
        if name.startswith("p2pkit.observe.capture.layers")
    ]

    assert loading == []


def test_each_file_of_that_folder_names_its_license() -> None:
    room = tree.PACKAGE / "observe" / "capture" / "layers"
    files = tree.python_files(room)
    line = "# SPDX-License-Identifier: GPL-2.0-only"

    assert (room / "LICENSE.md").is_file()
    assert len(files) > 5
    assert [one for one in files if not one.read_text().startswith(line)] == []


def test_decision_rooms_never_wait() -> None:
    rooms = [tree.PACKAGE / room for room in ("protocols", "attacks", "faults")]
    waiting = [
        f"{tree.name_of(path)}:{node.lineno}"
        for path in tree.python_files(*rooms)
        for node in ast.walk(tree.parse(path))
        if isinstance(node, ast.AsyncFunctionDef)
    ]

    assert waiting == []
