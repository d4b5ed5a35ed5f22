"""Slices: of a student's own extra cells, what their solution needs, and no more.

A student tries things out between the cells of a lab: runs, plots, prints. Run again in
each node of each check, that would take hours. So of cells that are not the lab's own,
only imports, functions, classes and assignments count, and of these only those that
the lab's cells use, directly or through each other.
"""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterable, Mapping, Sequence

DEFINING = (
    ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef,
    ast.Assign, ast.AnnAssign, ast.AugAssign,
)  # fmt: skip


def needed(extra: Sequence[str], lab: Iterable[str]) -> list[str]:
    r"""Return, of each extra cell, what the lab's cells need, on the same lines.

    Parameters
    ----------
    extra : sequence of str
        The sources of the student's own cells, all of them Python.
    lab : iterable of str
        The sources of the cells that count anyway.

    Examples
    --------
    >>> needed(["from math import exp\nprint(exp(1))\ndef f(x): return exp(x)"],
    ...        ["answer = f(2)"])
    ['from math import exp\n\ndef f(x): return exp(x)']
    """
    statements = [
        [one for one in ast.parse(source).body if isinstance(one, DEFINING)]
        for source in extra
    ]
    makers: dict[str, list[ast.stmt]] = {}
    for one in (one for cell in statements for one in cell):
        for name in _defined(one):
            makers.setdefault(name, []).append(one)
    wanted = set().union(*(_used(ast.parse(source)) for source in lab))
    kept: set[ast.stmt] = set()
    while wanted:
        # Each name is looked up once: a cell may have ten thousand lines.
        new = {one for name in wanted for one in makers.pop(name, ())} - kept
        kept |= new
        wanted = set().union(*map(_used, new))
    return [
        _cut(source, [one for one in cell if one in kept])
        for source, cell in zip(extra, statements, strict=True)
    ]


def behind(name: str, sources: Mapping[int, str]) -> list[int]:
    r"""Return the cells that a name comes from, directly or through each other.

    Every node of a check runs these cells first, and no others: an answer that takes a
    second to compute must not be computed a thousand times.

    Parameters
    ----------
    name : str
        A class, a function or an answer.
    sources : mapping of int to str
        The cells by number, all of them Python.

    Returns
    -------
    list of int
        In order. All cells, if none is seen to define the name.

    Examples
    --------
    >>> behind("f", {1: "import math", 2: "x = 9", 3: "def f(): return math.pi"})
    [1, 3]
    >>> behind("f", {1: "last = slow()", 2: "def f():\n    last = 1\n    return last"})
    [2]
    """
    trees = {number: ast.parse(source) for number, source in sources.items()}
    bound = {number: _bound(tree.body) for number, tree in trees.items()}
    if not any(name in names for names in bound.values()):
        return sorted(sources)
    wanted, kept = {name}, set[int]()
    while new := {one for one, it in bound.items() if one not in kept and wanted & it}:
        kept |= new
        wanted = wanted.union(*(_free(sources[one]) for one in new))
    return sorted(kept)


def imported(sources: Iterable[str]) -> list[str]:
    r"""Return the modules that some sources import, in order of their names.

    Examples
    --------
    >>> imported(["import math", "def f():\n    from json import loads"])
    ['json', 'json.loads', 'math']
    """
    names: set[str] = set()
    for source in sources:
        for one in ast.walk(ast.parse(source)):
            if isinstance(one, ast.Import):
                names |= {alias.name for alias in one.names}
            elif isinstance(one, ast.ImportFrom) and one.module and not one.level:
                # What is imported may be a module, too.
                names |= {f"{one.module}.{alias.name}" for alias in one.names}
                names.add(one.module)
    return sorted(names)


def _free(source: str) -> set[str]:
    """Return the names that a cell takes from the namespace that all cells share.

    A name that a function binds is its own: it does not lead to a cell that happens to
    bind the same one, such as an answer that takes a whole run to compute.
    """
    top = symtable.symtable(source, "<cell>", "exec")
    names = {one.get_name() for one in top.get_symbols() if one.is_referenced()}
    tables = list(top.get_children())
    while tables:
        table = tables.pop()
        tables += table.get_children()
        names |= {one.get_name() for one in table.get_symbols() if one.is_global()}
    return names


def _used(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def _bound(statements: Iterable[ast.stmt]) -> set[str]:
    """Return the names that statements of a cell bind or change, in blocks as well."""
    names: set[str] = set()
    for one in statements:
        names |= _defined(one)
        if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        for part in ast.walk(one):
            match part:
                case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                    names.add(name)
                case ast.Attribute(ctx=ast.Store() | ast.Del()):
                    names |= _used(part)
                case ast.Call(func=ast.Name(id="setattr"), args=[target, *_]):
                    names |= _used(target)
                case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                    names.add(name)
                case ast.Import() | ast.ImportFrom():
                    names |= _defined(part)
    return names


def _defined(statement: ast.stmt) -> set[str]:
    """Return the names that a statement binds, or whose attributes it sets."""
    match statement:
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return {(one.asname or one.name).partition(".")[0] for one in names}
        case ast.Assign(targets=targets):
            return set().union(*(_used(one) for one in targets))
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
            return _used(target)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return {statement.name}
    return set()


def _cut(source: str, statements: Iterable[ast.stmt]) -> str:
    """Return the source with nothing but these statements, each where it was."""
    lines = [line.encode() for line in source.split("\n")]
    left: list[bytes] = [b""] * len(lines)
    for one in statements:
        first = min(
            [one.lineno, *(d.lineno for d in getattr(one, "decorator_list", ()))]
        )
        last = one.end_lineno or one.lineno
        for number in range(first, last + 1):
            line = lines[number - 1]
            end = one.end_col_offset if number == last else len(line)
            begin = one.col_offset if number == first == one.lineno else 0
            before = left[number - 1]
            left[number - 1] = before + (b"; " if before else b"") + line[begin:end]
    return b"\n".join(left).rstrip(b"\n").decode()
