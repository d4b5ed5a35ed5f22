"""A stranger with a UDP socket: asks nodes by hand, with no code of the kit."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bencode2 import bdecode, bencode
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ANSWER_LIMIT_S = 5.0
READY_LIMIT_S = 15.0
OWN_ID = b"abcdefghij0123456789"

Address = tuple[str, int]


class Asker:
    """One socket, one question at a time."""

    def __init__(self, node: Address, host: str = "127.0.0.1") -> None:
        self.node = node
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.bind((host, 0))
        self.socket.settimeout(ANSWER_LIMIT_S)
        self.address: Address = self.socket.getsockname()[:2]
        self._tids = itertools.count(1)

    def close(self) -> None:
        self.socket.close()

    def send(self, raw: bytes) -> None:
        self.socket.sendto(raw, self.node)

    def receive(self) -> dict[bytes, Any]:
        """Return the next answer; queries of the node to us are passed over."""
        while True:
            raw, sender = self.socket.recvfrom(65_536)
            assert sender[:2] == self.node
            message = bdecode(raw)
            if message[b"y"] != b"q":
                return message

    def query(self, method: bytes, arguments: Any, **top: Any) -> dict[bytes, Any]:
        """Send one query and return the whole answer, whose `t` must be ours."""
        tid = top.pop("tid", b"%04d" % next(self._tids))
        whole = {b"t": tid, b"y": b"q", b"q": method, b"a": arguments}
        self.send(bencode(whole | {name.encode(): one for name, one in top.items()}))
        answer = self.receive()
        assert answer[b"t"] == tid
        return answer

    def ask(self, method: bytes, **arguments: Any) -> dict[bytes, Any]:
        """Ask under our id; return the values of the reply."""
        answer = self.query(method, self.arguments(**arguments))
        assert answer[b"y"] == b"r", answer
        return answer[b"r"]

    def refused(self, method: bytes, **arguments: Any) -> int:
        """Ask under our id; return the code of the error."""
        answer = self.query(method, self.arguments(**arguments))
        return error_code(answer)

    def arguments(self, **arguments: Any) -> dict[bytes, Any]:
        named = {name.encode(): one for name, one in arguments.items()}
        return {b"id": OWN_ID} | named

    def answers_to(self, raw: bytes) -> list[dict[bytes, Any]]:
        """Send anything; return what came back before the answer to a ping after it."""
        self.send(raw)
        tid = b"ping" + os.urandom(4)
        self.send(
            bencode({b"a": {b"id": OWN_ID}, b"q": b"ping", b"t": tid, b"y": b"q"})
        )
        answers = []
        while (answer := self.receive())[b"t"] != tid:
            answers.append(answer)
        return answers


def error_code(answer: dict[bytes, Any]) -> int:
    """Return the code of an error, whose form must be as BEP 5 says."""
    assert answer[b"y"] == b"e", answer
    assert set(answer) - {b"v", b"ip"} == {b"e", b"t", b"y"}
    code, text = answer[b"e"]
    assert isinstance(text, bytes)
    return int(code)


class Signer:
    """Someone with a key pair, who signs values as BEP 44 says."""

    def __init__(self, salt: bytes = b"") -> None:
        self.secret, self.salt = Ed25519PrivateKey.generate(), salt
        self.public = self.secret.public_key().public_bytes_raw()
        self.target = hashlib.sha1(self.public + salt).digest()

    def signed(self, value: Any, seq: int) -> dict[str, Any]:
        """Return the arguments of a put."""
        salt = b"4:salt" + bencode(self.salt) if self.salt else b""
        covered = salt + b"3:seqi%de1:v" % seq + bencode(value)
        fields = {"k": self.public, "seq": seq, "v": value}
        fields["sig"] = self.secret.sign(covered)
        return fields | ({"salt": self.salt} if self.salt else {})


@contextmanager
def node_process(
    *options: str,
) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """Run ``p2pkit node kademlia``; yield the process and what it said when ready."""
    main = "from p2pkit.cli import main; main()"
    command = [sys.executable, "-c", main, "node", "kademlia", *options]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        came, _, _ = select.select([process.stdout], [], [], READY_LIMIT_S)
        first = process.stdout.readline() if came else ""
        assert first, f"not ready after {READY_LIMIT_S} s: {_rest(process)}"
        yield process, json.loads(first)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def _rest(process: subprocess.Popen[str]) -> str:
    process.kill()
    return process.communicate()[1]


def address_of(ready: dict[str, Any]) -> Address:
    """Return where a node said that it listens."""
    host, _, port = ready["listen"].rpartition(":")
    return host, int(port)
