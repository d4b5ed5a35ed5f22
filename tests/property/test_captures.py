"""Whatever a capture file holds, it is read as far as it goes, or refused."""

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from p2pkit.core import CaptureError
from p2pkit.observe.capture.reading import Reading, read
from tests import capture_files as files

KRPC = b"d1:ad2:id20:" + bytes(20) + b"e1:q4:ping1:t2:aa1:y1:qe"
GREETING = b"GNUTELLA CONNECT/0.6\r\n\r\n"
PACKETS = [
    files.udp(KRPC),
    files.udp(b"\x81\xa4type\xa4Tell"),
    files.udp(b"hello", ("::1", 1), ("::2", 2)),
    files.tcp(flags=files.SYN),
    files.tcp(GREETING, 1),
    files.tcp(GREETING[:5], 1),
    files.tcp(flags=files.FIN | files.ACK, sequence=30),
]


def good_files() -> list[bytes]:
    """Return one file of each kind that there is."""
    frames = [files.ethernet(one) for one in PACKETS]
    found = [files.pcap(frames, order) for order in "<>"]
    for order in "<>":
        newer = files.section(order) + files.interface(order, 1, [(9, b"\x09")])
        newer += files.name_block({"127.1.0.1": "n00"}, order)
        newer += b"".join(files.packet(one, 5, order) for one in frames)
        found.append(newer)
    found += [
        files.pcap(map(wrap, PACKETS), link=link) for link, wrap in files.LINKS.items()
    ]
    return found


GOOD = good_files()
Change = tuple[int, int]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Return a file in which some bytes are changed, cut out or put in."""
    data = bytearray(draw(st.sampled_from(GOOD)))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(data) - 1))
        match draw(st.sampled_from(("change", "cut", "insert", "end"))):
            case "change":
                data[at] = draw(st.integers(0, 255))
            case "cut":
                del data[at : at + draw(st.integers(1, 40))]
            case "insert":
                data[at:at] = draw(st.binary(min_size=1, max_size=40))
            case "end":
                del data[at + 1 :]
        if not data:
            break
    return bytes(data)


def opened(data: bytes, protocol: str | None = None) -> Reading | None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "some.pcap")
        path.write_bytes(data)
        try:
            return read(path, protocol)
        except CaptureError:
            return None


def check(reading: Reading, size: int) -> None:
    records, headers = reading.records, reading.headers
    assert (records.start >= 0).all()
    assert (records.start + records.stored <= size).all()
    assert (records.wire >= records.stored).all()
    layers = (headers.link_bytes, headers.network_bytes, headers.transport_bytes,
              headers.payload_bytes)  # fmt: skip
    assert all((one >= 0).all() for one in layers)
    assert (sum(layers) == records.wire).all()
    assert (headers.payload.start + headers.payload.length <= size).all()
    assert not reading.protocols.is_unknown.any()
    assert len(reading.endpoints.source) == len(reading)


@given(damaged(), st.sampled_from([None, "kademlia", "gnutella", "swim"]))
def test_a_damaged_file_is_read_as_far_as_it_goes(
    data: bytes, protocol: str | None
) -> None:
    reading = opened(data, protocol)

    if reading is not None:
        check(reading, len(data))
        assert not reading.types.is_unknown.any()


@given(st.binary(max_size=400))
def test_bytes_at_random_behind_a_good_begin_do_no_harm(junk: bytes) -> None:
    for begin in (files.pcap([]), files.section() + files.interface()):
        reading = opened(begin + junk)

        assert reading is not None
        check(reading, len(begin + junk))


@given(st.integers(1, 2_000))
def test_what_is_cut_off_takes_nothing_with_it(cut: int) -> None:
    for data in GOOD:
        reading = opened(data[:-cut]) if cut < len(data) else None

        if reading is not None:
            whole = opened(data)
            assert whole is not None
            kept = [reading.records.packet(i) for i in range(len(reading))]
            assert kept == [whole.records.packet(i) for i in range(len(kept))]
