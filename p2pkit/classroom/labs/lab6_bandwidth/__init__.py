"""Lab 6, bandwidth: what a message costs on the wire, and how to say less."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from p2pkit.classroom.labs.check import Check
from p2pkit.classroom.labs.desk import Desk
from p2pkit.classroom.labs.lab import Lab
from p2pkit.classroom.labs.lab6_bandwidth import (
    flow,
    headers,
    notation,
    questions,
    thrifty,
)
from p2pkit.classroom.labs.lab6_bandwidth.frames import own_capture
from p2pkit.classroom.labs.lab6_bandwidth.wire import (
    Chatty,
    Config,
    Digest,
    Parameters,
    Readings,
    Versions,
    draw,
    readings_of,
    summary_of,
    versions_of,
    wire_bytes,
)
from p2pkit.classroom.labs.ticket import GENERIC

__all__ = [
    "LAB", "Chatty", "Config", "Digest", "Parameters", "Readings", "Versions",
    "own_capture", "readings_of", "summary_of", "versions_of", "wire_bytes",
]  # fmt: skip
# Not `open`: whoever imports all must not lose Python's own.

LAB = Lab(
    slug="lab6_bandwidth",
    title="Where do all the bytes go?",
    draw=draw,
    checks=(
        Check(
            "1.1", "`read_headers` reads every frame of a capture",
            8, "one peer", headers.reads_frames, names=("read_headers",),
        ),
        Check(
            "1.2", "`read_headers` is right about rare frames as well",
            5, "lossy", headers.reads_odd_frames, needs=("1.1",),
            names=("read_headers",),
        ),
        Check(
            "2.1", "`bdecode` reads every bencoded value",
            8, "one peer", notation.decodes, {"values": 40}, names=("bdecode",),
        ),
        Check(
            "2.2", "`kind` says what a datagram of the DHT is",
            6, "one peer", notation.names, needs=("2.1",), names=("kind", "bdecode"),
        ),
        Check(
            "2.3", "What is not bencoded is refused",
            4, "lossy", notation.refuses, needs=("2.1",), names=("kind", "bdecode"),
        ),
        Check(
            "3.1", "`split` cuts a stream into its messages",
            8, "one peer", flow.splits, names=("split",),
        ),
        Check(
            "3.2", "`reassemble` puts segments in order, however they come",
            5, "lossy", flow.puts_in_order, names=("reassemble",),
        ),
        Check(
            "4.1", "The `ledger` of a capture adds up to its last byte",
            10, "one peer", headers.adds_up, needs=("1.1",),
            names=("ledger", "read_headers"),
        ),
        Check(
            "4.2", "`on_the_wire` foretells what a message costs on a stream",
            6, "cost", headers.foretells, {"runs": 20}, names=("on_the_wire",),
        ),
        Check(
            "5.1", "Thrifty brings every value to every station, and soon",
            10, "simulated", thrifty.delivers, {"runs": 3}, names=("Thrifty",),
        ),
        Check(
            "5.2", "Thrifty takes no more bytes than it must",
            14, "cost", thrifty.costs, {"runs": 3}, ("5.1",), ("Thrifty",),
        ),
        Check(
            "5.3", "Thrifty brings everything although datagrams get lost",
            4, "lossy", thrifty.survives_loss, {"runs": 6, "loss": 0.2}, ("5.1",),
            ("Thrifty",),
        ),
        Check(
            "5.4", "Thrifty works on real sockets",
            2, "sockets", thrifty.runs_on_sockets, {}, ("5.1",), ("Thrifty",),
        ),
        Check(
            "6.1", "Which share of your capture is not payload?",
            3, "question", questions.overhead, names=("answer_1",),
        ),
        Check(
            "6.2", "Which kind of datagram takes most bytes?",
            2, "question", questions.heaviest, names=("answer_2",),
        ),
        Check(
            "6.3", "Who sends most?",
            2, "question", questions.talker, names=("answer_3",),
        ),
        Check(
            "6.4", "How many segments does a million bytes take?",
            3, "question", questions.segments, names=("answer_4",),
        ),
    ),
    experiment=thrifty.own_run,
)  # fmt: skip


def open(  # `lab = lab6_bandwidth.open(globals())` is how a notebook says it
    namespace: Mapping[str, Any], student: str = "", ticket: str = GENERIC
) -> Desk:
    """Open this lab over the names of a notebook, see `Desk`."""
    return Desk(LAB, namespace, student, ticket)
