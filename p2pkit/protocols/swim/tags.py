"""Tags: what a member says about itself, as serf writes it into `meta`.

A byte 0xff, then a map from text to text. Whoever speaks another dialect above
memberlist puts something else there, which is kept and passed on as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from p2pkit.core import LocalProtocolError
from p2pkit.protocols.swim.raw import give

MAGIC: Final = 0xFF
MAX_TAGS: Final = 15
"""Pairs that fit the short form of a map."""


def pack_tags(tags: Iterable[tuple[str, str]], most_bytes: int) -> bytes:
    r"""Return tags as bytes, none for no tags.

    Raises
    ------
    LocalProtocolError
        If they are more than fit.

    Examples
    --------
    >>> pack_tags([("role", "p2pkit")], 512)
    b'\xff\x81\xa4role\xa6p2pkit'
    """
    pairs = dict(tags)
    parts = [bytes(give(text.encode())) for pair in pairs.items() for text in pair]
    packed = b"".join((bytes((MAGIC, 0x80 | min(len(pairs), MAX_TAGS))), *parts))
    if len(pairs) > MAX_TAGS or len(packed) > most_bytes:
        reason = (
            f"{len(pairs)} tags of {len(packed)} bytes are too much: a member may say "
            f"{MAX_TAGS} things about itself, in {most_bytes} bytes"
        )
        raise LocalProtocolError(reason)
    return packed if pairs else b""
