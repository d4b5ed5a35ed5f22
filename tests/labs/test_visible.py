"""A notebook is run from top to bottom behind walls, for information."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from socket import create_server
from tempfile import NamedTemporaryFile

import pytest

from p2pkit.classroom.grading import landlock
from p2pkit.classroom.grading.confine import SHARED_MEMORY
from p2pkit.classroom.grading.visible import VisibleRun, run_visible
from tests.cluster.private import needs_private_network
from tests.labs.cheats.making import put, stub

pytestmark = pytest.mark.timeout(120)  # a kernel, which loads much

needs_landlock = pytest.mark.skipif(
    not landlock.version(), reason="no Landlock here: use Linux 5.13 or newer"
)


def run(*sources: str) -> VisibleRun:
    """Run a notebook of these cells alone."""
    notebook = stub()
    for source in sources:
        put(notebook, source)
    notebook.cells = [one for one in notebook.cells if one.source in sources]
    return run_visible(notebook, limit_s=100, trust=True)


@contextmanager
def listening() -> Iterator[int]:
    with closing(create_server(("127.0.0.1", 0))) as server:
        yield server.getsockname()[1]


def test_cells_that_fail_are_told_with_the_reason() -> None:
    found = run("x = 1", "1 / 0", "y = x + 1")

    assert (found.ran, found.failed, found.stopped) == (2, 1, "")
    assert "ZeroDivisionError" in found.failures[0].why


def test_a_kernel_that_is_ended_is_told() -> None:
    found = run("import os\nos._exit(1)")

    assert found.ran == 0
    assert found.failures or found.stopped


@needs_landlock
def test_files_of_the_teacher_are_out_of_sight(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("of the course")

    found = run(
        f"open({str(secret)!r}).read()",
        f"open({str(tmp_path / 'new')!r}, 'w')",
        "open('own', 'w').write('fine')",
    )

    assert (found.ran, found.failed) == (1, 2)
    assert all("PermissionError" in one.why for one in found.failures)


@needs_private_network
def test_the_network_is_its_own() -> None:
    with listening() as port:
        found = run(
            f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)",
            "import socket; socket.create_connection(('192.0.2.1', 80), 2)",
        )

    assert found.failed == 2
    assert "refused" in found.failures[0].why
    assert "unreachable" in found.failures[1].why


@needs_private_network
def test_what_it_shares_in_memory_is_its_own_and_goes_with_it() -> None:
    with NamedTemporaryFile(dir=SHARED_MEMORY) as others:
        name = f"{others.name}-of-a-cell"
        found = run(
            f"open({others.name!r}).read()",
            f"with open({name!r}, 'w') as file: file.write('for whoever comes next')",
        )

    assert (found.ran, found.failed) == (1, 1)
    assert "FileNotFoundError" in found.failures[0].why
    assert not Path(name).exists()
