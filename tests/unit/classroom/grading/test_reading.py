"""What is handed in is a file, or one plain sentence says what it is instead."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from p2pkit.classroom.grading.reading import Submission, Unreadable, content, found
from tests.ordinary_user import OrdinaryUser

SLUG = "lab1_gossip"
NAME = f"{SLUG}.ipynb"


def link(path: Path) -> None:
    path.symlink_to(path.parent.parent / "bob" / NAME)


def dangling(path: Path) -> None:
    path.symlink_to("nowhere")


def bind(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(path))


def device(path: Path) -> None:
    try:
        os.mknod(path, 0o600 | 0o020000, os.makedev(1, 5))  # zeros without an end
    except PermissionError as error:
        pytest.skip(f"needs the right to make devices: {error}")


KINDS = pytest.mark.parametrize(
    ("make", "kind"),
    [
        (link, "a symbolic link, which could lead to another's work"),
        (dangling, "a symbolic link, which could lead to another's work"),
        (Path.mkdir, "a folder"),
        (os.mkfifo, "a named pipe"),
        (bind, "a socket"),
        (device, "a device"),
    ],
)


@pytest.fixture
def ada(tmp_path: Path) -> Path:
    """Where ada hands in; bob has done so."""
    for student in ("ada", "bob"):
        (tmp_path / student).mkdir()
    (tmp_path / "bob" / NAME).write_bytes(b"{}")
    return tmp_path / "ada"


@KINDS
def test_what_stands_in_the_place_of_a_notebook_is_named(ada, make, kind):
    make(ada / NAME)

    with pytest.raises(Unreadable) as caught:
        content(ada / NAME)

    assert str(caught.value) == f"it is {kind}: hand in the notebook itself"


@KINDS
def test_in_a_folder_it_is_found_as_that_students_and_costs_nobody_else(
    ada, make, kind
):
    make(ada / NAME)

    ours, bobs = found([ada.parent], [SLUG])

    assert ours == Submission(ada / NAME, "ada", SLUG)
    assert bobs == Submission(ada.parent / "bob" / NAME, "bob", SLUG)


def test_a_folder_that_is_a_link_is_named_and_not_followed(ada):
    (ada.parent / "eve").symlink_to(ada.parent / "bob")

    paths = dict(one for one in found([ada.parent], [SLUG]) if isinstance(one, tuple))

    assert list(paths) == [ada.parent / "eve"]
    assert paths[ada.parent / "eve"].startswith("it is a symbolic link, which could")


def test_a_link_that_is_asked_for_is_not_followed_either(ada):
    (ada.parent / "all").symlink_to(ada.parent / "bob")

    ((path, why),) = found([ada.parent / "all"], [SLUG])

    assert path == ada.parent / "all"
    assert why.startswith("it is a symbolic link, which could lead to another's work")


def test_a_folder_that_may_not_be_looked_into_gets_a_line(
    ordinary_user: OrdinaryUser,
):
    said = ordinary_user.python(
        f"""
from pathlib import Path
from p2pkit.classroom.grading.reading import found

closed = Path({str(ordinary_user.home)!r}) / "in" / "ada"
closed.mkdir(parents=True)
closed.chmod(0)
print(*found([closed.parent], ["lab1_gossip"]))
"""
    )

    assert "ada'), 'it cannot be read: Permission denied')" in said
