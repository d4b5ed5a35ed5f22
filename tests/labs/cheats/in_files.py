"""Broken files: what is no notebook, or not of this lab."""

from __future__ import annotations

import io
import json
import zipfile

import nbformat

from tests.labs.cheats.making import HONEST, Cheat, bytes_of, solved


def old_format() -> bytes:
    notebook = nbformat.convert(solved(), 3)
    return str(nbformat.writes(notebook, version=3)).encode()


def without_ids() -> bytes:
    raw = json.loads(bytes_of(solved()))
    raw["nbformat_minor"] = 2
    for cell in raw["cells"]:
        cell.pop("id", None)
    return json.dumps(raw).encode()


def same_ids() -> bytes:
    raw = json.loads(bytes_of(solved()))
    for cell in raw["cells"]:
        cell["id"] = "same"
    return json.dumps(raw).encode()


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("lab1_gossip.ipynb", bytes_of(solved()))
    return file.getvalue()


def many_cells() -> bytes:
    raw = json.loads(bytes_of(solved()))
    raw["cells"] += [
        {"cell_type": "raw", "id": f"x{n}", "metadata": {}, "source": ""}
        for n in range(2000)
    ]
    return json.dumps(raw).encode()


def many_cells_that_are_none() -> bytes:
    raw = json.loads(bytes_of(solved()))
    raw["cells"] += [{"cell_type": "code", "source": "", "x": 1}] * 200_000
    return json.dumps(raw).encode()


def future_format() -> bytes:
    raw = json.loads(bytes_of(solved()))
    raw["nbformat"] = 9
    return json.dumps(raw).encode()


def numbers_that_are_none() -> bytes:
    raw = json.loads(bytes_of(solved()))
    raw["metadata"]["x"] = [float("nan"), float("inf"), 1e308]
    return json.dumps(raw).encode()


def of_nobody() -> bytes:
    return bytes_of(nbformat.v4.new_notebook())


def padded() -> bytes:
    return bytes_of(solved()) + b" " * (50 << 20)


def refused(name: str, data: bytes, named: str) -> Cheat:
    return Cheat(name, data, {}, named, ("1.1",))


CHEATS: list[Cheat] = [
    refused("empty file", b"", "no valid notebook"),
    refused("invalid JSON", bytes_of(solved())[:-20], "no valid notebook"),
    refused("not text", b"\xff\xfe\x00" * 100, "no valid notebook"),
    refused("another JSON", b'{"grade": 100}', "no cells"),
    refused("a list", b"[[[]]]", "no cells"),
    refused("a number", b"1e999", "no cells"),
    refused("deep JSON", b'{"cells":' + b"[" * 90_000, "nested too deep"),
    refused(
        "deep metadata", b'{"cells":[],"x":' + b"[" * 99 + b"]" * 99 + b"}", "deep"
    ),
    refused(
        "cells of numbers", b'{"cells":[1],"nbformat":4,"nbformat_minor":5}', "no v"
    ),
    refused("worksheets of text", b'{"worksheets":"abc","nbformat":3}', "no valid"),
    refused("a zip", zipped(), "no valid notebook"),
    refused("50 MB", padded(), "MiB"),
    refused("many cells", many_cells(), "cells, and"),
    refused("many cells that are none", many_cells_that_are_none(), "cells, and"),
    refused("future format", future_format(), "no valid notebook"),
    refused("another lab", of_nobody(), "no notebook of this lab"),
    Cheat("old format", old_format(), HONEST, "1.2", tuple(HONEST)),
    Cheat("without ids", without_ids(), HONEST, "1.2", tuple(HONEST)),
    Cheat("same ids", same_ids(), HONEST, "1.2", tuple(HONEST)),
    Cheat("no numbers", numbers_that_are_none(), HONEST, "1.2", tuple(HONEST)),
]
