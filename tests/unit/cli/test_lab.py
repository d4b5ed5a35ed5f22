"""`p2pkit lab` opens where lectures and labs can both be reached."""

import pytest

from p2pkit.cli.lab import TOUR, root_of, tour_in


@pytest.fixture
def here(tmp_path, monkeypatch):
    place = tmp_path / "here"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def checkout(tmp_path):
    """A clone, elsewhere, as it is before anybody touches it."""
    for name in ("notebooks", "labs"):
        (tmp_path / "clone" / name).mkdir(parents=True)
    (tmp_path / "clone" / "notebooks" / TOUR).touch()
    return tmp_path / "clone"


def test_in_a_clone_the_root_holds_lectures_and_labs_and_the_tour_comes_first(
    checkout, monkeypatch
):
    monkeypatch.chdir(checkout)

    assert root_of(None, checkout) == checkout
    assert tour_in(checkout) == f"notebooks/{TOUR}"


def test_elsewhere_the_clone_is_opened(here, checkout):
    assert root_of(None, checkout) == checkout


def test_lectures_of_ones_own_without_labs_go_first(here, checkout):
    (here / "notebooks").mkdir()

    assert root_of(None, checkout) == here / "notebooks"
    assert tour_in(here / "notebooks") == ""


def test_without_any_it_opens_here(here, tmp_path):
    assert root_of(None, tmp_path) == here


def test_a_folder_that_is_named_is_the_root(here, checkout):
    assert root_of(str(checkout / "notebooks")) == checkout / "notebooks"
    assert tour_in(checkout / "notebooks") == TOUR
    with pytest.raises(SystemExit):
        root_of("nowhere", checkout)
