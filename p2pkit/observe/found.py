"""Oracles of what a search finds: the truth is in the libraries of all nodes.

Part of ``search.py``, which is where readers look for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from unicodedata import normalize

from p2pkit.observe.snapshot import Snapshot
from p2pkit.observe.verdict import Verdict

_WORD = re.compile(r"[^\W_]+")


def matches(name: str, text: str) -> bool:
    """Return whether a file's name has every word of a question, in any case."""
    wanted = _words(text)
    return bool(wanted) and wanted <= _words(name)


def _words(text: str) -> set[str]:
    return set(_WORD.findall(normalize("NFC", text.lower())))


def truth(snapshot: Snapshot, text: str, asker: str = "") -> set[tuple[str, str]]:
    """Return which files of which alive nodes a question is about, the asker's aside.

    The snapshot must have details.
    """
    return {
        (node.name, name)
        for node in snapshot.alive
        if node.name != asker
        for name in (node.details or {})["files"]
        if matches(name, text)
    }


def recall(
    snapshot: Snapshot, asker: str, text: str, hits: Iterable[Any], part: bool = False
) -> Verdict:
    """Examine whether a search returned all that is there, and nothing else.

    Parameters
    ----------
    snapshot : Snapshot
        All nodes with their details.
    asker, text
        Who searched, and for what.
    hits : iterable
        What the search returned, with `name` and `address`.
    part : bool
        Whether some of what is there will do, as for a search that was to end with
        the first hit: then at least one must be right and none wrong.
    """
    names = {node.address: node.name for node in snapshot.nodes}
    found = {(names.get(tuple(hit.address), ""), hit.name) for hit in hits}
    there = truth(snapshot, text, asker)
    wrong, missing = sorted(found - there), sorted(there - found)
    claim = f"{asker}'s search for {text!r} found " + ("some" if part else "all")
    detail = f"{wrong[0]} is not there. " if wrong else ""
    if missing and not part:
        detail += f"{missing[0]} was not found."
    if not there:  # rightly nothing: one case, so that this can be examined as well
        return Verdict(claim, int(not wrong), 1, detail, {"wrong": wrong})
    total = 1 if part else len(there | found)
    right = int(bool(found) and not wrong) if part else len(there & found)
    return Verdict(claim, right, total, detail, {"wrong": wrong, "missing": missing})


def sharing(files: Mapping[str, int], top: float = 0.01) -> Verdict:
    """Examine who shares anything: the others are free riders.

    Parameters
    ----------
    files : mapping of str to int
        How many files each node shares.
    top : float
        Share of the nodes, 0 to 1, whose part of all files is told.
    """
    riders = [node for node, number in files.items() if not number]
    counts = sorted(files.values(), reverse=True)
    most = max(1, round(top * len(counts)))
    part = sum(counts[:most]) / (sum(counts) or 1)
    detail = f"The {top:.0%} with most share {part:.0%} of all files."
    total = len(files)
    evidence = {"free riders": riders, "part": part}
    return Verdict("nodes share files", total - len(riders), total, detail, evidence)
