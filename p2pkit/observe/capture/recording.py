"""Recordings: a ring and its recorder process, as those hold them who started them."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from p2pkit.core import Address, CaptureError, format_address
from p2pkit.core.interpreter import command
from p2pkit.observe.capture import filters
from p2pkit.observe.capture.census import Names
from p2pkit.observe.capture.recorder import Order, Report
from p2pkit.observe.capture.ring import BLOCK_BYTES, BLOCKS, ETH_P_ALL, kernel_counts
from p2pkit.observe.capture.spool import finish

START_S = 30.0
"""How long the recorder may take to be there; it takes a quarter of a second."""
FINISH_S = 600.0
"""How long it may take to finish a file; it takes two seconds for a million packets."""
CLOSE_S = 60.0
"""How long it may take to end when nobody asked for a report, the file included."""


class Recording:
    """Packets of one interface on their way into a file.

    Between `begin` and `stop` the kernel takes them; a process of its own empties the
    ring all the while, and then finishes the file.

    Parameters
    ----------
    sock : socket.socket
        A raw packet socket of protocol 0, with a filter if one is wanted; closed with
        the recording.
    path : Path
        A file that begins with its section and its interface.
    interface : str
        Where packets are taken, such as ``lo``.
    nodes : mapping of Address to str
        The nodes known by now, by where they listen.
    limit_bytes : int
        How long the file may get while packets come.
    blocks, block_bytes : int
        Shape of the ring, see `Ring`.

    Raises
    ------
    CaptureError
        If there can be no ring; the sentence has the kernel's reason.
    """

    def __init__(
        self,
        sock: socket.socket,
        path: Path,
        interface: str,
        nodes: Mapping[Address, str],
        limit_bytes: int,
        blocks: int = BLOCKS,
        block_bytes: int = BLOCK_BYTES,
    ) -> None:
        self._sock, self._path, self._interface = sock, path, interface
        self._names = Names(nodes)
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                command("p2pkit.observe.capture.recorder"),
                stdin=theirs.fileno(),
                pass_fds=[sock.fileno()],
                start_new_session=True,
            )
        self._words = self._control.makefile("rb")
        order = Order(
            sock.fileno(), str(path), interface, _named(nodes), blocks, block_bytes,
            limit_bytes,
        )  # fmt: skip
        try:
            self._tell(msgspec.to_builtins(order))
            self._hear(START_S)
        except BaseException:
            self.close()
            raise

    def begin(self) -> None:
        """Have packets taken from now on.

        Raises
        ------
        CaptureError
            If there is no such interface.
        """
        try:
            self._sock.bind((self._interface, ETH_P_ALL))
        except OSError as error:
            reason = f"{self._interface} cannot be captured: {error.strerror}"
            raise CaptureError(reason) from error

    def stop(self) -> None:
        """Have packets taken no more; those that were are still to be written."""
        filters.attach(self._sock, filters.NOTHING)

    def finish(self, names: Names) -> Report:
        """Have the file finished, and return what became of it.

        If the recorder has died, what it had written is finished here.

        Parameters
        ----------
        names : Names
            Who is who by the end.
        """
        self._names = names
        try:
            self._tell({"nodes": _named(names.nodes), "ends": _named(names.ends)})
            return msgspec.convert(self._hear(FINISH_S), Report)
        except _Gone as gone:
            return self._finish_instead(str(gone))
        finally:
            self.close()

    def close(self) -> None:
        """End the recorder; what is not finished is finished by it first.

        If it does not end within `CLOSE_S` it is killed, its file is finished here, and
        a warning says so. Twice does nothing.
        """
        self._words.close()
        self._control.close()
        try:
            self._process.wait(CLOSE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            warnings.warn(
                f"the recorder process did not end within {CLOSE_S:g} s and was "
                f"killed: {self._path} keeps {self._rescued()} that it had written",
                stacklevel=2,
            )
        finally:
            self._sock.close()

    def _rescued(self) -> str:
        """Finish the file without its recorder; return what is in it, in words."""
        try:
            return f"the {finish(self._path, self._names).packets:,} packets"
        except OSError as error:
            return f"what can be read ({error.strerror})"

    def _finish_instead(self, why: str) -> Report:
        seen = kernel_counts(self._sock)  # our descriptor is a copy of the dead one's
        census = finish(self._path, self._names)
        unsaved = seen.packets - seen.dropped - census.packets
        trouble = f"{why}: what it had written is kept"
        return Report(*seen, unsaved=unsaved, trouble=trouble, census=census)

    def _tell(self, said: dict[str, Any]) -> None:
        try:
            self._control.sendall(json.dumps(said).encode() + b"\n")
        except ConnectionError:
            raise self._gone() from None

    def _hear(self, limit_s: float) -> dict[str, Any]:
        self._control.settimeout(limit_s)
        try:
            line = self._words.readline()
        except TimeoutError:
            self._process.kill()
            self._process.wait()
            reason = f"the recorder process said nothing for {limit_s:g} s"
            raise _Gone(reason) from None
        except ConnectionError:
            line = b""
        if not line.endswith(b"\n"):
            raise self._gone()
        said: dict[str, Any] = json.loads(line)
        if "failed" in said:
            reason = f"packets cannot be captured here: {said['failed']}"
            raise CaptureError(reason)
        return said

    def _gone(self) -> _Gone:
        code = self._process.wait()
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else "has ended"
        return _Gone(f"the recorder process {how}")


class _Gone(CaptureError):
    """The recorder process is no more."""


def _named(names: Mapping[Address, str]) -> dict[str, str]:
    return {format_address(at): name for at, name in names.items()}
