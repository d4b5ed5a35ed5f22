"""Ids: the numbers that nodes and data are placed by.

A node id and a key are numbers in the same id space. Protocols compute with plain
``int``; what people see and type is an `Id`, an ``int`` that prints as hexadecimal.
"""

from __future__ import annotations

from typing import Self


class Id(int):
    """A number in an id space, shown in hexadecimal.

    Examples
    --------
    >>> key = Id.parse("aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d")
    >>> key
    Id(aaf4c61d…)
    >>> key.hex()
    'aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d'
    >>> key == int(key)
    True
    """

    __slots__ = ()

    @classmethod
    def parse(cls, value: int | bytes | str) -> Self:
        """Make an id of a number, of big-endian bytes, or of hexadecimal digits.

        Raises
        ------
        ValueError
            If `value` is negative, or a string that is not hexadecimal.
        """
        if isinstance(value, bytes):
            return cls(int.from_bytes(value, "big"))
        number = int(value, 16) if isinstance(value, str) else int(value)
        if number < 0:
            message = f"an id is a number from 0 upward, not {number}"
            raise ValueError(message)
        return cls(number)

    def hex(self, id_bits: int = 160) -> str:
        """Return the id as ``id_bits / 4`` hexadecimal digits."""
        return f"{int(self):0{id_bits // 4}x}"

    def __repr__(self) -> str:
        return f"Id({short(self)}…)"


def short(number: int, id_bits: int = 160) -> str:
    """Return the first 8 hexadecimal digits of an id, as it is shown everywhere.

    Examples
    --------
    >>> short(0xAAF4C61DDCC5E8A2DABEDE0F3B482CD9AEA9434D)
    'aaf4c61d'
    """
    return f"{int(number):0{id_bits // 4}x}"[:8]
