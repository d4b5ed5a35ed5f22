import pytest

from p2pkit.classroom import listing
from p2pkit.core import LabError, requests


def test_a_module_is_shown_as_it_is_installed():
    shown = listing("p2pkit.core.requests")

    with open(requests.__file__, encoding="utf-8") as file:
        assert repr(shown) == file.read()


def test_a_method_is_shown_alone_with_its_place():
    shown = listing("p2pkit.core.requests", "Requests.ask")

    assert str(shown).startswith("    def ask(")
    assert "def settle" not in str(shown)
    page = shown._repr_html_()
    assert "requests.py, lines" in page
    assert "<script" not in page


def test_decorators_belong_to_the_part_they_decorate():
    assert "@classmethod" in str(listing("p2pkit.core.ids", "Id.parse"))


@pytest.mark.parametrize("name", ["nonsense", "no.such.module", "../etc", ""])
def test_an_unknown_listing_is_answered_with_what_there_is(name):
    with pytest.raises(LabError, match="there is no listing"):
        listing(name)


def test_an_unknown_part_is_answered_with_what_there_is():
    with pytest.raises(LabError, match=r"it has .*Id\.parse"):
        listing("p2pkit.core.ids", "Id.nonsense")
