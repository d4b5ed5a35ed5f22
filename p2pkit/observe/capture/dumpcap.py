"""Dumpcap: the capture program of Wireshark, where it has rights that we lack.

It writes a file of its own; `DumpcapRecording` turns that into one like all others,
with the names of nodes and with nothing from before or after.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import select
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from p2pkit.core import Address, CaptureError
from p2pkit.net.refusals import refuse_if_switched_off
from p2pkit.observe.capture import pcapng
from p2pkit.observe.capture.census import Flows, Names
from p2pkit.observe.capture.files import read_records
from p2pkit.observe.capture.recorder import Report
from p2pkit.observe.capture.spool import finish

START_S = 10.0
"""How long it may take to begin; it takes a tenth of a second."""
BUFFER_MB = 64
"""What the kernel may hold for it: as much as for a ring of ours."""
MARK_S = 10.0
"""How long its file may take to show what was sent last; it writes twice a second."""
LOOK_S = 0.05
"""Time between two looks into its file: nothing tells when it has written."""
END_S = 10.0
"""How long it may take to end; it takes a tenth of a second."""

_COUNTS = re.compile(r"received/dropped on interface .*: (\d+)/(\d+)")


class DumpcapRecording:
    """Packets of loopback that dumpcap takes.

    Parameters
    ----------
    path : Path
        A file that begins with its section and its interface.
    program : str
        Which packets, in the language of libpcap.
    mark_to : Address
        An address that the program takes and that nobody listens at. What is sent
        there last shows that everything before it was written.
    limit_bytes : int
        How long dumpcap's own file may get; then it ends.

    Raises
    ------
    CaptureError
        If it is not installed, or may not capture.
    """

    def __init__(
        self, path: Path, program: str, mark_to: Address, limit_bytes: int
    ) -> None:
        found = shutil.which("dumpcap")
        if found is None:
            reason = "dumpcap is not installed: install the package wireshark-common"
            raise CaptureError(reason)
        try:
            refuse_if_switched_off("dumpcap")
        except OSError as error:
            reason = f"dumpcap refused: {error.strerror}"
            raise CaptureError(reason) from error
        self._path, self._mark_to, self._limit_bytes = path, mark_to, limit_bytes
        self._raw = path.with_suffix(".dumpcap")
        self._began_ns = self._ended_ns = 0
        self._process = subprocess.Popen(
            [
                found, "-q", "-i", "lo", "-B", str(BUFFER_MB), "-f", program,
                "-a", f"filesize:{max(1, limit_bytes // 1000)}", "-w", str(self._raw),
            ],
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )  # fmt: skip
        try:
            self._wait_until_begun()
        except BaseException:
            self.close()
            raise

    def begin(self) -> None:
        """Take what comes from now on."""
        self._began_ns = time.time_ns()

    def stop(self) -> None:
        """Take nothing that comes from now on."""
        self._ended_ns = time.time_ns()

    def finish(self, names: Names) -> Report:
        """Wait until all is written, end dumpcap, and make the file."""
        is_whole = self._mark()
        counts = _COUNTS.search(self._last_words())
        dropped = int(counts[2]) if counts else 0
        trouble = "" if counts else "dumpcap did not say what it lost"
        if not is_whole:
            trouble = self._why_not_whole()
        flows = Flows(names)
        try:
            self._convert(flows)
            census = flows.census()
        except OSError as error:
            trouble = f"the file could not be written: {error.strerror}"
            census = finish(self._path, names)
        self.close()
        return Report(
            seen=census.packets + dropped,
            dropped=dropped,
            freezes=0,
            unsaved=0,
            trouble=trouble,
            census=census,
        )

    def close(self) -> None:
        """End dumpcap, and remove its own file."""
        self._process.kill()
        self._process.wait()
        if self._process.stderr is not None:
            self._process.stderr.close()
        with contextlib.suppress(OSError):
            self._raw.unlink()

    def _last_words(self) -> str:
        """End dumpcap, by force if it does not hear; return what it says then."""
        self._process.send_signal(signal.SIGINT)
        try:
            return self._process.communicate(timeout=END_S)[1]
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.communicate()[1]

    def _wait_until_begun(self) -> None:
        assert self._process.stderr is not None
        said, deadline_s = "", time.monotonic() + START_S
        while "File:" not in said:
            left_s = max(0.0, deadline_s - time.monotonic())
            ready, _, _ = select.select([self._process.stderr], [], [], left_s)
            line = self._process.stderr.readline() if ready else ""
            if not line:
                raise CaptureError(_refusal(said))
            said += line

    def _mark(self) -> bool:
        """Send a mark, and wait until dumpcap has written it; whether it has."""
        mark, deadline_s = secrets.token_bytes(16), time.monotonic() + MARK_S
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(mark, self._mark_to)
        while self._process.poll() is None and time.monotonic() < deadline_s:
            if mark in _tail(self._raw):
                return True
            time.sleep(LOOK_S)
        return False

    def _why_not_whole(self) -> str:
        if self._raw.exists() and self._raw.stat().st_size >= self._limit_bytes:
            return (
                f"the limit of {self._limit_bytes:,} bytes was reached, and dumpcap "
                "does not count what it leaves out: allow more with limit_bytes"
            )
        return "dumpcap ended, or wrote nothing more"

    def _convert(self, flows: Flows) -> None:
        records = read_records(self._raw)
        times = records.at_ns
        with self._path.open("ab") as file:
            for index in range(len(records)):
                at_ns = int(times[index])
                if self._began_ns <= at_ns < self._ended_ns:
                    data = records.packet(index)
                    ending = flows.ending(at_ns, data)
                    wire_bytes = int(records.wire[index])
                    file.write(pcapng.packet(at_ns, wire_bytes, data, ending))


def _refusal(said: str) -> str:
    lines = [line for line in said.splitlines() if line.startswith("dumpcap: ")]
    why = lines[0].removeprefix("dumpcap: ") if lines else "it did not begin"
    return f"dumpcap refused: {why}"


def _tail(path: Path) -> bytes:
    """Return the last bytes of a file: a mark is the last that comes."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - (1 << 16)))
            return file.read()
    except FileNotFoundError:
        return b""
