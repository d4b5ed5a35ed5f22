"""The way through the pages of Chord is whole: all are named, and all names exist."""

import re
from pathlib import Path

import p2pkit.protocols.chord as room
from p2pkit.classroom import listing

TABLE = re.findall(r"``(\w+)(?:: ([\w.]+))?``", room.__doc__)


def test_every_page_and_part_that_the_first_page_names_can_be_shown():
    shown = [str(listing(f"chord.{page}", part or None)) for page, part in TABLE]

    assert len(shown) > 25
    assert all(shown)


def test_every_page_is_named_on_the_first():
    pages = {path.stem for path in Path(room.__file__).parent.glob("*.py")}

    assert pages - {"__init__"} == {page for page, _ in TABLE}


def test_the_naive_page_has_all_of_the_figures_side_by_side():
    source = str(listing("chord.naive"))
    words = ("bootstrap", "lookup", "stabilize", "Notify", "fix_fingers", "finger")

    assert all(word in source for word in words)
    assert len(source.splitlines()) <= 150
