"""Library: the files of one servent, and which of them a question is about.

A file matches if its name has every word of the question, in any order and case.
Source: RFC-Gnutella 0.6, section 2.2.3.
"""

from __future__ import annotations

import re
from hashlib import sha1
from typing import NamedTuple
from unicodedata import normalize

from p2pkit.core import LocalProtocolError

MAX_FILES = 10_000
MAX_FILE_BYTES = 1 << 20
MAX_NAME_BYTES = 255
_WORD = re.compile(r"[^\W_]+")


class SharedFile(NamedTuple):
    """One file: its number, counted from 1, its name, its bytes and their SHA-1."""

    number: int
    name: str
    data: bytes
    sha1: bytes


def words(text: str) -> frozenset[str]:
    """Return the words of a name or a question.

    Examples
    --------
    >>> sorted(words("Lecture_04: Small-World graphs.pdf"))
    ['04', 'graphs', 'lecture', 'pdf', 'small', 'world']
    """
    # A letter and its accent may come apart, as in names from a Mac.
    return frozenset(_WORD.findall(normalize("NFC", text.lower())))


class Library:
    """Shared files, found by words."""

    def __init__(self) -> None:
        self.files: dict[int, SharedFile] = {}
        self._by_word: dict[str, set[int]] = {}
        self._by_sha1: dict[bytes, int] = {}  # the number of the first with a content
        self._next = 1

    def add(self, name: str, data: bytes = b"") -> SharedFile:
        """Share a file.

        Raises
        ------
        LocalProtocolError
            If the name has no word or is too long, or the file or the library is.
        """
        found = words(name)
        if not found or len(name.encode()) > MAX_NAME_BYTES or not name.isprintable():
            reason = f"{name!r} is no name: give one line of 1 to {MAX_NAME_BYTES} "
            reason += "bytes, with a word in it"
            raise LocalProtocolError(reason)
        if len(data) > MAX_FILE_BYTES or len(self.files) >= MAX_FILES:
            reason = (
                f"a library has up to {MAX_FILES:,} files of up to {MAX_FILE_BYTES:,} "
                f"bytes: {name!r} has no room in it"
            )
            raise LocalProtocolError(reason)
        shared = SharedFile(self._next, name, bytes(data), sha1(data).digest())
        self._next += 1
        self.files[shared.number] = shared
        self._by_sha1.setdefault(shared.sha1, shared.number)
        for word in found:
            self._by_word.setdefault(word, set()).add(shared.number)
        return shared

    def remove(self, number: int) -> None:
        """Share a file no more."""
        shared = self.files.pop(number)
        if self._by_sha1.get(shared.sha1) == number:
            del self._by_sha1[shared.sha1]
        for word in words(shared.name):
            self._by_word[word].discard(number)
            if not self._by_word[word]:
                del self._by_word[word]

    def find(self, text: str, limit: int) -> list[SharedFile]:
        """Return up to `limit` files whose names have all words of `text`."""
        wanted = words(text)
        sets = [self._by_word.get(word) for word in wanted]
        if not sets or any(one is None for one in sets):
            return []
        found = set.intersection(*(one for one in sets if one is not None))
        return [self.files[number] for number in sorted(found)[:limit]]

    def by_sha1(self, sha1: bytes) -> SharedFile | None:
        """Return the file with a content; None if there is none."""
        return self.files.get(self._by_sha1.get(sha1, 0))

    @property
    def words(self) -> list[str]:
        """Every word of every name, for a leaf's query table."""
        return sorted(self._by_word)

    @property
    def size_bytes(self) -> int:
        """The length of all files together."""
        return sum(len(one.data) for one in self.files.values())

    def __len__(self) -> int:
        return len(self.files)
