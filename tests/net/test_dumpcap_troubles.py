"""A dumpcap that hangs is ended: what it wrote is kept, and a sentence says so."""

from __future__ import annotations

import socket
from pathlib import Path

import psutil
import pytest

from p2pkit.core import CaptureError
from p2pkit.observe.capture import dumpcap
from p2pkit.observe.capture.census import Names
from p2pkit.observe.capture.dumpcap import DumpcapRecording
from tests.capturing import begun, payloads_in
from tests.cluster.processes import until

HERE, THERE, NOBODY = (("127.213.0.1", 7003), ("127.213.0.2", 7003),
                       ("127.213.255.253", 7003))  # fmt: skip
NAMES = Names({HERE: "n00", THERE: "n01"})


def record(path: Path) -> DumpcapRecording:
    try:
        return DumpcapRecording(begun(path), "net 127.213.0.0/16", NOBODY, 1 << 20)
    except CaptureError as error:
        pytest.skip(f"dumpcap may not capture here: {error}")


def test_a_dumpcap_that_hangs_is_killed_and_what_it_wrote_is_kept(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(dumpcap, "MARK_S", 0.2)
    monkeypatch.setattr(dumpcap, "END_S", 0.2)
    path, raw = tmp_path / "a.pcapng", tmp_path / "a.dumpcap"
    recording = record(path)
    children = psutil.Process().children()
    (process,) = (one for one in children if one.name() == "dumpcap")

    recording.begin()
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there,
    ):
        here.bind(HERE)
        there.bind(THERE)
        here.sendto(b"once", THERE)
        until(lambda: b"once" in raw.read_bytes(), 10)
    process.suspend()
    recording.stop()
    report = recording.finish(NAMES)

    assert payloads_in(path) == [b"once"]
    assert report.trouble == "dumpcap ended, or wrote nothing more"
    assert not process.is_running()
    assert not raw.exists()
