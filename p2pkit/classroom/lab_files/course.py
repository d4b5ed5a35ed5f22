"""Courses: the folder that holds source labs, in nbgrader's layout."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from p2pkit.core import LabError
from p2pkit.observe.extras import load

SOURCE = "source"
FORMAT = 4


class Course:
    """A course: ``source/<slug>/<slug>.ipynb``, and ``wrong/`` beside each.

    Parameters
    ----------
    root : Path
        Its folder, such as ``labs``.
    """

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)

    @property
    def slugs(self) -> list[str]:
        """The names of its labs, in order."""
        return [path.stem for path in self._sources()]

    def require_labs(self) -> list[str]:
        """Return the names of its labs.

        Raises
        ------
        LabError
            If it has none: most likely the command runs in another folder.
        """
        if not self.slugs:
            reason = (
                f"{self.root} has no labs: there is no {self.root / SOURCE} with labs "
                f"in it, seen from {Path.cwd()}. Go where it is, or say --course FOLDER"
            )
            raise LabError(reason)
        return self.slugs

    def source(self, slug: str) -> Any:
        """Return the source notebook of a lab.

        Raises
        ------
        LabError
            If there is none.
        """
        path = self.source_path(slug)
        if not path.is_file():
            known = ", ".join(self.slugs) or "none at all"
            reason = f"there is no lab {slug!r} in {self.root}; there are {known}"
            raise LabError(reason)
        return read(path)

    def source_path(self, slug: str) -> Path:
        """Return where the source of a lab is."""
        return self.root / SOURCE / slug / f"{slug}.ipynb"

    def wrong_paths(self, slug: str) -> list[Path]:
        """Return the files with wrong answers to a lab, in order of their names."""
        return sorted((self.root / SOURCE / slug / "wrong").glob("*.toml"))

    def _sources(self) -> Iterator[Path]:
        for folder in sorted((self.root / SOURCE).glob("lab*")):
            path = folder / f"{folder.name}.ipynb"
            if path.is_file():
                yield path


def read(path: Path) -> Any:
    """Return a notebook from a file, in the format of today."""
    return load("nbformat", "notebook").read(path, as_version=FORMAT)


def write(notebook: Any, path: Path) -> None:
    """Write a notebook to a file: the same notebook is the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = load("nbformat", "notebook").writes(notebook, version=FORMAT)
    path.write_text(text.rstrip("\n") + "\n", encoding="utf-8", newline="\n")
