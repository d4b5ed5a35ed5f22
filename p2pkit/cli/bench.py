"""`p2pkit bench`: an experiment, measured here and beside what was published."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from inspect import signature
from typing import TYPE_CHECKING, Any, get_type_hints

import msgspec

from p2pkit.cli.guard import FAILED, fail, say
from p2pkit.core import LabError

if TYPE_CHECKING:
    from p2pkit.classroom.published import Row

COLUMNS = (23, 20, 11, 22, 4)
"""Widths: quantity, measured, published, gate, verdict; then the source."""


def run_bench(
    name: str, options: dict[str, Any], others: Sequence[str], *, as_json: bool
) -> None:
    """Print the rows of an experiment; end with status 1 if one misses its gate.

    Parameters
    ----------
    name : str
        The experiment.
    options : dict
        Options of its own, by name.
    others : sequence of str
        More of them, each as ``NAME=VALUE``; several values are parted by commas.
    as_json : bool
        Whether each row is a line of JSON.
    """
    from p2pkit.classroom.published import experiment

    rows = experiment(name)
    options = options | dict(_option(rows, text) for text in others)
    unknown = [one for one in options if one not in signature(rows).parameters]
    if unknown:
        fail(f"{name} has no option {unknown[0]}: it has {_names(rows)}")
    missed = total = 0
    setting = ""
    for one in _watched(rows(**options), name):
        total += one.ok is not None
        missed += one.ok is False
        if as_json:
            say(_json(one))
            continue
        if one.setting != setting:
            setting = one.setting
            say(f"{setting}")
        say(_line(one))
    if not as_json:
        say(f"{total - missed} of {total} judged values are within their gates.")
    if missed:
        raise SystemExit(FAILED)


def _watched(rows: Iterable[Row], name: str) -> Iterator[Row]:
    """Yield rows; meanwhile a terminal sees that work goes on, and for how long."""
    if not sys.stderr.isatty():
        yield from rows
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TimeElapsedColumn

    text = "{task.description}: {task.completed} values so far, the next is measured"
    line = Progress(
        *(SpinnerColumn(), text, TimeElapsedColumn()),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,
    )
    task = line.add_task(name, total=None)
    with line:
        for one in rows:
            line.stop()  # rows have the terminal for themselves, or go to a pipe
            yield one
            line.advance(task)
            line.start()


def _option(rows: Any, text: str) -> tuple[str, Any]:
    """Return an option's name, and its value read by the function's annotation."""
    name, _, value = text.partition("=")
    hint = get_type_hints(rows).get(name, str)
    said = value.split(",") if "," in value else value
    try:
        return name, msgspec.convert(said, hint, strict=False)
    except msgspec.ValidationError as error:
        reason = f"{text!r} is no NAME=VALUE of this experiment: {error}"
        raise LabError(reason) from error


def _names(rows: Any) -> str:
    return ", ".join(signature(rows).parameters)


def _line(row: Row) -> str:
    cells = (
        f"  {row.quantity}",
        f"{row.measured:.4g} +- {row.error:.2g}",
        "-" if row.published is None else f"{row.published:.4g}",
        "-" if row.gate is None else str(row.gate),
        {True: "yes", False: "NO", None: "-"}[row.ok],
    )
    padded = (cell.ljust(width) for cell, width in zip(cells, COLUMNS, strict=True))
    return f"{' '.join(padded)} {row.source}".rstrip()


def _json(row: Row) -> str:
    gate = None if row.gate is None else str(row.gate)
    return json.dumps(asdict(row) | {"gate": gate, "ok": row.ok})
