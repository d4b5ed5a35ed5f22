"""A million packets become a table, and scapy reads a sample of the same file.

Run as ``python -m benchmarks.packets``. The file is written first: datagrams of the
DHT as the kit's own codec encodes them, questions and their answers between 64 nodes,
as pcapng with nanoseconds. Reading is timed from the file's name to the finished table,
with types of messages and with the question that each answer belongs to.
"""

from __future__ import annotations

import random
import statistics
import struct
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.report import figure, line
from p2pkit.core import Contact
from p2pkit.observe.capture.reading import read
from p2pkit.observe.capture.table import table
from p2pkit.protocols.kademlia import messages as m
from p2pkit.protocols.kademlia.krpc import write

PACKETS = 1_000_000
RUNS = 3
MOST_S = 3.0
SAMPLE = 2_000
"""Packets that scapy dissects: it takes some 0.2 ms for each."""

NODES = 64
PORT = 6881
SECTION = struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)
INTERFACE = struct.pack("<IIHHIHHIHHI", 1, 32, 1, 0, 0, 9, 1, 9, 0, 0, 32)


def datagrams(rng: random.Random) -> tuple[bytes, bytes]:
    """Return a question and its answer."""
    tid, target = rng.randbytes(4), rng.getrandbits(160)
    ask = (tid, rng.getrandbits(160), False)
    question = rng.choice((m.Ping(*ask), m.FindNode(*ask, target), m.Get(*ask, target)))
    contacts = tuple(
        Contact(rng.getrandbits(160), (f"127.1.0.{i + 1}", PORT)) for i in range(8)
    )
    named = None if isinstance(question, m.Ping) else contacts
    return write(question), write(m.Reply(tid, target, named))


def block(payload: bytes, source: int, to: int, at_ns: int) -> bytes:
    """Return the pcapng block of one datagram from a node to another."""
    size = len(payload)
    frame = bytes(12) + struct.pack(
        "!HBBHHHBBHBBBBBBBBHHHH", 0x0800, 0x45, 0, 28 + size, 0, 0, 64, 17, 0,
        127, 1, 0, source + 1, 127, 1, 0, to + 1, PORT, PORT, 8 + size, 0,
    ) + payload  # fmt: skip
    padded = frame + bytes(-len(frame) % 4)
    length = 32 + len(padded)
    head = struct.pack(
        "<IIIIIII", 6, length, 0, at_ns >> 32, at_ns & 0xFFFFFFFF, len(frame),
        len(frame),
    )  # fmt: skip
    return head + padded + struct.pack("<I", length)


def write_file(path: Path) -> None:
    """Write a file of `PACKETS` packets."""
    rng = random.Random("7/packets")
    with path.open("wb") as file:
        file.write(SECTION + INTERFACE)
        for number in range(PACKETS // 2):
            at_ns = 1_700_000_000_000_000_000 + number * 20_000
            asker, asked = rng.sample(range(NODES), 2)
            question, answer = datagrams(rng)
            file.write(block(question, asker, asked, at_ns))
            file.write(block(answer, asked, asker, at_ns + 10_000))


def to_table(path: Path) -> tuple[float, float]:
    """Return the seconds from the name of a file to its table, and those of the CPU."""
    began_s, busy_s = time.perf_counter(), time.process_time()
    rows = table(read(path))
    took_s, worked_s = time.perf_counter() - began_s, time.process_time() - busy_s
    assert len(rows) == PACKETS
    assert set(rows.protocol.unique()) == {"krpc"}
    assert (rows.answers.notna() == (rows.type == "Reply")).all()
    return took_s, worked_s


def by_scapy(path: Path) -> float:
    """Return the seconds that scapy takes for a packet of the same file."""
    from scapy.layers.inet import UDP
    from scapy.utils import PcapReader

    with PcapReader(str(path)) as reader:
        next(reader)  # what is loaded at first use is not counted
        began_s = time.perf_counter()
        seen = sum(UDP in next(reader) for _ in range(SAMPLE))
        took_s = time.perf_counter() - began_s
    assert seen == SAMPLE
    return took_s / SAMPLE


def main() -> int:
    """Measure, print, and return 1 if a figure was missed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "million.pcapng")
        write_file(path)
        size_mb = path.stat().st_size / 1e6
        runs_s, worked_s = zip(*(to_table(path) for _ in range(RUNS)), strict=True)
        scapy_s = by_scapy(path)
    took_s = statistics.median(runs_s)
    line({
        "benchmark": "packets", "packets": PACKETS, "file_mb": round(size_mb),
        "table_s": [round(one, 2) for one in runs_s],
        "cpu_s": [round(one, 2) for one in worked_s],
        "us_a_packet": round(took_s / PACKETS * 1e6, 2),
        "scapy_us_a_packet": round(scapy_s * 1e6, 1),
        "times_faster": round(scapy_s / (took_s / PACKETS)),
    })  # fmt: skip
    is_met = took_s <= MOST_S
    figure(
        f"{PACKETS:,} packets to a table with types of messages",
        f"{MOST_S:g} s",
        f"{took_s:.2f} s (scapy: {scapy_s * PACKETS:.0f} s)",
        ok=is_met,
    )
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
