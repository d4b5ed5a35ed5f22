"""Addresses as people write them."""

import pytest

from p2pkit.core import LocalProtocolError, format_address, parse_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:6881", ("127.0.0.1", 6881)),
        (" 127.0.0.1:0 ", ("127.0.0.1", 0)),
        ("localhost:65535", ("127.0.0.1", 65535)),
        ("[::1]:6881", ("::1", 6881)),
        ("[2001:DB8:0:0::1]:1", ("2001:db8::1", 1)),
    ],
)
def test_numeric_hosts_are_read(text, address):
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text",
    ["", "6881", "127.0.0.1", "example.org:80", "127.0.0.1:65536", "127.0.0.1:-1",
     "127.0.0.1:http", "127.0.0.256:1", "[::1]"],
)  # fmt: skip
def test_what_is_no_address_is_refused_with_an_example(text):
    with pytest.raises(LocalProtocolError, match=r"such as 127\.0\.0\.1:6881"):
        parse_address(text)


@pytest.mark.parametrize("address", [("127.0.0.1", 6881), ("::1", 1), ("fe80::2", 0)])
def test_what_is_written_is_read_back(address):
    assert parse_address(format_address(address)) == address
