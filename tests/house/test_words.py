"""What is public is described."""

import ast
from collections.abc import Iterator

from tests.house import tree

# "path::Name.method" -> why it needs no docstring.
EXCEPTIONS: dict[str, str] = {}


def is_private(name: str) -> bool:
    return any(part.startswith("_") for part in name.split("."))


def is_described(node: tree.Definition) -> bool:
    """Whether it has a docstring, or inherits it, or is one of several overloads."""
    decorators = {ast.unparse(d).split(".")[-1] for d in node.decorator_list}
    inherits = decorators & {"overload", "override", "setter"}
    return bool(inherits) or ast.get_docstring(node) is not None


def public_definitions(
    node: ast.AST, prefix: str = ""
) -> Iterator[tuple[str, tree.Definition]]:
    """Yield what a reader can reach by name: what is inside a function is not."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, tree.Definition):
            name = f"{prefix}{child.name}"
            if is_private(name):
                continue
            yield name, child
            if isinstance(child, ast.ClassDef):
                yield from public_definitions(child, f"{name}.")
        elif not isinstance(child, ast.expr):
            yield from public_definitions(child, prefix)


def test_every_public_name_has_a_docstring() -> None:
    silent = [
        where
        for path in tree.python_files(tree.PACKAGE)
        for name, node in public_definitions(tree.parse(path))
        if not is_described(node)
        and (where := f"{tree.name_of(path)}::{name}") not in EXCEPTIONS
    ]

    assert silent == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        tree.name_of(path)
        for path in tree.python_files(tree.PACKAGE)
        if ast.get_docstring(tree.parse(path)) is None
    ]

    assert silent == []
