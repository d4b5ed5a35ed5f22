"""Modules that are not there when a lab is graded.

A student may import matplotlib at the top of a cell for a plot of their own. That must
not cost them what stands below it, so such an import succeeds, and only what is then
done with the module fails, with a sentence that names it.
"""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib.machinery import ModuleSpec
from types import FrameType, FunctionType, ModuleType
from typing import Any

from p2pkit.core import LabError

MODULE = "solution"
"""The name under which the student's cells are a module."""

STANDARD = frozenset(
    [
        "__future__",
        "abc",
        "array",
        "base64",
        "binascii",
        "bisect",
        "calendar",
        "cmath",
        "collections",
        "contextlib",
        "copy",
        "dataclasses",
        "datetime",
        "decimal",
        "enum",
        "fractions",
        "functools",
        "graphlib",
        "hashlib",
        "heapq",
        "hmac",
        "inspect",
        "io",
        "ipaddress",
        "itertools",
        "json",
        "keyword",
        "math",
        "numbers",
        "operator",
        "pprint",
        "queue",
        "random",
        "re",
        "secrets",
        "statistics",
        "string",
        "struct",
        "textwrap",
        "time",
        "traceback",
        "types",
        "typing",
        "unicodedata",
        "uuid",
        "warnings",
        "weakref",
        "zlib",
    ]
)
"""Modules of the standard library that need no operating system once imported."""

LIBRARIES = frozenset({"msgspec", "networkx", "numpy", "typing_extensions"})
LABS = "p2pkit.classroom.labs"
OURS = (LABS, "p2pkit.core", "p2pkit.faults", "p2pkit.protocols")
"""Rooms of the kit that student code may import."""


class Absent(ModuleType):
    """Stands for a module, or for what is in it; it cannot be called."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(f"{self.__name__}.{name}")

    def __call__(self, *_args: object, **_kwargs: object) -> Any:
        """Refuse, with a sentence that names it."""
        reason = (
            f"{self.__name__} is not there when a lab is graded: keep it out of what "
            "your solution calls"
        )
        raise ImportError(reason)


class Quiet(Absent):
    """Stands for what is the notebook's own, such as `lab`; does nothing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_args: object, **_kwargs: object) -> Any:
        """Do nothing."""
        return None


class AbsentFinder:
    """The last finder on `sys.meta_path`, and its loader.

    It finds whatever a cell imports, and what the kit imports for it. A library that
    looks whether another one is there is told the truth.
    """

    def find_spec(
        self, name: str, _path: Sequence[str] | None, _target: object = None
    ) -> ModuleSpec | None:
        """Return a specification by which an `Absent` is made, for a cell."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and "importlib" in frame.f_code.co_filename:
            frame = frame.f_back
        importer = frame.f_globals.get("__name__") if frame is not None else ""
        if importer not in (MODULE, "p2pkit"):
            return None
        return ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the stand-in."""
        return Absent(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: there is nothing in it."""


def is_allowed(name: str) -> bool:
    """Tell whether student code may import a module.

    Examples
    --------
    >>> is_allowed("math"), is_allowed("p2pkit.core.ids"), is_allowed("socket")
    (True, True, False)
    """
    if name == "p2pkit" or any(f"{name}.".startswith(f"{room}.") for room in OURS):
        return True
    return name.partition(".")[0] in STANDARD | LIBRARIES


def load_allowed(names: Sequence[str]) -> None:
    """Import those of `names` that are allowed, while files can still be read."""
    more = ["numpy.random"] if "numpy" in names else []  # it is loaded late
    for name in [*names, *more]:
        if is_allowed(name):
            try:
                importlib.import_module(name)
            except ImportError:
                continue  # the student's own error, said where they import it


def take_away_judges() -> dict[str, Any]:
    """Return the labs that are loaded, by module, and let nobody import their checks.

    Checks know what is right, as functions that a student could hand in.
    """
    labs = {}
    for room, module in loaded_labs().items():
        labs[room] = module.LAB
        for name in {check.judge.__module__ for check in module.LAB}:
            sys.modules.pop(name, None)
            vars(module).pop(name.rpartition(".")[2], None)
    return labs


def forget_checks() -> None:
    """Let nothing of the labs be left but what students are given.

    What is not in memory cannot be found there, however deep somebody digs.
    """
    for room, module in loaded_labs().items():
        given = _given(room, module)
        left = {name for name in sys.modules if name.startswith(f"{room}.")} - given
        names = vars(module)
        for name, value in list(names.items()):
            if _home(value) in left:
                del names[name]
        module.LAB = replace(module.LAB, checks=(), experiment=_no_experiment)  # type: ignore[attr-defined]
        for name in left:
            del sys.modules[name]
    gc.collect()


def loaded_labs() -> dict[str, ModuleType]:
    """Return the packages of labs that are loaded, by name."""
    return {
        name: module for name, module in list(sys.modules.items())
        if name.rpartition(".")[0] == LABS and hasattr(module, "LAB")
    }  # fmt: skip


def _given(room: str, module: ModuleType) -> set[str]:
    """Return the names of a lab's modules behind what students import from it."""
    names = vars(module)
    values = [names[one] for one in module.__all__ if one != "LAB"]
    for one in list(values):
        if isinstance(one, FunctionType) and one.__module__ == room:
            values += [names.get(name) for name in one.__code__.co_names]
    found: set[str] = set()
    while values:
        home = _home(values.pop())
        if home.startswith(f"{room}.") and home not in found:
            found.add(home)
            values += vars(sys.modules[home]).values()
    return found


def _home(value: Any) -> str:
    """Return the module that something comes from, or that it is."""
    name = value.__name__ if isinstance(value, ModuleType) else None
    return name or getattr(value, "__module__", None) or ""


def _no_experiment(*_: object) -> Any:
    reason = "lab.run() is for answers: a class or function of yours gets its own run"
    raise LabError(reason)


def close_the_door() -> None:
    """Let every import from now on find what is loaded, or a stand-in."""
    sys.path.clear()
    sys.path_hooks.clear()
    sys.path_importer_cache.clear()
    sys.meta_path[:] = [AbsentFinder()]
