"""Questions 6.1 to 6.4: about the student's own capture, which is made again here."""

from __future__ import annotations

from collections import Counter
from typing import Any

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab6_bandwidth import frames as made
from p2pkit.classroom.labs.lab6_bandwidth.headers import (
    TCP_BYTES,
    ledger,
    read,
)
from p2pkit.classroom.labs.lab6_bandwidth.notation import kind
from p2pkit.harness import Subject, Verdict, ask

FILE_BYTES = 1_000_000


def overhead(subject: Subject, case: Case) -> Verdict:
    """Judge which share of the bytes are headers."""
    frames = made.own_capture(case.parameters)
    truth = 1 - ledger(frames)["payload"] / sum(map(len, frames))
    answer: Any = subject.value("answer_1")
    near = type(answer) in (int, float) and abs(answer - truth) <= 0.002
    finding = ask(
        "answer_1: which share of all bytes is not payload", near,
        "a share between 0 and 1, right to two thousandths", _said(answer),
        "your ledger of lab6_bandwidth.own_capture(lab.parameters) has the numbers",
    )  # fmt: skip
    return Verdict((finding,), case["seed"])


def heaviest(subject: Subject, case: Case) -> Verdict:
    """Judge which kind of datagram takes most bytes."""
    spent: Counter[str] = Counter()
    for one in map(read, made.own_capture(case.parameters)):
        if one is not None and one["protocol"] == "udp":
            spent[kind(one["data"]) or "none"] += len(one["data"])
    return _exact(
        subject, case, "answer_2", spent.most_common(1)[0][0],
        "which kind of datagram takes most payload bytes",
        "add up len(data) by kind(data), over the UDP frames",
    )  # fmt: skip


def talker(subject: Subject, case: Case) -> Verdict:
    """Judge who sends most bytes."""
    spent: Counter[str] = Counter()
    for frame in made.own_capture(case.parameters):
        found = read(frame)
        if found is not None and found["protocol"] == "udp":
            spent[found["source"]] += len(frame)
    return _exact(
        subject, case, "answer_3", spent.most_common(1)[0][0],
        "which address sends most bytes in datagrams, headers included",
        "add up len(frame) by source, over the UDP frames",
    )  # fmt: skip


def segments(subject: Subject, case: Case) -> Verdict:
    """Judge how many segments a file takes."""
    room = case["mtu"] - 20 - TCP_BYTES
    truth = -(-FILE_BYTES // room)
    return _exact(
        subject, case, "answer_4", truth,
        "how many segments carry a million bytes at your MTU",
        "each carries mtu - 52 bytes, and the last one what is left",
    )  # fmt: skip


def _exact(
    subject: Subject, case: Case, name: str, truth: object, what: str, hint: str
) -> Verdict:
    answer = subject.value(name)
    right = type(answer) is type(truth) and answer == truth
    finding = ask(
        f"{name}: {what}", right, "that of your own capture", _said(answer), hint
    )
    return Verdict((finding,), case["seed"])


def _said(answer: Any) -> str:
    return "no answer yet" if answer is None else repr(answer)[:60]
