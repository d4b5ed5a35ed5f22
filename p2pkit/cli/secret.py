"""The secret of a course: the ways to give it to a command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

SecretFile = Annotated[
    Optional[Path],  # noqa: UP045  # typer reads Optional on every version
    typer.Option(
        "--secret-file",
        metavar="FILE",
        help="The course's secret; else P2PKIT_COURSE_SECRET.",
    ),
]


def secret_of(path: Path | None) -> str:
    """Return the course's secret, from a file or else from the environment.

    It is empty if there is none.

    Raises
    ------
    LabError
        If the file that is named holds none.
    """
    from p2pkit.classroom.labs.ticket import course_secret
    from p2pkit.core import LabError

    if path is None:
        return course_secret()
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError as error:
        reason = f"{path} is no text in UTF-8: write the secret there as words"
        raise LabError(reason) from error
    if not secret:
        reason = f"{path} is empty: write words there that students do not know"
        raise LabError(reason)
    return secret
