"""Ids are numbers that print as hexadecimal."""

import pytest

from p2pkit.core import Contact, Id, short


@pytest.mark.parametrize("value", [255, b"\x00\xff", "ff", "00FF", Id(255)])
def test_an_id_is_made_of_a_number_bytes_or_digits(value):
    assert Id.parse(value) == 255


@pytest.mark.parametrize("value", [-1, "-1", "xyz", ""])
def test_what_is_no_id_is_refused(value):
    with pytest.raises(ValueError, match=r"id is a number|invalid literal"):
        Id.parse(value)


def test_an_id_prints_as_its_first_eight_digits():
    assert repr(Id(0xABCDEF << 136)) == "Id(abcdef00…)"
    assert short(1) == "00000000"
    assert short(0xAB, id_bits=8) == "ab"


def test_leading_zeros_are_kept_in_full_hexadecimal():
    assert Id(1).hex() == "0" * 39 + "1"
    assert Id(1).hex(id_bits=16) == "0001"


def test_a_contact_prints_its_id_and_where_it_is():
    assert str(Contact(0xFF << 152, ("::1", 6881))) == "ff000000@[::1]:6881"
