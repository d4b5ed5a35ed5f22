"""A spool is a capture at every moment, wherever it was cut."""

import os

import pytest

from p2pkit.observe.capture import pcapng
from p2pkit.observe.capture.census import Names
from p2pkit.observe.capture.spool import Spool, finish
from tests.capturing import begun, payloads_in
from tests.unit.observe.capture.ring_blocks import HERE, THERE, frame, ring_block

NAMES = Names({HERE: "n00", THERE: "n01"})
PAYLOADS = [[b"%d of %d" % (i, block) for i in range(20)] for block in range(5)]
FLAT = [one for block in PAYLOADS for one in block]


def spool(path, limit_bytes=1 << 20):
    file = os.open(begun(path), os.O_WRONLY | os.O_APPEND)
    found = Spool(file, limit_bytes)
    for payloads in PAYLOADS:
        found.take(memoryview(ring_block([frame(one) for one in payloads])))
    os.close(file)
    return found


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.pcapng"


def test_a_finished_spool_has_every_packet_with_its_name_and_nothing_else(path):
    spool(path)

    census = finish(path, NAMES)

    kinds = {one.kind for one in pcapng.blocks(path.read_bytes())}
    assert payloads_in(path) == FLAT
    assert kinds == {pcapng.SECTION, pcapng.INTERFACE, pcapng.PACKET}
    assert path.read_bytes().count(b"n00 > n01") == len(FLAT)
    assert (census.packets, census.sent) == (100, {"n00": 100})


def test_a_finished_file_is_counted_and_left_as_it_is(path):
    spool(path)
    first = finish(path, NAMES)
    data = path.read_bytes()

    second = finish(path, NAMES)

    assert second == first
    assert path.read_bytes() == data


def test_a_spool_that_was_cut_keeps_every_whole_block(path):
    spool(path)
    os.truncate(path, path.stat().st_size - 7)

    finish(path, NAMES)

    assert payloads_in(path) == FLAT[:80]


class Killed(Exception):
    """Stands for the death of whoever finishes a file."""


@pytest.mark.parametrize("after", range(1, 10))
def test_whoever_dies_while_finishing_loses_nothing(path, monkeypatch, after):
    spool(path)
    write, left = os.pwrite, [after]

    def dying(*args):
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return write(*args)

    monkeypatch.setattr(os, "pwrite", dying)
    with pytest.raises(Killed):
        finish(path, NAMES)
    monkeypatch.undo()

    finish(path, NAMES)

    assert payloads_in(path) == FLAT


def test_a_spool_that_is_not_finished_is_a_file_that_others_can_skip_through(path):
    spool(path)

    blocks = list(pcapng.blocks(path.read_bytes()))

    assert [one.kind for one in blocks][2:] == [pcapng.RING_BLOCK] * 5
    assert blocks[-1].end == path.stat().st_size


def test_beyond_its_limit_a_spool_counts_and_says_so(path):
    size = begun(path).stat().st_size
    block_bytes = len(ring_block([frame(one) for one in PAYLOADS[0]])) + 16

    found = spool(path, size + 2 * block_bytes)

    assert found.unsaved == 60
    assert "limit_bytes" in found.trouble
    assert finish(path, NAMES).packets == 40
