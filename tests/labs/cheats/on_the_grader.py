"""Cheats that work on what the grader itself does: it reads, waits, keeps and tells."""

from __future__ import annotations

import json
from typing import Any

from tests.labs.cheats.making import (
    HONEST,
    NOTHING,
    Cheat,
    bytes_of,
    cell,
    cheat,
    code,
    in_push,
    put,
    solved,
)

LAB6 = "lab6_bandwidth"

CHAIN = "\n".join(f"a{i} = a{i + 1}" for i in range(2000)) + "\nanswer_3 = a0"
COLLIDING = """
class Push(Station):
    receive = publish = lambda *_: None
    def knows(self, rumor):
        return {k * (2**61 - 1): 0 for k in range(1, 3000)}
"""
TELLS_ALL = """
from p2pkit.classroom.sandbox import frames
import os
def told(*_):
    secret = "abracadabra"
    frame = frames.encode(frames.Answer(1, [], b"", None, "", 10**15, [secret]))
    os.write(3, frames.HEAD.pack(len(frame)) + frame)
    raise ValueError(secret)
class Push(Station):
    receive = publish = knows = told
"""
CHANCE = """
import datetime, os, random, time
r = random.Random(1)
r.seed()
print(os.getrandom(4), datetime.datetime.now(), time.localtime(), r.random())
print(time.clock_gettime(0), time.ctime(), random.SystemRandom().random())
"""
FORGED_TRIAL = """
import os
from p2pkit.classroom.sandbox import frames
frame = frames.encode(frames.CellReport({number}, None, "", 0))
os.write(3, (frames.HEAD.pack(len(frame)) + frame) * 60)
os._exit(0)
"""
"""Says that a cell which comes later compiles and ran well."""
# Each `finally` is compiled twice, and so is what it holds.
DOUBLING = "".join(f"{' ' * i}try: pass\n{' ' * i}finally:\n" for i in range(19))
DOUBLING += " " * 19 + "x = 1"
BIG = "for _ in range(15): self.ctx.send(sender, Tell(bytes(60_000), 0))"


def in_lab6(
    name: str, where: str, source: str, earns: dict[str, float], named: str
) -> Cheat:
    notebook = solved(LAB6)
    cell(notebook, where).source = source
    return Cheat(name, bytes_of(notebook), earns, named, tuple(earns), LAB6)


def raw(name: str, data: bytes, named: str = "1.2") -> Cheat:
    return Cheat(name, data, HONEST, named, tuple(HONEST))


def attachments(notebook: Any) -> None:
    notebook.cells[0]["attachments"] = {"a.png": {"image/png": "A" * (5 << 20)}}


def chained(notebook: Any) -> None:
    put(notebook, CHAIN, "answers")


def forged_trial(notebook: Any, later: str) -> None:
    that = cell(notebook, "prediction-2")
    number = notebook.cells.index(that) + 1
    cell(notebook, "prediction-1").source = FORGED_TRIAL.format(number=number)
    that.source = later


def no_python_after_all(notebook: Any) -> None:
    forged_trial(notebook, "return")


def doubling_after_all(notebook: Any) -> None:
    forged_trial(notebook, DOUBLING)


def carriage_returns(notebook: Any) -> None:
    put(notebook, "a = 1\rb = 2\r\rdef tell(n): return n")
    one = cell(notebook, "push")
    one.source = one.source.replace(".fanout):", ".fanout + 0 * tell(b)):")


def just_deep_enough(notebook: Any) -> None:
    depths = range(2_600, 3_000, 4)  # some of these can be read once, and not again
    for depth in depths:
        put(notebook, f"x{depth} = {'-' * depth}1")
    names = ", ".join(f"x{depth}" for depth in depths)
    cell(notebook, "prediction-1").source = f"used = [{names}]"


def sources_in_pieces(notebook: Any) -> None:
    for one in notebook.cells:
        one["source"] = one.source.splitlines(keepends=True)


def tags_of_all_kinds(notebook: Any) -> None:
    kinds: list[Any] = ["", 7, None, [[]], {"a": "b"}, "=cmd()|' /C calc'!A0", True]
    for one, tags in zip(notebook.cells, kinds, strict=False):
        one.metadata["tags"] = tags


def huge_notes(notebook: Any) -> None:
    for number in range(200):
        put(notebook, f"# NBVAL_SKIP {number}")


def twice_the_same_keys() -> bytes:
    text = bytes_of(solved()).decode()
    return text.replace(
        '{"cells":', '{"cells": [{"cell_type": "code"}], "cells":'
    ).encode()


def escapes() -> bytes:
    notebook = json.loads(bytes_of(solved()))
    notebook["cells"][3]["cell_type"] = "\x1b[2J\x1b]0;title\x07"
    return json.dumps(notebook).encode()


CHEATS: list[Cheat] = [
    in_lab6(
        "imports the check's own truth", "read-headers",
        "from p2pkit.classroom.labs.lab6_bandwidth.headers import read\n"
        "read_headers = read",
        {"1.1": 0.0, "1.2": 0.0}, "has from p2pkit.classroom.labs.lab6_bandwidth.head",
    ),
    in_lab6(
        "takes the check's own truth out of the lab", "ledger",
        "import p2pkit.classroom.labs.lab6_bandwidth as lab6\n"
        "ledger = lab6.headers.ledger",
        {"4.1": 0.0}, "AttributeError",
    ),
    in_lab6(
        "asks a check for its truth", "on-the-wire",
        "import gc\n"
        "on_the_wire = [f for f in gc.get_objects() if callable(f)\n"
        "               and getattr(f, '__name__', '') == 'on_the_wiry'][0]",
        {"4.2": 0.0}, "get_objects in it: read what it does",
    ),
    in_lab6(
        "puts all in one line", "ledger",
        "def ledger(frames):\n    size = sum(map(len, frames))\n"
        "    return dict(payload=size, udp=0, tcp=0, ip=0, ethernet=0)",
        {"4.1": 0.0}, "4.1",
    ),
    in_lab6(
        "a line that balances", "ledger",
        "def ledger(frames):\n    n = sum(map(len, frames))\n"
        "    return dict(payload=0, udp=0, tcp=0, ip=0, ethernet=0, rest=n)",
        {"4.1": 0.0}, "4.1",
    ),
    in_lab6(
        "colliding keys", "ledger",
        "def ledger(frames):\n"
        "    return {k * (2**61 - 1): 0 for k in range(1, 3000)}",
        {"4.1": 0.0}, "4.1",
    ),
    in_lab6(
        "equal to all", "read-headers",
        "class E(dict):\n    __eq__ = lambda *_: True\n    __hash__ = None\n"
        "def read_headers(frame): return E()",
        {"1.1": 0.0}, "1.1",
    ),
    in_lab6(
        "an evil mapping", "ledger",
        "class E(dict):\n    def items(self):\n        while True: yield (0, 0)\n"
        "def ledger(frames): return E()",
        {"4.1": 0.0}, "at most 100,000 values",
    ),
    in_lab6(
        "remembers across calls", "split",
        "seen = []\ndef split(stream):\n    seen.append(stream)\n"
        "    return seen",
        {"3.1": 0.0}, "3.1",
    ),
    in_lab6(
        "text for bytes", "split",
        "def split(stream): return stream.decode('latin-1')", {"3.1": 0.0}, "3.1",
    ),
    in_push("large messages", BIG, {"1.3": 0.0}, "too|longer|messages|1.3"),
    in_push("talks to the clock", "import time; time.sleep(1)", NOTHING, "permitted"),
    in_push("rings itself", "self.ctx.after(-1e308, lambda: None)", HONEST, "1.2"),
    in_push("rings never", "self.ctx.after(float('nan'), print)", NOTHING, "cannot be"),
    in_push("a timer of text", "self.ctx.after('1', print)", HONEST, "1.2"),
    in_push(
        "ten thousand timers",
        "for _ in range(3000): self.ctx.after(1.0, print)", NOTHING, "timers",
    ),
    in_push("an event of its own", "self.ctx.emit(object())", NOTHING, "emit takes"),
    in_push("says it twice", "self.ctx.emit(Learned(rumor_id(message.body), 4))",
            {"1.2": 5.0}, "1.2"),
    in_push("opens a stream", "self.ctx.connect(sender)", NOTHING, "AttributeError"),
    in_push("changes the message", "object.__setattr__(message, 'body', b'')",
            NOTHING, "1.2"),
    in_push("another's address", "self.ctx.me = sender", HONEST, "1.2"),
    code("colliding answers", COLLIDING, NOTHING, "1.2", "push"),
    code("chance and clocks", CHANCE, HONEST, "1970|1969"),
    code("tells what is hidden", TELLS_ALL, NOTHING, "1.2", "push"),
    code("ids of the machine", "import uuid\nprint(uuid.uuid1(), uuid.uuid4())",
         HONEST, "1.2"),
    code("closes all", "import os\nos.closerange(0, 99)", HONEST, "ended"),
    code("escapes in print", "print('\x1b[2J\x1b]0;x\x07' * 9)", HONEST, "u001b"),
    code("a cell of one name", "del Station, Tell", NOTHING, "1.2"),
    code("raises a group", "raise ExceptionGroup('x', [ValueError()] * 99)",
         HONEST, "ExceptionGroup"),
    code("exit by another name", "raise BaseException", HONEST, "BaseException"),
    code("generator exit", "raise GeneratorExit", HONEST, "GeneratorExit"),
    code("a finder", "import sys\nsys.meta_path.insert(0, 7)", HONEST, "1.2"),
    code("a hook", "import sys\nsys.excepthook = sys.unraisablehook = exit",
         HONEST, "1.2"),
    code("an audit hook",
         "import sys\ndef hook(*a): raise KeyboardInterrupt\nsys.addaudithook(hook)",
         HONEST, "KeyboardInterrupt"),
    code("profiles", "import sys\nsys.setprofile(lambda *a: 1 / 0)", HONEST, "1.2"),
    cheat("a chain of names", solved(), chained, HONEST, "1.2"),
    cheat("forged trial", solved(), no_python_after_all, HONEST, "outside function"),
    cheat("forged trial of a bomb", solved(), doubling_after_all, HONEST,
          "prediction-2 raised MemoryError"),
    code("doubles for the compiler", DOUBLING, HONEST, "MemoryError"),
    cheat("carriage returns", solved(), carriage_returns, HONEST, "1.2"),
    cheat("just deep enough", solved(), just_deep_enough, HONEST, "1,000 deep"),
    cheat("attachments", solved(), attachments, HONEST, "1.2"),
    cheat("sources in pieces", solved(), sources_in_pieces, HONEST, "1.2"),
    cheat("tags of all kinds", solved(), tags_of_all_kinds, HONEST, "1.2"),
    cheat("many notes", solved(), huge_notes, HONEST, "NBVAL_SKIP"),
    raw("a byte order mark", b"\xef\xbb\xbf" + bytes_of(solved())),
    raw("UTF-16", bytes_of(solved()).decode().encode("utf-16")),
    raw("twice the same keys", twice_the_same_keys()),
    Cheat("escapes in JSON", escapes(), {}, "no valid notebook", ("1.1",)),
]  # fmt: skip
