"""Bencoding, the notation of BitTorrent: the one door to the `bencode2` library.

`bencode2` is strict: it refuses unsorted and repeated keys, leading zeros and
trailing bytes, so each value has exactly one encoding and can be hashed and signed.
"""

from __future__ import annotations

from typing import Any

import bencode2

from p2pkit.core.errors import RemoteProtocolError

Bencodable = bytes | int | list["Bencodable"] | dict[bytes, "Bencodable"]
"""What bencoding can say: bytes, whole numbers, lists, dictionaries by bytes."""

bencode = bencode2.bencode


def bdecode(data: bytes) -> Any:
    """Return the value in `data`.

    Raises
    ------
    RemoteProtocolError
        If the bytes are not exactly one bencoded value.
    """
    try:
        return bencode2.bdecode(data)
    except (ValueError, RecursionError) as error:
        raise RemoteProtocolError("not bencoded") from error  # noqa: EM101, TRY003
