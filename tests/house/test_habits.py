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


def test_decision_rooms_never_wait() -> None:
    rooms = [tree.PACKAGE / room for room in ("protocols", "attacks", "faults")]
    waiting = [
        f"{tree.name_of(path)}:{node.lineno}"
        for path in tree.python_files(*rooms)
        for node in ast.walk(tree.parse(path))
        if isinstance(node, ast.AsyncFunctionDef)
    ]

    assert waiting == []
