"""A tap notes what its nodes exchange with the kernel, and the notes become packets."""

import resource

import pytest

from p2pkit.observe.capture import tap
from p2pkit.observe.capture.census import Names, ends_of
from p2pkit.observe.capture.tap import CAME, SENT, TapFile
from p2pkit.observe.capture.tap_notes import Notes
from p2pkit.observe.capture.tapped import in_order, merge
from tests.capturing import begun, packets_in, payloads_in

HERE, THERE = ("127.5.0.1", 6881), ("127.5.1.1", 6881)
STRANGER = ("127.9.9.9", 4444)
NAMES = Names({HERE: "n00", THERE: "n01"})


@pytest.fixture
def path(tmp_path):
    return tmp_path / "1.tap"


@pytest.fixture
def out(tmp_path):
    return begun(tmp_path / "a.pcapng")


def tap_to(path, limit_bytes=1 << 20, inside="127.5."):
    return TapFile(path, limit_bytes, inside)


def kernel(data, to):
    """Take every datagram."""
    return len(data)


def refusing(data, to):
    raise OSError(101, "Network is unreachable")


def notes_in(path):
    notes = Notes(path.read_bytes())
    return [notes[i] for i in range(len(notes.times)) if notes.times[i]]


def test_what_the_kernel_takes_is_noted_with_both_ends(path):
    file = tap_to(path)
    send = file.sending(HERE, kernel)

    assert [send(b"%d" % n, THERE) for n in range(600)] == [1] * 10 + [2] * 90 + [
        3
    ] * 500
    report = file.close()

    found = notes_in(path)
    assert [one.data for one in found] == [b"%d" % n for n in range(600)]
    assert {one[:1] + one[2:4] for one in found} == {(SENT, HERE, THERE)}
    assert sorted(one.at_ns for one in found) == [one.at_ns for one in found]
    assert (report.noted, report.unsaved, report.trouble) == (600, 0, "")


def test_what_the_kernel_refuses_is_not_noted(path):
    file = tap_to(path)
    send = file.sending(HERE, refusing)

    with pytest.raises(OSError, match=r"unreachable"):
        send(b"x", THERE)

    assert file.close().noted == 0
    assert notes_in(path) == []


def test_of_what_comes_only_that_from_elsewhere_is_noted(path):
    file = tap_to(path)

    taken = []
    take = file.arriving(HERE, lambda data, sender: taken.append(sender))
    for sender in (THERE, STRANGER, THERE):
        take(b"x", sender)
    file.close()

    assert taken == [THERE, STRANGER, THERE]
    (one,) = notes_in(path)
    assert (one.kind, one.source, one.target) == (CAME, STRANGER, HERE)


def test_where_nodes_share_an_address_what_both_ends_noted_is_one_packet(path, out):
    one, two = ("127.0.0.1", 7000), ("127.0.0.1", 7001)
    file = tap_to(path, inside="")
    file.sending(one, kernel)(b"x", two)
    file.arriving(two, lambda data, sender: None)(b"x", one)
    file.close()

    census, _ = merge([path], out, Names({one: "n00", two: "n01"}))

    assert census.packets == 1


def test_notes_of_several_hosts_stand_in_order_of_time(tmp_path, monkeypatch):
    files = [tap_to(tmp_path / f"{n}.tap") for n in range(2)]
    for at_ns, file in [(3, 0), (1, 1), (2, 0), (2, 1)]:
        files[file].opened(HERE, THERE, at_ns, is_ours=True)
    for file in files:
        file.close()

    found = in_order([tmp_path / "0.tap", tmp_path / "1.tap"])

    assert [one.at_ns for one in found] == [1, 2, 2, 3]


def test_a_file_that_was_cut_keeps_every_whole_batch(path):
    file = tap_to(path)
    send = file.sending(HERE, kernel)
    for n in range(tap.FLUSH_NOTES * 2):
        send(b"%d" % n, THERE)
    file.close()

    whole = path.read_bytes()
    path.write_bytes(whole[:-1])

    # One of the notes of the first batch tells the ends of the flow.
    assert len(notes_in(path)) in (tap.FLUSH_NOTES - 1, tap.FLUSH_NOTES * 2 - 1)
    path.write_bytes(b"")
    assert notes_in(path) == []


def test_beyond_its_limit_a_tap_counts_and_says_so(path):
    file = tap_to(path, limit_bytes=10_000)
    send = file.sending(HERE, kernel)

    for _ in range(1000):
        send(b"x" * 10, THERE)
    report = file.close()

    assert report.noted + report.unsaved == 1000
    assert len(notes_in(path)) == report.noted > 0
    assert "limit of 10,000 bytes for each host process" in report.trouble


def test_a_disk_that_is_full_does_not_hurt_the_nodes(path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    file = tap_to(path)
    send = file.sending(HERE, kernel)

    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, hard))
    try:
        assert [send(b"x" * 10, THERE) for _ in range(1000)] == [10] * 1000
        report = file.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert report.trouble == "the tap's file could not be written: File too large"
    assert report.noted + report.unsaved == 1000
    assert len(notes_in(path)) == report.noted > 0


def test_a_stream_is_opened_carries_and_ends_as_on_a_wire(path, out):
    here = (HERE[0], 50_000)
    file = tap_to(path)
    file.opened(here, THERE, 1, is_ours=True)
    file.opened(here, THERE, 2, is_ours=False)  # the other end of the same
    file.wrote(here, THERE, b"question")
    file.read(here, THERE, b"question")
    file.wrote(THERE, here, b"answer")
    file.ended(THERE, here, broken=False)
    file.ended(here, THERE, broken=False)
    file.close()

    census, trouble = merge([path], out, NAMES)

    flags = [one[47] for one in packets_in(out)]
    assert flags == [0x02, 0x12, 0x10, 0x18, 0x18, 0x11, 0x11, 0x10]
    assert [one[54:] for one in packets_in(out)[3:5]] == [b"question", b"answer"]
    assert census.stream_sent == {"n00": 8, "n01": 6}
    assert trouble == ""


def test_a_strangers_stream_is_seen_from_our_end(path, out):
    file = tap_to(path)
    file.opened(STRANGER, HERE, 1, is_ours=False)
    file.read(STRANGER, HERE, b"hello")
    file.wrote(HERE, STRANGER, b"hi")
    file.ended(HERE, STRANGER, broken=True)
    file.close()

    merge([path], out, NAMES)

    frames = packets_in(out)
    assert [one[47] for one in frames] == [0x02, 0x12, 0x10, 0x18, 0x18, 0x14]
    assert {ends_of(one)[1:] for one in frames} == {(STRANGER, HERE), (HERE, STRANGER)}


def test_a_stream_that_was_there_before_has_no_opening(path, out):
    file = tap_to(path)
    file.wrote(HERE, THERE, b"x")
    file.close()

    merge([path], out, NAMES)

    assert [one[47] for one in packets_in(out)] == [0x18]


def test_what_is_written_to_an_end_that_is_closed_is_refused_as_on_a_wire(path, out):
    file = tap_to(path)
    file.wrote(THERE, HERE, b"bye")
    file.ended(THERE, HERE, broken=False)
    file.wrote(HERE, THERE, b"too late")
    file.close()

    census, _ = merge([path], out, NAMES)

    assert [one[47] for one in packets_in(out)] == [0x18, 0x11, 0x18, 0x04]
    assert census.stream_sent == {"n00": 8, "n01": 3}
    assert census.stream_received == {"n00": 3, "n01": 0}


def test_a_large_write_does_not_wait_in_memory(path):
    file = tap_to(path, limit_bytes=1 << 24)

    file.wrote(HERE, THERE, b"x" * tap.FLUSH_BYTES)

    assert path.stat().st_size > tap.FLUSH_BYTES
    file.close()


def test_packets_of_a_tap_have_names_and_payload(path, out):
    file = tap_to(path)
    file.sending(HERE, kernel)(b"hello", THERE)
    file.close()

    merge([path], out, NAMES)

    assert payloads_in(out) == [b"hello"]
    assert b"n00 > n01" in out.read_bytes()
