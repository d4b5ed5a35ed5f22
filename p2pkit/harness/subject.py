"""Subjects: what a check examines, wherever its code runs.

A check finds classes, functions and answers by name. It cannot tell the notebook's own
kernel, which `LocalSubject` looks into, from processes with limits elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from p2pkit.core import LabError
from p2pkit.harness.examined import examined
from p2pkit.harness.failing import student_error
from p2pkit.harness.plain import plain
from p2pkit.harness.spec import ProtocolSpec


class Subject(Protocol):
    """What is examined: named classes, functions and answers."""

    def protocol(self, name: str, spec: ProtocolSpec) -> type[Any]:
        """Return a class that drivers can run as a protocol.

        Raises
        ------
        LabError
            If there is no class of that name, or it lacks a method.
        """
        ...

    def call(self, name: str, *args: Any) -> Any:
        """Call a function; plain values and messages go in and come out.

        Raises
        ------
        LabError
            If there is no such function, or it raised an error.
        """
        ...

    def value(self, name: str) -> Any:
        """Return an answer, a plain value; None if there is none yet."""
        ...


class LocalSubject:
    """The names of a notebook, in its own process.

    Parameters
    ----------
    namespace : mapping of str to object
        What its cells defined: ``globals()`` of the notebook.
    """

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self._namespace = namespace

    def protocol(self, name: str, spec: ProtocolSpec) -> type[Any]:
        """Return the class of that name, with what drivers need around it."""
        found = self._namespace.get(name)
        if not isinstance(found, type):
            raise LabError(_missing(name, "class", found))
        return examined(found, spec)

    def call(self, name: str, *args: Any) -> Any:
        """Call a function of the notebook's."""
        found = self._namespace.get(name)
        if not callable(found):
            raise LabError(_missing(name, "function", found))
        return called(found, name, *args)

    def value(self, name: str) -> Any:
        """Return an answer, rebuilt of built-in types."""
        return plain(self._namespace.get(name))


def called(function: Callable[..., Any], where: str, *args: Any) -> Any:
    """Call a function of a student's; what it raises is told with its own lines.

    Raises
    ------
    StudentError
        If it raised an error.
    LabError
        If what it returned is no plain value.
    """
    try:
        result = function(*args)
    except Exception as error:
        raise student_error(error, f"{where}()") from error
    return plain(result)


def _missing(name: str, kind: str, found: Any) -> str:
    if found is None:
        return f"there is no {kind} {name} yet: run the cell that defines it"
    return f"{name} should be a {kind}, but is of type {type(found).__name__}"
