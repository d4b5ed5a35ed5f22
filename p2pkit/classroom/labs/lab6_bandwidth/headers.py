"""Checks 1.1, 1.2, 4.1 and 4.2: what is around a message, and what that costs."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from typing import Any

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab6_bandwidth import frames as made
from p2pkit.core import LabError
from p2pkit.core.driver import seeded
from p2pkit.harness import Finding, Subject, Verdict, apart, ask, share_of

ETHERNET = 14
WORDS = {6: "tcp", 17: "udp"}
SHOWN = 3
"""Frames that a verdict tells of, of those that were read wrongly."""

LEAST_RIGHT = 3
"""Lines that must be right: whoever puts the whole capture in one of them closes it,
and has read nothing. Who takes one line for another still has three."""

LEDGER = ("payload", "udp", "tcp", "ip", "ethernet")
TCP_BYTES = 32
"""A TCP header with its timestamps, which nearly every segment has."""


def read(frame: bytes) -> dict[str, Any] | None:
    """Return what a frame holds, as `read_headers` of the lab should."""
    total = int.from_bytes(frame[16:18], "big")
    packet = frame[ETHERNET : ETHERNET + total]
    word = WORDS.get(packet[9]) if len(packet) > 20 else None
    if frame[12:14] != b"\x08\x00" or len(packet) < total or word is None:
        return None
    ip = (packet[0] & 15) * 4
    inside = packet[ip:]
    transport = 8 if word == "udp" else (inside[12] >> 4) * 4
    ends = [
        f"{'.'.join(map(str, host))}:{int.from_bytes(port, 'big')}"
        for host, port in ((packet[12:16], inside[:2]), (packet[16:20], inside[2:4]))
    ]
    return {
        "protocol": word, "source": ends[0], "destination": ends[1],
        "ethernet": len(frame) - total, "ip": ip, "transport": transport,
        "data": inside[transport:],
    }  # fmt: skip


def reads_frames(subject: Subject, case: Case) -> Verdict:
    """Judge whether plain frames are read right, field by field."""
    frames = made.capture(case["dht_nodes"], case.seed)
    found = [subject.call("read_headers", frame) for frame in frames]
    truth = [read(frame) for frame in frames]
    fields = ("protocol", "source", "destination", "ip", "transport", "data")
    findings = tuple(
        _field_finding(name, found, truth) for name in (*fields, "ethernet")
    )
    return Verdict(findings, case.seed, _shown(frames, found, truth))


def reads_odd_frames(subject: Subject, case: Case) -> Verdict:
    """Judge frames that are rare: options, padding, other protocols, cut short."""
    rng = seeded(case.seed, "odd")
    plain = made.capture(case["dht_nodes"], case.seed)
    some = rng.sample(plain, 12)
    arp = some[0][:12] + b"\x08\x06" + some[0][14:]
    icmp = some[1][:23] + b"\x01" + some[1][24:]
    kinds = {
        "IP headers with options are as long as they say": (
            [made.with_options(one, rng) for one in some],
            "the low four bits of the first byte count words of four bytes",
        ),
        "what fills a short frame up belongs to the Ethernet, not to the message": (
            [made.padded(one, rng) for one in some],
            "bytes 2 and 3 of the IP header say where its packet ends",
        ),
        "what carries no UDP or TCP in IPv4 gives None": (
            [arp, icmp, arp[:20]],
            "look at bytes 12 and 13 of the frame, and byte 9 of the IP header",
        ),
        "a frame that is cut short gives None": (
            [one[: rng.randint(0, len(one) - 1)] for one in some],
            "compare the length that IP names with the bytes that are there",
        ),
    }
    findings = tuple(
        apart(claim, lambda c=claim, f=few, h=hint: _all_read(subject, c, f, h))  # type: ignore[misc]
        for claim, (few, hint) in kinds.items()
    )
    # Whoever always says None has read nothing.
    if not isinstance(subject.call("read_headers", some[0]), dict):
        findings = tuple(_nothing(one) for one in findings)
    return Verdict(findings, case.seed)


def adds_up(subject: Subject, case: Case) -> Verdict:
    """Judge the ledger: each line, and that nothing is left over."""
    frames = made.capture(case["dht_nodes"], case.seed)
    books = subject.call("ledger", frames)
    if not isinstance(books, dict):
        reason = f"ledger(frames) returned {type(books).__name__}, not a dict"
        raise LabError(reason)
    truth = ledger(frames)
    total = sum(map(len, frames))
    lines = tuple(
        ask(
            f"the line {name!r} is right", books.get(name) == truth[name],
            f"{truth[name]:,} bytes", books.get(name, "no such line"),
            "add up what read_headers tells of each frame",
        )
        for name in LEDGER
    )  # fmt: skip
    numbers = [one for one in books.values() if isinstance(one, int)]
    closes = ask(
        "the lines add up to every byte of the capture, and the residue is 0",
        sum(numbers) == total and len(numbers) == len(books) >= len(LEDGER)
        and sum(one.holds for one in lines) >= LEAST_RIGHT,
        f"{total:,} bytes", f"{sum(numbers):,} bytes",
        "each byte stands in one line: is padding, or an empty segment, left out?", 3.0,
    )  # fmt: skip
    return Verdict((*lines, closes), case.seed)


def ledger(frames: Iterable[bytes]) -> dict[str, int]:
    """Return the bytes of frames by what they are for, as the lab's should."""
    books = dict.fromkeys(LEDGER, 0)
    for one in filter(None, map(read, frames)):
        books["payload"] += len(one["data"])
        books[one["protocol"]] += one["transport"]
        books["ip"] += one["ip"]
        books["ethernet"] += one["ethernet"]
    return books


def on_the_wire(size: int, mtu: int) -> int:
    """Return the bytes on the wire of `size` bytes written to a TCP stream at once.

    Examples
    --------
    >>> on_the_wire(1448, 1500), on_the_wire(1449, 1500), on_the_wire(0, 1500)
    (1514, 1581, 0)
    """
    segments = ceil(size / (mtu - 20 - TCP_BYTES))
    return size + segments * (ETHERNET + 20 + TCP_BYTES)


def foretells(subject: Subject, case: Case) -> Verdict:
    """Judge whether the cost of a message on a stream is foretold."""
    mtu, rng = case["mtu"], seeded(case.seed, "sizes")
    room = mtu - 20 - TCP_BYTES
    many = [rng.randint(room + 2, 40 * room) for _ in range(case["runs"])]
    rows = {
        "what fits one segment": [1, 17, room - 1, room],
        "one byte more takes a segment more": [room + 1, 2 * room, 2 * room + 1],
        "long messages, of any length": many,
        "nothing costs nothing": [0],
    }
    findings = tuple(_foretold(subject, claim, few, mtu) for claim, few in rows.items())
    if not findings[0].holds:  # 0 for everything is no foresight
        findings = (*findings[:-1], _nothing(findings[-1]))
    return Verdict(findings, case.seed)


def _foretold(subject: Subject, claim: str, few: list[int], mtu: int) -> Finding:
    found = [subject.call("on_the_wire", size, mtu) for size in few]
    truth = [on_the_wire(size, mtu) for size in few]
    right = [
        not isinstance(a, bool) and a == b for a, b in zip(found, truth, strict=True)
    ]
    wrong = next((i for i, good in enumerate(right) if not good), None)
    if wrong is None:
        return ask(claim, True)
    expected = f"{truth[wrong]:,} bytes for {few[wrong]:,} at an MTU of {mtu:,}"
    hint = "how many segments, each with up to mtu - 52 bytes of it? 66 bytes around"
    return Finding(
        claim, 0.0, expected, f"{found[wrong]!r}; {sum(right)} of {len(few)}", hint
    )


def _field_finding(
    name: str, found: list[Any], truth: list[dict[str, Any] | None]
) -> Finding:
    right = [
        isinstance(one, dict) and one.get(name) == real[name]
        for one, real in zip(found, truth, strict=True)
        if real is not None
    ]
    share = share_of(right)
    return Finding(
        f"{name!r} is right in every frame",
        1.0 if share == 1.0 else 0.5 if share >= 0.5 else 0.0,
        f"in {len(right)} frames", f"in {sum(right)} of them",
        "the last events show the first frames that were read differently",
    )  # fmt: skip


def _all_read(subject: Subject, claim: str, frames: list[bytes], hint: str) -> Finding:
    right, wrong = 0, "all of them"
    for frame in frames:
        found, truth = subject.call("read_headers", frame), read(frame)
        if found == truth or (truth and _same_lengths(found, truth)):
            right += 1
        else:
            wrong = f"{right} of {len(frames)}; for {frame[:40].hex()}...: {found}"
    good = right == len(frames)
    return ask(claim, good, f"{len(frames)} frames", wrong, hint)


def _same_lengths(found: Any, truth: dict[str, Any]) -> bool:
    names = ("ethernet", "ip", "transport", "data")  # who said it is check 1.1's
    return isinstance(found, dict) and all(found.get(n) == truth[n] for n in names)


def _nothing(one: Finding) -> Finding:
    measured = f"{one.measured}; but a plain one is not read at all"
    return Finding(one.claim, 0.0, one.expected, measured, one.hint, one.weight)


def _shown(frames: list[bytes], found: list[Any], truth: list[Any]) -> tuple[str, ...]:
    rows = zip(frames, found, truth, strict=True)
    wrong = [(frame, a, b) for frame, a, b in rows if a != b]
    return tuple(
        line
        for frame, a, b in wrong[:SHOWN]
        for line in (f"frame {frame[:54].hex()}...", f"  read: {a}", f"  is:   {b}")
    )
