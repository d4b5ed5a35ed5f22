"""Reading what came in: anything at all, under the name of a notebook."""

from __future__ import annotations

import json
import os
import re
import stat
import warnings
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from p2pkit.core import LabError
from p2pkit.observe.extras import load

MAX_BYTES = 10 << 20
"""A notebook of text takes a hundredth of it; pictures in outputs do not count."""
MAX_CELLS = 1_000
MAX_CELL_CHARS = 50_000
MAX_CODE_CHARS = 400_000
"""Code of all cells together: some text takes Python its length squared to read."""
MAX_DEPTH = 40
"""Nesting of a notebook's JSON; outputs of widgets take ten."""
FORMAT, MINOR = 4, 5
KINDS = (
    (stat.S_ISLNK, "a symbolic link, which could lead to another's work"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
"""What may stand in the place of a file."""
NEW_LINE = re.compile(r"\r\n?")
STUDENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")

COPY = re.compile(r"(.*[ _-])?copy ?\d*( ?\(\d+\))?|.*\(\d+\)", re.IGNORECASE)
"""What is in a name beside the lab if it is ``lab-Copy1`` or ``lab (1)``: no student.

Else a class would have a student Copy1, and ada nothing.
"""


class Unreadable(LabError):
    """A file is no submission: the sentence says why."""


class Submission(msgspec.Struct, frozen=True):
    """A file that was handed in.

    Parameters
    ----------
    path : Path
        Where it is.
    student : str
        Whose it is, by its place: what a notebook says of itself can be changed.
    slug : str
        Of which lab, by its place.
    """

    path: Path
    student: str
    slug: str

    @property
    def name(self) -> str:
        """What to call it, and its result's file."""
        return f"{self.student}.{self.slug}"


def found(
    paths: list[Path], slugs: list[str]
) -> Iterator[Submission | tuple[Path, str]]:
    """Yield the submissions in some files and folders, in order of their names.

    A path that is none is yielded with the sentence that says why. The student is
    ``ada`` in each of ``ada/lab1_gossip/lab1_gossip.ipynb`` (as nbgrader collects),
    ``ada/lab1_gossip.ipynb``, ``ada_lab1_gossip.ipynb`` and ``lab1_gossip_ada.ipynb``.

    Parameters
    ----------
    paths : list of Path
        Notebooks, and folders with notebooks anywhere in them.
    slugs : list of str
        The labs there are.
    """
    for path in paths:
        if not os.path.lexists(path):
            yield path, "there is no such file or folder"
            continue
        for file, problem in _files(path):
            try:
                yield placed(file, slugs) if not problem else (file, problem)
            except Unreadable as error:
                yield file, _oddity(file) or str(error)


def placed(path: Path, slugs: list[str]) -> Submission:
    """Return whose and of which lab a file is, by its name and its folders'.

    Raises
    ------
    Unreadable
        If its place does not say.

    Examples
    --------
    >>> placed(Path("in/ada/lab1_gossip.ipynb"), ["lab1_gossip"]).student
    'ada'
    >>> placed(Path("in/lab1_gossip-bob.ipynb"), ["lab1_gossip"]).student
    'bob'
    """
    if path.suffix != ".ipynb":
        reason = "it is no notebook: its name does not end in .ipynb"
        raise Unreadable(reason)
    slug = next((one for one in slugs if one in path.stem), "")
    if not slug:
        reason = f"its name says no lab; there are {', '.join(slugs)}"
        raise Unreadable(reason)
    rest = path.stem.replace(slug, "", 1).strip("_-. ")
    if COPY.fullmatch(rest):
        reason = (
            "it has the name of a copy, as Jupyter and browsers give them: keep the "
            f"one that counts, and name it {slug}.ipynb"
        )
        raise Unreadable(reason)
    folders = [one.name for one in path.parents]
    student = rest or (folders[1] if folders[0] == slug else folders[0])
    if not STUDENT.fullmatch(student):
        reason = (
            "its place says no student: put it in a folder with the student's id for "
            "a name, of letters, digits and . _ - @"
        )
        raise Unreadable(reason)
    return Submission(path, student, slug)


def content(path: Path) -> bytes:
    """Return the bytes of a regular file of a size that makes sense.

    Raises
    ------
    Unreadable
        If it is something else: a link, a pipe, a folder, too long, not to be read.
    """
    odd = _oddity(path)  # looked at before, since opening a device may move it
    if odd:
        raise Unreadable(odd)
    try:
        # It may be another one by now: follow no link, and wait for no pipe.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        reason = f"it cannot be read: {error.strerror}"
        raise Unreadable(reason) from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable(_not_a_file(status.st_mode))
        if status.st_size > MAX_BYTES:
            reason = (
                f"it has {status.st_size / 2**20:.0f} MiB, and {MAX_BYTES >> 20} are "
                "allowed: clear its outputs and hand it in again"
            )
            raise Unreadable(reason)
        with open(handle, "rb", closefd=False) as file:
            return file.read(MAX_BYTES)
    finally:
        os.close(handle)


def digest(data: bytes) -> str:
    """Return what stands for a file's content."""
    return sha256(data).hexdigest()


def notebook(data: bytes) -> Any:
    """Return the notebook in some bytes, in the format of today, without outputs.

    Raises
    ------
    Unreadable
        If there is none.
    """
    try:
        raw = json.loads(data)
        _require_shape(raw)
        _require_few(_cells_of(raw))
        _forget_outputs(raw)
        read = _converted(raw)
    except Unreadable:
        raise
    except RecursionError:
        reason = "it is nested too deep to be a notebook"
        raise Unreadable(reason) from None
    except (json.JSONDecodeError, UnicodeDecodeError):
        reason = (
            "it is no valid notebook: the file is incomplete, or is something else. "
            "Save it in Jupyter, and hand it in again"
        )
        raise Unreadable(reason) from None
    except Exception as error:  # noqa: BLE001  # whatever a converter trips over
        said = " ".join(str(error).split())[:200]
        reason = f"it is no valid notebook: {type(error).__name__}: {said}"
        raise Unreadable(reason) from None
    for cell in read.cells:
        # As Python reads them; whoever counts lines must count the same ones.
        cell["source"] = NEW_LINE.sub("\n", cell.source)
    _require_size(read)
    return read


def _files(path: Path) -> Iterator[tuple[Path, str]]:
    """Yield what stands below a path, and why it cannot be looked into, if so.

    A link is not followed, and a folder with a notebook's name is taken for one that
    went wrong: both are yielded as if they were files.
    """
    if path.is_symlink() or path.suffix == ".ipynb" or not path.is_dir():
        yield path, ""
        return
    closed: list[OSError] = []
    for folder, folders, files in os.walk(path, onerror=closed.append):
        shown = [one for one in folders if not one.startswith(".")]
        odd = {one for one in shown if _is_like_a_file(Path(folder, one))}
        folders[:] = sorted(one for one in shown if one not in odd)
        for name in sorted([*files, *odd]):
            if not name.startswith("."):
                yield Path(folder, name), ""
    for error in closed:
        yield Path(error.filename), f"it cannot be read: {error.strerror}"


def _is_like_a_file(folder: Path) -> bool:
    return folder.suffix == ".ipynb" or folder.is_symlink()


def _oddity(path: Path) -> str:
    """Return what a path is if it is no file, as a sentence; empty if it is one."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return ""  # whoever opens it hears why
    return "" if stat.S_ISREG(mode) else _not_a_file(mode)


def _not_a_file(mode: int) -> str:
    kind = next((name for is_one, name in KINDS if is_one(mode)), "no file")
    return f"it is {kind}: hand in the notebook itself"


def _require_shape(raw: Any) -> None:
    """Refuse what is not even the outline of a notebook."""
    if type(raw) is not dict or not ({"cells", "worksheets"} & set(raw)):
        reason = "it is JSON, but no notebook: it has no cells"
        raise Unreadable(reason)
    if _depth_beyond(raw, MAX_DEPTH):
        reason = "it is nested too deep to be a notebook"
        raise Unreadable(reason)


def _depth_beyond(value: Any, most: int) -> bool:
    if most == 0:
        return True
    parts = value.values() if type(value) is dict else value
    if type(value) not in (dict, list):
        return False
    return any(_depth_beyond(one, most - 1) for one in parts)


def _forget_outputs(raw: Any) -> None:
    """Take away what a submission says it printed, and tags that are none."""
    for cell in _cells_of(raw):
        if type(cell) is not dict:
            continue
        if "outputs" in cell:
            cell["outputs"] = []
        marks = cell.get("metadata")
        if type(marks) is dict and "tags" in marks:
            marks["tags"] = _sound_tags(marks["tags"])


def _cells_of(raw: Any) -> list[Any]:
    sheets = raw.get("worksheets", [])
    return [
        *raw.get("cells", []),
        *(one for sheet in sheets for one in sheet["cells"]),
    ]


def _require_few(cells: Sequence[Any]) -> None:
    """Refuse what would take minutes to convert."""
    if len(cells) > MAX_CELLS:
        reason = f"it has {len(cells):,} cells, and {MAX_CELLS:,} are allowed"
        raise Unreadable(reason)


def _sound_tags(tags: Any) -> list[str]:
    """Return those tags that are some: one that is not would spoil all cells."""
    found = [one for one in tags if type(one) is str] if type(tags) is list else []
    return [one for one in dict.fromkeys(found) if one and "," not in one]


def _converted(raw: Any) -> Any:
    """Return a notebook of any format in that of today, and valid."""
    nbformat = load("nbformat", "notebook")
    # What no encoding holds, such as half of a pair of surrogates, becomes "?".
    text = json.dumps(raw, ensure_ascii=False).encode("utf-8", "replace").decode()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is missing in old formats is made here
        read = nbformat.convert(nbformat.reader.reads(text), FORMAT)
        read.nbformat_minor = MINOR
        for number, cell in enumerate(read.cells, start=1):
            cell["id"] = f"cell-{number}"
        _, read = nbformat.validator.normalize(read, strip_invalid_metadata=True)
        nbformat.validate(read)
    return read


def _require_size(read: Any) -> None:
    for cell in read.cells:
        if len(cell.source) > MAX_CELL_CHARS:
            reason = (
                f"one of its cells has {len(cell.source):,} characters, and "
                f"{MAX_CELL_CHARS:,} are allowed"
            )
            raise Unreadable(reason)
    code = sum(len(one.source) for one in read.cells if one.cell_type == "code")
    if code > MAX_CODE_CHARS:
        reason = f"its code has {code:,} characters, and {MAX_CODE_CHARS:,} are allowed"
        raise Unreadable(reason)
