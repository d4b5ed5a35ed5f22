"""The balance of a capture: what the kernel saw, what was kept, what nodes counted.

A capture that lost packets looks like any other. So each one is weighed against two
counts that do not depend on it: the kernel's own, and those of the nodes.
"""

from __future__ import annotations

import msgspec


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """Packets and datagrams of one capture, counted by everybody who saw them.

    Parameters
    ----------
    source : str
        Who captured: ``ring``, ``dumpcap`` or ``tap``.
    seen, dropped, freezes : int
        Packets that the kernel saw, those among them that found the ring full, and
        how often it was full.
    unsaved : int
        Packets that came but could not be kept: a full disk, or the limit.
    kept : int
        Packets in the file.
    """

    source: str
    seen: int = 0
    dropped: int = 0
    freezes: int = 0
    unsaved: int = 0
    kept: int = 0

    @property
    def lost(self) -> int:
        """Packets that were seen and are not in the file."""
        return self.dropped + self.unsaved

    @property
    def closes(self) -> bool:
        """Whether every packet is accounted for, be it in the file or lost."""
        return self.seen == self.kept + self.lost

    def __str__(self) -> str:
        return (
            f"seen {self.seen:,}, dropped {self.dropped:,}, freezes {self.freezes:,}, "
            f"kept {self.kept:,}"
        )
