"""Student code can compute and talk, and nothing else."""

from __future__ import annotations

import platform
from collections.abc import Iterator

import psutil
import pytest

from p2pkit.classroom.sandbox import seccomp
from p2pkit.classroom.sandbox.account import Allowance
from p2pkit.classroom.sandbox.subject import SandboxSubject
from p2pkit.core import LabError
from p2pkit.harness import StudentError
from tests.walls import needs_walls, sandbox_of

needs_x86 = pytest.mark.skipif(
    platform.machine() != "x86_64", reason="these are the numbers of x86-64"
)


def numbers_let_through() -> set[int]:
    guarded = {guard.numbers[0] for guard in seccomp.GUARDED.values()}
    # The kernel itself answers two that no filter hears of: probes of its tracer.
    return {335, 336} | guarded | {numbers[0] for numbers in seccomp.ALLOWED.values()}


pytestmark = [needs_walls, pytest.mark.timeout(60, method="thread")]  # killed children

FORBIDDEN = {
    "open_a_file": "open('/etc/passwd').read()",
    "write_a_file": "open('/tmp/x', 'w')",
    "list_a_folder": "import os; os.listdir('/')",
    "look_at_a_file": "import os; os.stat('/etc/passwd')",
    "open_a_socket": "import socket; socket.socket()",
    "make_a_pair_of_sockets": "import socket; socket.socketpair()",
    "fork": "import os; os.fork()",
    "run_a_program": "import os; os.execv('/bin/sh', ['sh'])",
    "spawn_a_program": "import os; os.posix_spawn('/bin/sh', ['sh'], {})",
    "kill_its_parent": "import os; os.kill(os.getppid(), 9)",
    "kill_everybody": "import os; os.kill(-1, 9)",
    "handle_signals": "import signal; signal.signal(2, print)",
    "set_an_alarm": "import signal; signal.setitimer(0, 1)",
    "sleep": "import time; time.sleep(9)",
    "make_a_pipe": "import os; os.pipe()",
    "duplicate_its_socket": "import os; os.dup(3)",
    "share_memory": "import os; os.memfd_create('x')",
    "send_a_descriptor": (
        "global s; import _socket; s = _socket.socket(1, 1, 0, 3); s.sendmsg([b''])"
    ),
}

ESCAPES = {
    "a_thread": "import _thread; _thread.start_new_thread(print, ())",
    "executable_memory": "import mmap; mmap.mmap(-1, 4096, prot=7)",
}


def source_of(text: str) -> str:
    lines = "\n    ".join(text.split("; "))
    return f"def attempt():\n    {lines}\n    return 'done'\n"


def outcome(subject: SandboxSubject, name: str) -> str:
    try:
        return f"returned {subject.call(name)!r}"
    except StudentError as error:
        return str(error)


@pytest.fixture
def subject() -> Iterator[SandboxSubject]:
    sources = [
        source_of(text).replace("attempt", name)
        for name, text in (FORBIDDEN | ESCAPES).items()
    ]
    with sandbox_of(*sources) as sandbox:
        yield SandboxSubject(sandbox)


def test_what_leads_outside_is_refused_by_the_kernel(subject: SandboxSubject) -> None:
    said = {name: outcome(subject, name) for name in FORBIDDEN}

    wrong = {name: it for name, it in said.items() if "not permitted" not in it}
    assert wrong == {}


def test_threads_and_new_machine_code_are_refused(subject: SandboxSubject) -> None:
    for name in ESCAPES:
        with pytest.raises(StudentError):
            subject.call(name)


def test_plain_work_is_allowed() -> None:
    source = """
import math, random, json, re, hashlib, dataclasses, heapq, itertools, collections
def work():
    drawn = random.Random(7).sample(range(10), 3)
    digest = hashlib.sha256(b"x").hexdigest()[:8]
    return [math.sqrt(4), json.loads("[1]"), drawn, digest, "é".encode("latin-1")]
"""
    with sandbox_of(source) as sandbox:
        found = SandboxSubject(sandbox).call("work")

    assert found == [2.0, [1], [5, 2, 6], "2d711642", b"\xe9"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("while True: pass", "processor time"),
        ("return 10 ** 10 ** 9", "processor time"),
        ("import os\n    os._exit(3)", "ended itself with status 3"),
        ("import os\n    os.abort()", "was ended by"),
        ("import ctypes\n    ctypes.string_at(0)", "was ended by SIGSEGV"),
        ("return bytearray(1 << 40)", "MemoryError"),
        ("x = [0]\n    while True: x += x", "MemoryError"),
        ("raise SystemExit(0)", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("return f()", "RecursionError"),
        ("import os\n    os.close(3)", "ended"),
        ("import os\n    os.write(3, b'\\xff' * 64)", "gave an answer of"),
        ("import os\n    os.write(3, b'\\1\\0\\0\\0\\x90')", "no answer"),
        ("import _thread\n    a = _thread.allocate()\n    while a.acquire(): 0", "no"),
        ("return 'x' * (3 << 20)", "gave an answer of"),
    ],
)  # fmt: skip
def test_what_breaks_a_process_is_told_and_harms_nobody_else(
    body: str, why: str
) -> None:
    source = f"def f():\n    {body}\n\ndef fine():\n    return 'fine'\n"
    with sandbox_of(source) as sandbox:
        subject = SandboxSubject(sandbox)

        with pytest.raises(LabError, match=why):
            subject.call("f")

        sandbox.open_account()
        assert subject.call("fine") == "fine"


def test_an_error_that_cannot_be_told_is_told_about() -> None:
    source = """
class Evil(Exception):
    def __str__(self):
        raise Evil
def f():
    raise Evil
"""
    with sandbox_of(source) as sandbox, pytest.raises(StudentError, match="itself"):
        SandboxSubject(sandbox).call("f")


def test_output_is_counted_and_not_kept() -> None:
    source = "def f():\n    for _ in range(1000): print('x' * 1000)\n    return 1\n"
    with sandbox_of(source) as sandbox:
        assert SandboxSubject(sandbox).call("f") == 1

        assert sandbox.notices == {"it prints while it runs": 1}


def test_a_module_that_is_not_there_costs_only_what_uses_it() -> None:
    source = """
import matplotlib.pyplot as plt
from p2pkit import Cluster
def plot():
    plt.plot([1])
def fine():
    return 1
"""
    with sandbox_of(source) as sandbox:
        subject = SandboxSubject(sandbox)

        assert subject.call("fine") == 1
        with pytest.raises(StudentError, match=r"matplotlib.pyplot.plot is not there"):
            subject.call("plot")


def test_nothing_is_left_behind() -> None:
    with sandbox_of("x = 1") as sandbox:
        children = [sandbox.child(knows_checks=knows) for knows in (False, False, True)]
        assert [one.ask(0.0, "value", "x").raised for one in children] == [None] * 3
        zygote = sandbox._process
        assert zygote is not None
        tree = psutil.Process(zygote.pid).children(recursive=True)
        assert len(tree) == 4  # and the zygote that knows the checks

    assert zygote.poll() is not None
    gone, alive = psutil.wait_procs(tree, timeout=5)
    assert (len(gone), alive) == (4, [])


EVERY_CALL = f"""
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def left_open():
    found = []
    for number in range(512):
        if number not in {sorted(numbers_let_through())!r}:
            ctypes.set_errno(0)
            if libc.syscall(number, 0, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() != 1:
                found.append(number)
    return found
def ring(operation):
    ctypes.set_errno(0)
    word = ctypes.c_int(0)
    libc.syscall(202, ctypes.byref(word), operation, 1)
    return ctypes.get_errno()
def clock(number):
    ctypes.set_errno(0)
    libc.syscall(228, number, ctypes.byref((ctypes.c_long * 2)()))
    return ctypes.get_errno()
def other_face():
    libc.syscall(0x40000000 | 39)
"""


@needs_x86
def test_no_call_is_open_that_is_not_on_the_list() -> None:
    with sandbox_of(EVERY_CALL) as sandbox:
        subject = SandboxSubject(sandbox)

        assert subject.call("left_open") == []
        # A lock between processes, and the clock of the process above.
        assert [subject.call("ring", one) for one in (1 | 128, 1)] == [0, 1]
        assert [subject.call("clock", one) for one in (1, -(7 << 3) | 2)] == [0, 1]
        with pytest.raises(StudentError, match="SIGSYS"):
            subject.call("other_face")


def test_all_that_nodes_say_together_has_an_end() -> None:
    source = "def long(): return bytes(1_040_000)\n"
    with sandbox_of(source) as sandbox:
        sandbox.open_account(Allowance(answer_bytes=4_100_000))
        said = [outcome(SandboxSubject(sandbox), "long")[:20] for _ in range(4)]

        with pytest.raises(StudentError, match="longer than 3 MiB"):
            sandbox.child()
    assert all(one.startswith("returned b") for one in said)
