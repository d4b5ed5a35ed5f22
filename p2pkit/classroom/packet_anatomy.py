"""A packet byte by byte: which layer, which field, and what it says.

The layers are scapy's. It is handed packets and never loaded here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from p2pkit.classroom.bencode_tokens import bencode_tokens
from p2pkit.core import LabError

if TYPE_CHECKING:
    import pandas as pd

    from p2pkit.observe.capture import Packets


def anatomy(packet: Any) -> pd.DataFrame:
    """Return a table of all bytes of a packet: one row for each field.

    Fields of less than a byte share a row. A bencoded message has a row for each of
    its tokens.

    Parameters
    ----------
    packet : scapy.packet.Packet
        As `Packets` gives it.

    Returns
    -------
    pandas.DataFrame
        Columns ``layer``, ``at`` (offset in the packet), ``size`` (in bytes),
        ``bytes`` (hex), ``field`` and ``says``.
    """
    import pandas as pd

    rows: list[tuple[str, int, int, str, str, str]] = []
    at = 0
    for layer, fields in reversed(packet.build_ps()[1]):
        for raw, field, says in _parts(layer, fields):
            rows.append((layer.name, at, len(raw), raw.hex(" "), field, says))
            at += len(raw)
    columns = ["layer", "at", "size", "bytes", "field", "says"]
    return pd.DataFrame(rows, columns=columns)


def layer_bytes(packet: Any) -> dict[str, int]:
    """Return how many bytes each layer of a packet adds, outermost first."""
    sizes = anatomy(packet).groupby("layer", sort=False)["size"].sum()
    return {str(name): int(size) for name, size in sizes.items()}


def first_with(packets: Packets, text: str) -> int:
    """Return the number of the first packet whose summary has a text in it.

    Raises
    ------
    LabError
        If there is none.
    """
    for index in range(len(packets)):
        if text in packets[index].summary():
            return index
    reason = f"no packet of {packets.path.name} is summed up with {text!r} in it"
    raise LabError(reason)


def _parts(layer: Any, fields: list[Any]) -> list[tuple[bytes, str, str]]:
    """Return bytes, field and meaning of the parts of one layer."""
    if layer.name == "KRPC":
        return [
            (token.raw, "  " * token.depth + token.means, _text(token.raw))
            for token in bencode_tokens(layer.self_build())
        ]
    if getattr(layer, "keyed", ()):
        return _around_a_map(layer, fields, layer.self_build())
    parts: list[tuple[bytes, str, str]] = []
    names: list[str] = []
    values: list[str] = []
    for field, shown, raw in fields:
        names, values = [*names, field.name], [*values, str(shown)]
        if raw:
            parts.append((raw, ", ".join(names), ", ".join(values)))
            names, values = [], []
    return parts


def _around_a_map(
    layer: Any, fields: list[Any], whole: bytes
) -> list[tuple[bytes, str, str]]:
    """Return the fields before a map, and the rest, which only the layer can part."""
    before = [one for one in fields if one[0].name not in {k.name for k in layer.keyed}]
    head = [(raw, field.name, str(shown)) for field, shown, raw in before[:1] if raw]
    names = [one.name for one in layer.keyed if layer.getfieldval(one.name) is not None]
    rest = whole[sum(len(raw) for raw, *_ in head) :]
    return [*head, (rest, "map", ", ".join(names))]


def _text(raw: bytes) -> str:
    return raw.decode() if raw.isascii() and raw.decode().isprintable() else ""
