"""Checks 2.1 to 2.3: bencoding, and what a datagram of the DHT is."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab6_bandwidth import frames as made
from p2pkit.classroom.labs.lab6_bandwidth.headers import read
from p2pkit.core import RemoteProtocolError, Rng
from p2pkit.core.bencode import bdecode, bencode
from p2pkit.core.driver import seeded
from p2pkit.harness import (
    Finding,
    StudentError,
    Subject,
    Verdict,
    apart,
    ask,
    share_of,
)

MOST_DEPTH = 3
TRAP = b"1:q9:find_node1:t2:aa1:y1:q"
"""Bytes that look like the end of a query, inside the value of something else."""


def decodes(subject: Subject, case: Case) -> Verdict:
    """Judge whether bencoded values are read right, kind by kind."""
    rng = seeded(case.seed, "values")
    whole = [_value(rng, MOST_DEPTH) for _ in range(case["values"])]
    payloads = dht_payloads(case["dht_nodes"], case.seed)
    rows: dict[str, list[bytes]] = {
        "bytes, also empty ones and long ones": [
            bencode(one) for one in (b"", b"spam", rng.randbytes(1234), b"3:abc")
        ],
        "whole numbers, also below zero": [
            bencode(one) for one in (0, 7, -1, 10**30, -(10**20))
        ],
        "lists and dictionaries, also empty ones": [
            b"le", b"de", b"l4:spami7ee", b"d1:ai1e1:bd1:cleee",
        ],
        "one inside the other, to any depth": [bencode(one) for one in whole],
        "every datagram of a DHT": payloads,
    }  # fmt: skip
    findings = tuple(
        apart(claim, lambda c=claim, d=data: _decoded(subject, c, d))  # type: ignore[misc]
        for claim, data in rows.items()
    )
    return Verdict(findings, case.seed)


def names(subject: Subject, case: Case) -> Verdict:
    """Judge whether each datagram is given its name."""
    payloads = dht_payloads(case["dht_nodes"], case.seed)
    truth = [kind(one) for one in payloads]
    found = [subject.call("kind", one) for one in payloads]
    wanted = Counter(truth)
    findings = [
        _share(
            f"each {name!r} is named", found, truth, name, wanted[name],
            "read the dictionary: y says what it is, and q which query",
        )
        for name in sorted(one for one in wanted if one)
    ]  # fmt: skip
    findings.append(apart("contents do not deceive it", lambda: _traps(subject)))
    return Verdict(tuple(findings), case.seed)


def refuses(subject: Subject, case: Case) -> Verdict:
    """Judge what becomes of bytes that are not bencoded."""
    rng = seeded(case.seed, "broken")
    payloads = rng.sample(dht_payloads(case["dht_nodes"], case.seed), 12)
    cut = [one[: rng.randint(0, len(one) - 1)] for one in payloads]
    longer = [one + rng.choice((b"e", b"0:", b"x")) for one in payloads]
    strange = [b"x", b"i12", b"iee", b"i1x2e", b"5:abc", b"-1:a", b"l", b"d1:a"]
    rows = {
        "a value that is cut short": cut,
        "a value with something behind it": longer,
        "what is no value at all": strange,
    }
    findings = tuple(
        _refused(subject, f"{claim} raises ValueError", data)
        for claim, data in rows.items()
    )
    read = "a right value is still read"  # a condition, and no merit
    good = apart(read, lambda: _decoded(subject, read, payloads))
    good = msgspec.structs.replace(good, weight=0.0)
    if not good.holds:  # who refuses everything has refused nothing in particular
        findings = tuple(
            Finding(one.claim, 0.0, one.expected, "a right value is refused too")
            for one in findings
        )
    none = ask(
        "kind gives None for them", _kind_is_none(subject, [*cut, *strange]),
        "None", "something else, or an error",
        "catch the ValueError of bdecode in kind, and return None",
    )  # fmt: skip
    return Verdict((*findings, good, none), case.seed)


def dht_payloads(nodes: int, seed: int) -> list[bytes]:
    """Return the datagrams of a DHT, without what is around them."""
    found = [read(frame) for frame in made.dht_frames(nodes, seed)]
    return [one["data"] for one in found if one is not None]


def kind(data: bytes) -> str | None:
    """Return what a datagram is, as `kind` of the lab should."""
    try:
        message = bdecode(data)
    except RemoteProtocolError:
        return None
    if not isinstance(message, dict):
        return None
    match message.get(b"y"):
        case b"q" if isinstance(message.get(b"q"), bytes):
            return str(message[b"q"].decode("ascii", "replace"))
        case b"r":
            return "reply"
        case b"e":
            return "error"
    return None


def _value(rng: Rng, depth: int) -> Any:
    choice = rng.randrange(4 if depth else 2)
    if choice == 0:
        return rng.randbytes(rng.randrange(20))
    if choice == 1:
        return rng.randrange(-1000, 1000)
    some = [_value(rng, depth - 1) for _ in range(rng.randrange(4))]
    if choice == 2:
        return some
    keys = sorted({rng.randbytes(rng.randint(1, 5)) for _ in some})
    return dict(zip(keys, some, strict=False))


def _decoded(subject: Subject, claim: str, data: list[bytes]) -> Finding:
    right, wrong = 0, "all of them"
    for one in data:
        found = subject.call("bdecode", one)
        # Not only equal: True is no 1, and text is no bytes.
        if repr(found) == repr(bdecode(one)):
            right += 1
        else:
            wrong = f"{right} of {len(data)}; {one[:40]!r} became {str(found)[:60]}"
    hint = "a value begins with i, l, d or a digit, and says itself where it ends"
    return ask(claim, right == len(data), f"{len(data)} values", wrong, hint)


def _share(
    claim: str, found: list[Any], truth: list[Any], name: str, total: int, hint: str
) -> Finding:
    pairs = list(zip(found, truth, strict=True))
    right = sum(a == b == name for a, b in pairs)
    false = sum(a == name != b for a, b in pairs)
    good = share_of([right == total, not false])
    measured = f"{right} of {total}, and {false} others"
    return Finding(
        claim, 1.0 if good == 1 else 0.0, f"{total} datagrams", measured, hint
    )


def _traps(subject: Subject) -> Finding:
    reply = bencode({b"r": {b"id": TRAP}, b"t": b"aa", b"y": b"r"})
    query = bencode({b"a": {b"v": b"1:y1:re"}, b"q": b"put", b"t": b"y", b"y": b"q"})
    other = bencode({b"hello": b"world"})
    found = [subject.call("kind", one) for one in (reply, query, other, b"le")]
    return ask(
        "contents do not deceive it",
        found == ["reply", "put", None, None], "reply, put, None, None", found,
        "bytes inside a value may look like a key: decode first",
    )  # fmt: skip


def _refused(subject: Subject, claim: str, data: list[bytes]) -> Finding:
    failures = [(one, _outcome(subject, one)) for one in data]
    wrong = [(one, what) for one, what in failures if what != "ValueError"]
    measured = f"{wrong[0][0][:30]!r}: {wrong[0][1]}" if wrong else "all of them"
    return ask(
        claim, not wrong, f"{len(data)} times ValueError", measured,
        "check that the bytes are there before you take them, and nothing is left",
    )  # fmt: skip


def _outcome(subject: Subject, data: bytes) -> str:
    try:
        return f"returned {str(subject.call('bdecode', data))[:40]}"
    except StudentError as error:
        return "ValueError" if "ValueError" in str(error) else str(error)


def _kind_is_none(subject: Subject, data: list[bytes]) -> bool:
    try:
        return all(subject.call("kind", one) is None for one in data)
    except StudentError:
        return False
