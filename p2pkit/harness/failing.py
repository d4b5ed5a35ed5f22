"""Failing code: what went wrong in a class under examination, in its author's words."""

from __future__ import annotations

import traceback
from pathlib import Path

from p2pkit.core import LabError

KIT = Path(__file__).parents[1]
MOST_FRAMES = 6
MOST_TEXT = 300

INSTEAD = {
    "random": "chance comes from self.ctx.rng",
    "time": "self.ctx.now() is the time, and self.ctx.after waits",
}
"""What a class uses in place of modules that it does not have."""


class StudentError(LabError):
    """Code under examination raised an error.

    Attributes
    ----------
    own_lines : str
        The lines of it that led there, the latest last; without the kit's.
    """

    def __init__(self, sentence: str, own_lines: str = "") -> None:
        super().__init__(sentence)
        self.own_lines = own_lines


class NotWritten(StudentError):
    """A part of the exercise still raises ``NotImplementedError``."""


def student_error(error: BaseException, where: str) -> StudentError:
    """Return what to tell the author of code that raised `error`.

    Parameters
    ----------
    error : BaseException
        What came out of it.
    where : str
        What was called, such as ``Push.receive``.
    """
    if isinstance(error, StudentError):
        error.own_lines = error.own_lines or own_lines(error)
        return error
    lines = own_lines(error)
    if isinstance(error, NotImplementedError):
        sentence = f"{_innermost(error, where)} is not written yet"
        said = cut(str(error))
        return NotWritten(f"{sentence}: {said}" if said else sentence, lines)
    instead = INSTEAD.get(error.name or "") if isinstance(error, NameError) else None
    more = f"; {instead}" if instead and "." in where else ""
    return StudentError(f"{where} raised {named(error)}{more}", lines)


def _innermost(error: BaseException, where: str) -> str:
    """Return the name of the function that an error came from, in its class."""
    frames = traceback.extract_tb(error.__traceback__)
    owner = where.partition(".")[0]
    return f"{owner}.{frames[-1].name}" if frames and "." in where else where


def named(error: BaseException) -> str:
    """Return an error's class and sentence, cut to what a reader needs.

    Examples
    --------
    >>> named(KeyError("n07"))
    "KeyError: 'n07'"
    """
    text = cut(str(error))
    name = type(error).__name__
    return f"{name}: {text}" if text else name


def own_lines(error: BaseException) -> str:
    """Return the lines of a traceback that are not the kit's, the latest last."""
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [one for one in frames if not Path(one.filename).is_relative_to(KIT)]
    if isinstance(error, SyntaxError):
        theirs = []
    return "\n".join(
        f"in {one.name}, line {one.lineno}: {one.line or ''}".rstrip()
        for one in theirs[-MOST_FRAMES:]
    )


def cut(text: str) -> str:
    """Return a text in one line, cut where nobody reads on."""
    line = " ".join(text.split())
    return line if len(line) <= MOST_TEXT else line[: MOST_TEXT - 3] + "..."
