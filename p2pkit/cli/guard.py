"""Guards: what every command does alike with errors, output and Ctrl-C."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from typing import Any, ParamSpec

P = ParamSpec("P")

FAILED = 1
"""Exit status of a command that could not do its work."""

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it: 128 and the signal's number."""


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """Turn a command's errors into one sentence and an exit status.

    What p2pkit raises on purpose, what the system refuses and what is not installed
    are told to the user; anything else is our bug and keeps its traceback.
    """

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except KeyboardInterrupt:
            raise SystemExit(INTERRUPTED) from None
        except BrokenPipeError:
            # Whoever read us has left; the flush at exit must not fail again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(FAILED) from None
        except Exception as error:
            if not _is_told(error):
                raise
            fail(_sentence(error))

    return run


def warn(sentence: str) -> None:
    """Say something on stderr, in one line."""
    sys.stderr.write(f"p2pkit: {' '.join(sentence.split())}\n")
    sys.stderr.flush()


def fail(sentence: str) -> Any:
    """Say why on stderr, in one line, and leave with status 1."""
    warn(sentence)
    raise SystemExit(FAILED)


def say(line: str) -> None:
    """Write one line to stdout at once, so that whoever reads a pipe has it."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _sentence(error: Exception) -> str:
    """Return what an error says, without the number that the system gave it."""
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        return f"{error.filename} cannot be used: {error.strerror.lower()}"
    return str(error) or type(error).__name__


def _is_told(error: Exception) -> bool:
    from p2pkit.core.errors import P2PError

    if isinstance(error, ModuleNotFoundError):
        return not (error.name or "").startswith("p2pkit")
    return isinstance(error, (P2PError, OSError))
