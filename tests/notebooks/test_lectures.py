"""Lectures keep the rules of their house; that they run is for nbval to say.

Cell sizes have their ceiling in ``tests/house``; here is what makes a lecture one.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from p2pkit.classroom import listing

ROOT = Path(__file__).parents[2]
LECTURES = sorted((ROOT / "notebooks").glob("*.ipynb"))
ENDING = ["Your turn", "What we saw", "What this leaves out", "Questions", "Sources"]
MOST_BYTES = 1_000_000

pytestmark = pytest.mark.parametrize("lecture", LECTURES, ids=lambda one: one.stem)


def cells(lecture: Path, kind: str) -> list[dict[str, Any]]:
    found = json.loads(lecture.read_text("utf-8"))["cells"]
    return [one for one in found if one["cell_type"] == kind]


def sources(lecture: Path, kind: str) -> list[str]:
    return ["".join(one["source"]) for one in cells(lecture, kind)]


def outputs(lecture: Path) -> list[dict[str, Any]]:
    return [output for one in cells(lecture, "code") for output in one["outputs"]]


def test_title_is_one_question(lecture: Path) -> None:
    title = sources(lecture, "markdown")[0].splitlines()[0]

    assert title.startswith("# ")
    assert title.endswith("?")


def test_first_cell_imports_and_sets_the_seed(lecture: Path) -> None:
    first, *others = sources(lecture, "code")

    assert re.search(r"^SEED = 7$", first, re.MULTILINE)
    assert all(
        line.startswith(("import ", "from ", "SEED"))
        for line in first.split("\n")
        if line
    )
    assert not any(re.search(r"^(import|from) ", one, re.MULTILINE) for one in others)


def test_most_cells_are_small_and_nothing_is_hidden(lecture: Path) -> None:
    code = sources(lecture, "code")

    assert median(len(one.splitlines()) for one in code) <= 5
    assert not any("%run" in one or "sys.path" in one for one in code)
    assert not any("jupyter" in one["metadata"] for one in cells(lecture, "code"))


def test_prose_leads(lecture: Path) -> None:
    prose = "\n".join(sources(lecture, "markdown")).split("## Your turn")[0]
    words = len(re.sub(r"^\|.*$", "", prose, flags=re.MULTILINE).split())
    lines = sum(len(one.splitlines()) for one in sources(lecture, "code"))

    assert 8 <= words / lines <= 15


def test_reader_predicts_and_is_told_what_to_believe(lecture: Path) -> None:
    everything = json.loads(lecture.read_text("utf-8"))["cells"]
    text = "\n".join("".join(one["source"]) for one in everything)
    steps = re.split(r"^## \d+\. ", text.split("## Your turn")[0], flags=re.MULTILINE)[
        1:
    ]

    assert text.count("**Predict.**") >= 3
    assert [one.splitlines()[0] for one in steps if "assert " not in one] == []


def test_lecture_ends_with_its_closing_parts(lecture: Path) -> None:
    prose = "\n".join(sources(lecture, "markdown"))
    headings = re.findall(r"^## (.+)$", prose, re.MULTILINE)
    at = headings.index(ENDING[0])

    assert [one for one in headings[at:] if one in ENDING] == ENDING
    saw = prose.split("## What we saw")[1].split("##")[0].strip()
    assert len(re.findall(r"[.!?](?:\s|$)", saw)) == 3
    asked = prose.split("## Questions")[1].split("\n## ")[0]
    assert all(
        f"*{kind}.*" in asked for kind in ("Recall", "Reason", "Change the code")
    )


def test_outputs_are_those_of_one_run_from_top_to_bottom(lecture: Path) -> None:
    counts = [one["execution_count"] for one in cells(lecture, "code")]

    assert counts == list(range(1, len(counts) + 1))


def test_outputs_hold_no_error_no_warning_and_no_live_widget(lecture: Path) -> None:
    found = outputs(lecture)

    assert not [one for one in found if one["output_type"] == "error"]
    assert not [one for one in found if one.get("name") == "stderr"]
    assert not [
        one for one in found if any("widget" in kind for kind in one.get("data", ()))
    ]


def test_pictures_need_no_network_and_no_machine_is_named(lecture: Path) -> None:
    shown = json.dumps(outputs(lecture))

    assert not re.search(r"(?:src|href)=\\?[\"']?https?:", shown)
    assert "<script" not in shown
    assert not re.search(r"/(?:home|root|Users|tmp)/", shown)
    assert str(ROOT) not in lecture.read_text("utf-8")


def test_listings_shown_are_those_of_the_source(lecture: Path) -> None:
    for cell in cells(lecture, "code"):
        if (source := "".join(cell["source"])).startswith("listing("):
            shown = "".join(cell["outputs"][0]["data"]["text/plain"])
            now = repr(listing(*re.findall(r'"([^"]+)"', source)))
            assert shown.strip() == now.strip(), f"{source} has changed: make notebooks"


def test_some_outputs_are_compared_with_fresh_ones(lecture: Path) -> None:
    assert any("# NBVAL_CHECK_OUTPUT" in one for one in sources(lecture, "code"))


def test_reader_is_told_how_to_hide_the_answers(lecture: Path) -> None:
    assert "Clear Outputs of All Cells" in sources(lecture, "markdown")[0]


def test_file_stays_small_and_says_nothing_of_its_machine(lecture: Path) -> None:
    metadata = json.loads(lecture.read_text("utf-8"))["metadata"]

    assert lecture.stat().st_size < MOST_BYTES
    assert metadata["kernelspec"]["name"] == "python3"
    assert "version" not in metadata["language_info"]
