"""What a notebook shows of a verdict."""

from __future__ import annotations

import pytest

from p2pkit.classroom.labs.telling import NO_PICTURES, picture_html
from p2pkit.harness import Overlay


def test_a_picture_is_drawn_unless_nobody_looks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    picture = Overlay("Who <heard> it", {"a": "told", "b": "not told"}, (("a", "b"),))
    drawn = picture_html(picture)

    monkeypatch.setenv(NO_PICTURES, "1")

    assert "<img" in drawn
    assert picture_html(picture) == "<p>Who &lt;heard&gt; it</p>"
