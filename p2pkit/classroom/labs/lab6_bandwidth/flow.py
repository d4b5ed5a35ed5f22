"""Checks 3.1 and 3.2: a stream, which knows no messages and comes in pieces."""

from __future__ import annotations

from typing import Any

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab6_bandwidth.frames import framed, stream_messages
from p2pkit.core import Rng
from p2pkit.core.driver import seeded
from p2pkit.harness import Finding, Subject, Verdict, apart, ask

WRAP = 1 << 32
SEGMENT = 500

Segments = list[list[Any]]
"""Pairs of a sequence number and the bytes that begin there, in order of arrival."""


def splits(subject: Subject, case: Case) -> Verdict:
    """Judge whether a whole stream is cut into its messages."""
    rng = seeded(case.seed, "messages")
    messages = stream_messages(rng)
    stream = framed(messages)
    inside = len(stream) - rng.randint(1, len(messages[-1]) + 3)
    rows = {
        "every message, in order": (stream, messages),
        "an empty message is a message": (framed([b"", b"a", b""]), [b"", b"a", b""]),
        "what is not there yet is left out": (stream[:inside], messages[:-1]),
        "an empty stream has none": (b"", []),
        "a length that has not come whole has none": (stream[:3], []),
    }
    findings = [
        apart(claim, lambda c=claim, r=row: _split(subject, c, *r))  # type: ignore[misc]
        for claim, row in rows.items()
    ]
    return Verdict(_only_with_first(findings), case.seed)


def puts_in_order(subject: Subject, case: Case) -> Verdict:
    """Judge what is made of segments that come as networks bring them."""
    rng = seeded(case.seed, "segments")
    stream = framed(stream_messages(rng))
    first = rng.randrange(WRAP - 5_000_000)
    plain = _cut(stream, first, rng)
    wrap = WRAP - rng.randint(1, min(len(stream) - 1, 800))
    hole = len(plain) // 2
    rows: dict[str, tuple[Segments, int, bytes]] = {
        "segments in order": (plain, first, stream),
        "segments in any order": (_shuffled(plain, rng), first, stream),
        "segments that come twice": (
            _shuffled(plain + rng.sample(plain, 4), rng), first, stream,
        ),
        "segments that overlap": (_overlapping(stream, first, rng), first, stream),
        "numbers that begin again at 0 after 2 ** 32": (
            _shuffled(_cut(stream, wrap, rng), rng), wrap, stream,
        ),
        "up to a segment that is missing, and not beyond": (
            _shuffled(plain[:hole] + plain[hole + 1 :], rng), first,
            b"".join(data for _, data in plain[:hole]),
        ),
    }  # fmt: skip
    findings = [
        apart(claim, lambda c=claim, r=row: _ordered(subject, c, *r))  # type: ignore[misc]
        for claim, row in rows.items()
    ]
    return Verdict(_only_with_first(findings), case.seed)


def _only_with_first(findings: list[Finding]) -> tuple[Finding, ...]:
    """Return the findings; without the plain case, the rare ones earn nothing."""
    if findings[0].holds:
        return tuple(findings)
    return tuple(
        Finding(one.claim, 0.0, one.expected, one.measured) for one in findings
    )


def _split(
    subject: Subject, claim: str, stream: bytes, messages: list[bytes]
) -> Finding:
    found = subject.call("split", stream)
    lengths = [len(one) for one in found] if isinstance(found, list) else found
    return ask(
        claim, found == messages, f"lengths {[len(one) for one in messages]}",
        f"lengths {lengths}" if isinstance(found, list) else repr(found)[:60],
        "four bytes of length, then so many bytes; stop where one is not whole",
    )  # fmt: skip


def _ordered(
    subject: Subject, claim: str, segments: Segments, first: int, stream: bytes
) -> Finding:
    found = subject.call("reassemble", segments, first)
    measured = f"{len(found):,} bytes" if isinstance(found, bytes) else repr(found)[:60]
    if isinstance(found, bytes) and found != stream and len(found) == len(stream):
        measured += ", but not these"
    return ask(
        claim, found == stream, f"{len(stream):,} bytes", measured,
        "where a segment belongs is (sequence - first) % 2**32; drop what you have",
    )  # fmt: skip


def _cut(stream: bytes, first: int, rng: Rng) -> Segments:
    segments, at = [], 0
    while at < len(stream):
        data = stream[at : at + rng.randint(1, SEGMENT)]
        segments.append([(first + at) % WRAP, data])
        at += len(data)
    return segments


def _overlapping(stream: bytes, first: int, rng: Rng) -> Segments:
    segments, at = [], 0
    while at < len(stream):
        start = max(0, at - rng.randint(0, 200))
        end = at + rng.randint(1, SEGMENT)
        segments.append([(first + start) % WRAP, stream[start:end]])
        at = end
    return _shuffled(segments, rng)


def _shuffled(segments: Segments, rng: Rng) -> Segments:
    return rng.sample(segments, len(segments))
