"""Listings: protocol code shown from the installed source, never pasted.

What a notebook shows is what runs there, to the line.
"""

from __future__ import annotations

import ast
import html
from importlib.util import find_spec
from pathlib import Path

from p2pkit.core import LabError

ROOM = "p2pkit.protocols"
MONOSPACE = "font-family: monospace"
"""Said outright: pages made from notebooks give code in an output the font of prose."""


class Listing:
    """A piece of source, shown with highlighting in a notebook.

    Parameters
    ----------
    title : str
        What it is, such as ``kademlia.lookup: Lookup.next``.
    path : Path
        The file it comes from.
    first_line : int
        Number of its first line in that file, from 1.
    source : str
        Its lines.
    """

    def __init__(self, title: str, path: Path, first_line: int, source: str) -> None:
        self.title, self.path = title, path
        self.first_line, self.source = first_line, source

    def __repr__(self) -> str:
        return self.source

    def __str__(self) -> str:
        return self.source

    def _repr_html_(self) -> str:
        last = self.first_line + len(self.source.splitlines()) - 1
        where = f"{self.path.name}, lines {self.first_line} to {last}"
        return (
            f'<div style="font-size:90%"><b>{html.escape(self.title)}</b> '
            f"<small>({html.escape(where)})</small>{self._highlighted()}</div>"
        )

    def _highlighted(self) -> str:
        try:
            from pygments import highlight  # type: ignore[import-untyped]
            from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
            from pygments.lexers import PythonLexer  # type: ignore[import-untyped]
        except ModuleNotFoundError:
            # Jupyter brings pygments; elsewhere plain text tells the same.
            return f'<pre style="{MONOSPACE}">{html.escape(self.source)}</pre>'
        style = HtmlFormatter(
            noclasses=True, style="friendly", nobackground=True, prestyles=MONOSPACE
        )
        highlighted: str = highlight(self.source, PythonLexer(), style)
        return highlighted


def listing(name: str, part: str | None = None) -> Listing:
    """Return the installed source of a protocol, or of one class or method of it.

    Parameters
    ----------
    name : str
        A module below `p2pkit.protocols`, such as ``kademlia.lookup``; a full name
        such as ``p2pkit.core.requests`` shows any other module of the kit.
    part : str, optional
        A class, function or method in it, such as ``Lookup.next``.

    Raises
    ------
    LabError
        If there is no such module or part; the sentence lists what there is.
    """
    path = _path_of(name)
    source = path.read_text("utf-8")
    if part is None:
        return Listing(name, path, 1, source)
    parts = _parts(ast.parse(source))
    if part not in parts:
        reason = f"{name} has no {part!r}; it has {', '.join(parts) or 'no parts'}"
        raise LabError(reason)
    first, last = _span(parts[part])
    lines = source.splitlines()[first - 1 : last]
    return Listing(f"{name}: {part}", path, first, "\n".join(lines) + "\n")


def _path_of(name: str) -> Path:
    full = name if name.startswith("p2pkit.") else f"{ROOM}.{name}"
    try:
        found = find_spec(full) if _is_dotted_name(full) else None
    except ModuleNotFoundError:
        found = None
    if found is None or found.origin is None:
        reason = f"there is no listing {name!r}; there are {', '.join(_known())}"
        raise LabError(reason)
    return Path(found.origin)


def _is_dotted_name(name: str) -> bool:
    return all(piece.isidentifier() for piece in name.split("."))


def _known() -> list[str]:
    """List every module below the protocols' room, by the name to ask for it."""
    room = find_spec(ROOM)
    if room is None or room.origin is None:
        return []
    root = Path(room.origin).parent
    names = [".".join(p.relative_to(root).with_suffix("").parts) for p in _files(root)]
    return [name.removesuffix(".__init__") for name in names if name != "__init__"]


def _files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*.py"))


Part = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def _parts(tree: ast.AST, prefix: str = "") -> dict[str, Part]:
    found: dict[str, Part] = {}
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Part):
            found[prefix + node.name] = node
            if isinstance(node, ast.ClassDef):
                found |= _parts(node, f"{prefix}{node.name}.")
    return found


def _span(node: Part) -> tuple[int, int]:
    """Return the first and last line, decorators included."""
    first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
    return first, node.end_lineno or first
