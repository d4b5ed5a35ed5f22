"""COBS: bytes without zeros, for where a zero ends a text.

Each run of bytes without a zero follows its length plus one; a run of 254 says that no
zero came after it. Source: S. Cheshire and M. Baker, "Consistent Overhead Byte
Stuffing", SIGCOMM 1997.
"""

from __future__ import annotations


def pack_cobs(data: bytes) -> bytes:
    r"""Return `data` without zeros, up to one byte longer for each 254.

    Examples
    --------
    >>> pack_cobs(bytes([1, 0, 0, 2]))
    b'\x02\x01\x01\x02\x02'
    """
    packed = bytearray()
    for part in data.split(b"\0"):
        for at in range(0, len(part) - 253, 254):
            packed += b"\xff" + part[at : at + 254]
        rest = part[len(part) // 254 * 254 :]
        packed += bytes([len(rest) + 1]) + rest
    return bytes(packed)


def unpack_cobs(packed: bytes) -> bytes:
    """Return what `pack_cobs` was given.

    Raises
    ------
    ValueError
        If a run is longer than what is left, or has no length.
    """
    data, at = bytearray(), 0
    while at < len(packed):
        run = packed[at]
        if run == 0 or at + run > len(packed):
            message = "no COBS"
            raise ValueError(message)
        data += packed[at + 1 : at + run]
        at += run
        if run < 0xFF and at < len(packed):
            data.append(0)
    return bytes(data)
