"""Verdicts: what an oracle found, as a yes or no with its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Verdict:
    """The answer of an oracle; true when there were cases and every one was right.

    Where nothing was examined nothing is shown, so that is false: an overlay whose
    nodes are all dead must not pass.

    Parameters
    ----------
    claim : str
        What was examined, such as ``lookups return the exact 8 closest nodes``.
    exact, total : int
        Cases that were right, and all that were examined.
    detail : str
        What went wrong first, or what was measured, as a sentence; may be empty.
    evidence : mapping
        The first counter-example, for a program to look into; may be empty.

    Examples
    --------
    >>> verdict = Verdict("tables are full", 9, 10, "n03 lacks a contact.")
    >>> bool(verdict), verdict.share
    (False, 0.9)
    >>> verdict
    NO: tables are full (9 of 10). n03 lacks a contact.
    """

    claim: str
    exact: int
    total: int
    detail: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """Share of the cases that were right, 0 to 1; 0 where none were examined."""
        return self.exact / self.total if self.total else 0.0

    def __bool__(self) -> bool:
        return 0 < self.total == self.exact

    def __repr__(self) -> str:
        answer = "yes" if self else "NO"
        detail = self.detail or ("" if self.total else "Nothing was examined.")
        count = f"({self.exact:,} of {self.total:,})"
        return f"{answer}: {self.claim} {count}. {detail}".rstrip()
