"""Catalog: what an index knows, which peers there are and what each of them has.

Words lead to the files whose names have them, and a file to its peers. All of it goes
with the streams of those peers: an index keeps nothing that nobody stands for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import normalize

from p2pkit.core import Address, RemoteProtocolError
from p2pkit.protocols.central_index.messages import Found

MAX_NAME_BYTES = 255
_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> frozenset[str]:
    """Return the words of a name or a question, in lower case.

    Examples
    --------
    >>> sorted(words("Lecture_04: Small-World graphs.pdf"))
    ['04', 'graphs', 'lecture', 'pdf', 'small', 'world']
    """
    # A letter and its accent may come apart, as in names from a Mac.
    return frozenset(_WORD.findall(normalize("NFC", text.lower())))


class Entry:
    """One peer that is listed, and its files by name, with their sizes in bytes."""

    def __init__(self, nick: str, address: Address, link_kbit: int) -> None:
        self.nick, self.address, self.link_kbit = nick, address, link_kbit
        self.files: dict[str, int] = {}


class Catalog:
    """The peers of one index, by the stream that each holds.

    Parameters
    ----------
    max_peers, max_files : int
        Peers, and files of each, at most.
    """

    def __init__(self, max_peers: int, max_files: int) -> None:
        self.max_peers, self.max_files = max_peers, max_files
        self.peers: dict[Address, Entry] = {}
        self._owners: dict[str, dict[Address, None]] = {}  # of each name, by stream
        self._names: dict[str, dict[str, None]] = {}  # by word

    @property
    def is_full(self) -> bool:
        """Whether no other peer can be listed."""
        return len(self.peers) >= self.max_peers

    @property
    def files(self) -> int:
        """How many copies are listed."""
        return sum(len(entry.files) for entry in self.peers.values())

    def list_file(self, stream: Address, name: str, size_bytes: int) -> None:
        """List a file of a peer.

        Raises
        ------
        RemoteProtocolError
            If the peer is not listed, has too many files, or the name has no word.
        """
        entry, found = self._entry(stream), words(name)
        if not found or len(name.encode()) > MAX_NAME_BYTES:
            raise RemoteProtocolError("no name of a file")  # noqa: EM101, TRY003
        if name not in entry.files and len(entry.files) >= self.max_files:
            raise RemoteProtocolError("too many files")  # noqa: EM101, TRY003
        entry.files[name] = size_bytes
        self._owners.setdefault(name, {})[stream] = None
        for word in found:
            self._names.setdefault(word, {})[name] = None

    def drop_file(self, stream: Address, name: str) -> None:
        """List a file of a peer no more.

        Raises
        ------
        RemoteProtocolError
            If the peer is not listed.
        """
        if self._entry(stream).files.pop(name, None) is None:
            return
        del self._owners[name][stream]
        if self._owners[name]:
            return
        del self._owners[name]
        for word in words(name):
            del self._names[word][name]
            if not self._names[word]:
                del self._names[word]

    def drop_peer(self, stream: Address) -> Entry | None:
        """Take a peer and its files off the list; return what it was."""
        entry = self.peers.get(stream)
        if entry is not None:
            gone = Entry(entry.nick, entry.address, entry.link_kbit)
            gone.files = dict(entry.files)
            for name in gone.files:
                self.drop_file(stream, name)
            del self.peers[stream]
            return gone
        return None

    def find(self, text: str, most: int) -> Iterator[Found]:
        """Yield up to `most` copies of files whose names have all words of `text`."""
        sets = [self._names.get(word, {}) for word in sorted(words(text))]
        if not sets:
            return
        rarest = min(sets, key=len)
        for name in rarest:
            if all(name in other for other in sets):
                for stream in self._owners[name]:
                    if most <= 0:
                        return
                    most -= 1
                    one = self.peers[stream]
                    size = one.files[name]
                    yield Found(name, size, one.nick, one.address, one.link_kbit)

    def _entry(self, stream: Address) -> Entry:
        entry = self.peers.get(stream)
        if entry is None:
            raise RemoteProtocolError("not logged in")  # noqa: EM101, TRY003
        return entry
