"""KRPC at a glance: the type of a message, and which question a reply answers.

Keys of a bencoded dictionary are sorted, so the kind stands at the very end of every
message (``1:y1:qe``), the transaction id before it, and a query's method before that.
Nothing else is looked at: whoever wants to know whether the fields are right decodes.
Source: BEP 5. Types are those of `protocols.kademlia.messages`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from p2pkit.observe.capture.records import Ints, Mask, chunks
from p2pkit.observe.capture.stretches import Stretches
from p2pkit.observe.capture.wires.types import UNKNOWN, Types

METHODS = {
    b"1:q9:find_node": "FindNode",
    b"1:q4:ping": "Ping",
    b"1:q3:get": "Get",
    b"1:q3:put": "Put",
    b"1:q9:get_peers": "GetPeers",
    b"1:q13:announce_peer": "AnnouncePeer",
    b"1:q17:sample_infohashes": "SampleInfohashes",
}
REPLY, ERROR = "Reply", "Error"
NAMES = (*METHODS.values(), REPLY, ERROR)

TID_BYTES = (4, 2, 1, 3, *range(5, 33))
"""Lengths of transaction ids, the usual ones first."""

MOST_TID_BYTES = 20
"""Bytes of a transaction id that tell questions apart here."""

READ_ONLY = b"2:roi1e"


def looks_like(payload: Stretches) -> Mask:
    """Tell which pieces may be KRPC."""
    kind = payload.byte(payload.length - 2)
    is_kind = (kind == ord("q")) | (kind == ord("r")) | (kind == ord("e"))
    found: Mask = payload.starts_with(b"d") & is_kind
    where = np.flatnonzero(found)
    some = payload[where]
    found[where] = some.has(some.length - 7, b"1:y1:") & some.ends_with(b"e")
    return found


def types(payload: Stretches) -> Types:
    """Return the type of each message; that of a query without a known method is not.

    Examples
    --------
    >>> ping = b"d1:ad2:id20:%b" % bytes(20) + b"e1:q4:ping1:t2:aa1:y1:qe"
    >>> types(Stretches.of([ping, b"spam"])).codes.tolist(), NAMES[1]
    ([1, -1], 'Ping')
    """
    found = Types.unknown(len(payload), NAMES)
    kind = np.where(looks_like(payload), payload.byte(payload.length - 2), 0)
    found.codes[kind == ord("r")] = NAMES.index(REPLY)
    found.codes[kind == ord("e")] = NAMES.index(ERROR)
    asked = np.flatnonzero(kind == ord("q"))
    queries = payload[asked]
    found.codes[asked] = _methods(queries, _tids(queries)[0])
    return found


def _methods(queries: Stretches, end: Ints) -> Ints:
    """Return the code of each query's method, which ends where its next key begins."""
    end = np.where(queries.has(end - len(READ_ONLY), READ_ONLY), end - 7, end)
    codes = np.full(len(queries), UNKNOWN, np.int64)
    for code, method in enumerate(METHODS):
        left = np.flatnonzero((codes == UNKNOWN) & (end > 0))
        if len(left):
            some = queries[left]
            codes[left[some.has(end[left] - len(method), method)]] = code
    return codes


def _tids(payload: Stretches) -> tuple[Ints, Ints]:
    """Return where the key of each transaction id begins, and the id's length.

    -1 where there is none. A version may stand behind it: ``1:v4:LT01``.
    """
    end = payload.length - 7
    end = np.where(payload.has(end - 9, b"1:v4:"), end - 9, end)
    begin = np.full(len(payload), -1, np.int64)
    length = np.zeros(len(payload), np.int64)
    for size in TID_BYTES:
        left = np.flatnonzero(begin < 0)
        if not len(left):
            break
        key = b"1:t%d:" % size
        at = end[left] - size - len(key)
        mine = left[payload[left].has(at, key)]
        begin[mine], length[mine] = end[mine] - size - len(key), size
    return begin, length


def questions(
    payload: Stretches, kinds: Types, source: Ints, destination: Ints
) -> Ints:
    """Return which message each reply and error answers; -1 for none, and for queries.

    That is the last query before it with the same transaction id, between the same two
    endpoints the other way round. Messages stand in order of time.
    """
    is_answer = np.isin(kinds.codes, (kinds.code(REPLY), kinds.code(ERROR)))
    key = np.where(is_answer, destination, source).astype(np.uint64) << np.uint64(32)
    key ^= np.where(is_answer, source, destination).astype(np.uint64)
    has_tid = np.zeros(len(payload), np.bool_)
    for some in chunks(len(payload)):
        has_tid[some] = _mix_tids(payload[some], key[some])
    order = np.argsort(key, kind="stable")
    places = np.arange(len(order))
    last = np.maximum.accumulate(np.where(is_answer[order], -1, places))
    fits = (last >= 0) & (key[order[last]] == key[order]) & is_answer[order]
    found = np.full(len(payload), -1, np.int64)
    found[order[fits]] = order[last[fits]]
    found[~has_tid] = -1
    return found


def _mix_tids(payload: Stretches, key: NDArray[np.uint64]) -> Mask:
    """Mix the transaction ids into the keys, and return which have one.

    Equal keys stay equal; different ones hardly ever become so.
    """
    begin, length = _tids(payload)
    tids = payload.texts(begin + 5 + (length > 9), length, MOST_TID_BYTES)
    for column in tids.view("<u4").reshape(-1, MOST_TID_BYTES // 4).T:
        key ^= column
        key *= np.uint64(0x9E3779B97F4A7C15)
        key ^= key >> np.uint64(29)
    return np.asarray(begin >= 0)
