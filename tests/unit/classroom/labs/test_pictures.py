"""What a picture of a verdict draws, its legend names in the same shape and shade."""

from __future__ import annotations

from xml.etree import ElementTree

from p2pkit.classroom.labs.pictures import svg_of
from p2pkit.harness import Overlay

GROUPS = {"n0": "not told", "n1": "told", "n2": "your node"}


def test_the_legend_has_the_shades_of_the_nodes_it_names() -> None:
    svg = svg_of(Overlay("who was told", GROUPS, (("n2", "n1"),)))

    marks = [
        one for one in ElementTree.fromstring(svg)
        if one.tag.endswith(("circle", "polygon"))
    ]  # fmt: skip
    looks = [(one.tag, one.get("fill")) for one in marks]
    assert len(set(looks)) == len(GROUPS)
    assert looks[: len(GROUPS)] == looks[len(GROUPS) :]  # first nodes, then legend
