"""Bencoding: each value has exactly one encoding."""

import pytest

from p2pkit.core import RemoteProtocolError
from p2pkit.core.bencode import bdecode, bencode


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        (b"", b"0:"),
        (b"spam", b"4:spam"),
        (0, b"i0e"),
        (-3, b"i-3e"),
        (1 << 80, b"i1208925819614629174706176e"),
        ([], b"le"),
        ([b"a", 1], b"l1:ai1ee"),
        ({b"b": 1, b"a": b"x"}, b"d1:a1:x1:bi1ee"),
    ],
)
def test_values_are_written_in_order_and_read_back(value, encoded):
    assert bencode(value) == encoded
    assert bdecode(encoded) == value


@pytest.mark.parametrize(
    "data",
    [b"", b"i01e", b"i-0e", b"ie", b"i1", b"4:spa", b"04:spam", b"-1:", b"l", b"d1:a",
     b"d1:b0:1:a0:e", b"d1:a0:1:a0:e", b"di1e0:e", b"4:spamX", b"x", b"99999999999:",
     b"l" * 1500, b"d1:a" * 500],
)  # fmt: skip
def test_what_is_not_exactly_one_value_is_refused_under_one_reason(data):
    with pytest.raises(RemoteProtocolError) as caught:
        bdecode(data)

    assert caught.value.reason == "not bencoded"
