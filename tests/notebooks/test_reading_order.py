"""One order to read the lectures in, wherever it is told."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMES = {one.stem for one in (ROOT / "notebooks").glob("*.ipynb")}


def table() -> list[str]:
    text = (ROOT / "docs/lectures.md").read_text("utf-8")
    return re.findall(r"^\| `(\w+)\.ipynb` \|", text, re.MULTILINE)


def test_every_lecture_is_listed_once() -> None:
    assert sorted(table()) == sorted(NAMES)


def test_the_readme_names_them_all_in_the_same_order() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    told = text.partition("in this order:")[2].partition("docs/lectures.md")[0]

    assert re.findall(r"`(\w+)`", told) == table()
