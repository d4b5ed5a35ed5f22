import pytest

from p2pkit.observe.extras import load


def test_a_missing_extra_is_a_sentence_with_the_line_to_type():
    with pytest.raises(ModuleNotFoundError) as caught:
        load("no_such_package.part", "view")

    said = str(caught.value)
    assert "needs no_such_package" in said
    assert 'python -m pip install -e ".[view]"' in said


def test_a_package_that_is_there_is_returned():
    assert load("json", "view").dumps([1]) == "[1]"
