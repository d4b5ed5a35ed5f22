"""Capturing what goes over loopback, with the tool that comes with tshark."""

from __future__ import annotations

import select
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

LIMIT_S = 20.0


@contextmanager
def capture(path: Path, which: str) -> Iterator[None]:
    """Capture the packets of loopback that a filter names, while the body runs."""
    command = ["dumpcap", "-q", "-i", "lo", "-P", "-w", str(path)]
    command += ["-f", which]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        said = ""
        while "File:" not in said:
            came, _, _ = select.select([process.stderr], [], [], LIMIT_S)
            line = process.stderr.readline() if came else ""
            said += line
            if not line:
                pytest.skip(f"dumpcap may not capture here: {said.strip()}")
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=LIMIT_S)
