"""How benchmarks report: JSON lines for programs, tables for people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from p2pkit.classroom.published import Row

FILE_WIDTH = 120
"""Columns of a table that no terminal limits."""


def line(measurement: dict[str, Any]) -> None:
    """Print one measurement as a JSON line on standard output."""
    print(json.dumps(measurement), flush=True)


def figure(name: str, target: str, reached: str, *, ok: bool) -> None:
    """Print one figure to reach, its target and what was reached, as a JSON line."""
    line({"figure": name, "target": target, "reached": reached, "ok": ok})


def judge(rows: Iterable[Row]) -> None:
    """Print rows of an experiment: those with a gate as figures, others as lines."""
    for one in rows:
        name, reached = f"{one.setting}: {one.quantity}", f"{one.measured:.4g}"
        reached += f" +- {one.error:.2g}" if one.error else ""
        if one.ok is None:
            line({"measured": name, "reached": reached, "published": one.published})
        else:
            figure(name, f"{one.published:.4g}, {one.gate}", reached, ok=one.ok)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table on standard error, where it does not disturb the JSON lines."""
    shown = Table(title=title)
    for number, column in enumerate(columns):
        shown.add_column(column, justify="right" if number else "left")
    for row in rows:
        shown.add_row(*row)
    console = Console(stderr=True)
    if not console.is_terminal:
        console.width = FILE_WIDTH
    console.print(shown)
