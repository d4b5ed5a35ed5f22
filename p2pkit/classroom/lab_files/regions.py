"""Regions of a cell: solutions, which stubs replace, and hidden tests, which vanish."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from p2pkit.core import LabError

SOLUTION, HIDDEN = "SOLUTION", "HIDDEN TESTS"
COMMENT = "# YOUR CODE HERE"
STUB = (COMMENT, "raise NotImplementedError()")
"""What nbgrader puts there as well."""


@dataclass(frozen=True)
class HiddenCase:
    """A hidden case of a check, as the source says it.

    Parameters
    ----------
    check_id : str
        Which check.
    given : dict
        Its sizes and faults.
    """

    check_id: str
    given: dict[str, Any]


def without_solutions(source: str) -> str:
    r"""Return the source of a cell with stubs in place of its solutions.

    Inside a function the stub raises an error. At the top of a cell it is a comment
    alone, so that a fresh notebook runs from top to bottom.

    Examples
    --------
    >>> cell = "x = 0\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION"
    >>> print(without_solutions(cell))
    x = 0
    # YOUR CODE HERE
    """
    lines: list[str] = []
    for line, region in _lines(source, SOLUTION):
        if region == "begins":
            indent = line[: len(line) - len(line.lstrip())]
            stub = STUB if indent else STUB[:1]
            lines += [indent + one for one in stub]
        elif region == "outside":
            lines.append(line)
    return "\n".join(lines)


def without_hidden(source: str) -> str:
    """Return the source of a cell without its hidden tests."""
    kept = [line for line, region in _lines(source, HIDDEN) if region == "outside"]
    return "\n".join(kept)


def hidden_cases(source: str) -> list[HiddenCase]:
    """Return the hidden cases of a check cell: its calls of ``lab.hidden``.

    Raises
    ------
    LabError
        If a hidden region holds anything else, or what it gives is no plain value.
    """
    inside = [line for line, region in _lines(source, HIDDEN) if region == "inside"]
    return [_case(one) for one in ast.parse("\n".join(inside)).body]


def check_ids(source: str) -> list[str]:
    """Return the checks that a cell makes: its calls of ``lab.check``.

    Examples
    --------
    >>> check_ids('lab.check("1.2")')
    ['1.2']
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return []
    calls = (one for one in ast.walk(tree) if isinstance(one, ast.Call))
    return [
        str(call.args[0].value)
        for call in calls
        if _is_call_of(call, "check") and isinstance(call.args[0], ast.Constant)
    ]


def _case(statement: ast.stmt) -> HiddenCase:
    match statement:
        case ast.Expr(value=ast.Call(args=[ast.Constant(value=str(check_id))]) as call):
            if _is_call_of(call, "hidden"):
                given = {
                    str(one.arg): ast.literal_eval(one.value) for one in call.keywords
                }
                return HiddenCase(check_id, given)
    reason = (
        f"a hidden region holds calls of lab.hidden alone, not {ast.unparse(statement)}"
    )
    raise LabError(reason)


def _is_call_of(call: ast.Call, verb: str) -> bool:
    match call.func:
        case ast.Attribute(value=ast.Name(id="lab"), attr=attr):
            return attr == verb and bool(call.args)
    return False


def _lines(source: str, what: str) -> Iterator[tuple[str, str]]:
    """Yield each line, and whether it is outside, inside, begins or ends a region."""
    inside = False
    for line in source.split("\n"):
        if f"BEGIN {what}" in line:
            if inside:
                reason = f"a region of {what} begins inside another one: {line.strip()}"
                raise LabError(reason)
            inside = True
            yield line, "begins"
        elif f"END {what}" in line:
            inside = False
            yield line, "ends"
        else:
            yield line, "inside" if inside else "outside"
    if inside:
        reason = f"a region of {what} never ends: write ### END {what}"
        raise LabError(reason)
