"""Cheats in the code: what it does to the process, to the kit and to the grader."""

from __future__ import annotations

from tests.labs.cheats.making import (
    HONEST,
    NOTHING,
    Cheat,
    code,
    in_push,
    stub,
)

PATCH_KIT = """
import p2pkit.core, p2pkit.harness as harness
from p2pkit.harness import verdict, mock, examined, journal
from p2pkit.classroom.labs import check
harness.ask = verdict.ask = lambda claim, *a, **k: verdict.Finding(claim, 1.0)
check.earned = lambda *a: 1000.0
verdict.Verdict.share = property(lambda self: 1.0)
verdict.Finding.holds = property(lambda self: True)
examined.Examined.receive = lambda *a: None
check.Check.examine = lambda self, *a: verdict.Verdict((verdict.Finding("x", 1.0),))
"""

PATCH_BUILTINS = """
import builtins, math
builtins.len = lambda *a: 2
builtins.round = builtins.sum = builtins.min = builtins.max = lambda *a, **k: 7.0
builtins.all = builtins.any = lambda *a: True
builtins.isinstance = lambda *a: True
math.exp = lambda *a: 0.0
"""

SEARCH_FOR_TRUTH = """
import gc, sys
kinds = ("Case", "HiddenCase", "Lab")
found = [o for o in gc.get_objects() if type(o).__name__ in kinds]
frame = sys._getframe()
while frame:
    found += [v for v in frame.f_locals.values() if type(v).__name__ == "Case"]
    frame = frame.f_back
raise RuntimeError(f"cases: {sum(type(o).__name__ != 'Lab' for o in found)}")
"""

FORGE = """
import os
from p2pkit.classroom.sandbox import frames, values
for number in range(1, 9):
    frame = frames.encode(frames.Answer(number, [], values.dump(None)))
    os.write(3, frames.HEAD.pack(len(frame)) + frame)
"""

ATEXIT = """
import atexit
def forever():
    while True: pass
atexit.register(forever)
class Last:
    def __del__(self): forever()
last = Last()
"""

TIMERS = "self.ctx.after(0.0, lambda: self.receive(sender, message))"

IN_CELLS: list[Cheat] = [
    code("patched kit", PATCH_KIT, NOTHING, "1.2", start=stub()),
    code("patched builtins", PATCH_BUILTINS, NOTHING, "1.2", start=stub()),
    code("sys.exit", "import sys\nsys.exit(0)", HONEST, "SystemExit"),
    code("os._exit", "import os\nos._exit(0)", HONEST, "ended itself with status 0"),
    code("atexit", ATEXIT, HONEST, "1.2"),
    code("infinite loop", "while True: pass", HONEST, "processor time"),
    code("held lock", "x = 10 ** 10 ** 9", HONEST, "processor time"),
    code("fork bomb", "import os\nwhile True: os.fork()", HONEST, "not permitted"),
    code(
        "threads",
        "import _thread\nwhile True: _thread.start_new_thread(print, ())",
        HONEST, "RuntimeError",
    ),
    code("memory bomb", "x = [0]\nwhile True: x += x", HONEST, "MemoryError"),
    code("output", "while True: print('x' * 9999)", HONEST, "processor time"),
    code("reads files", "open('/etc/passwd').read()", HONEST, "not permitted"),
    code("lists folders", "import os\nos.listdir('/')", HONEST, "not permitted"),
    code("writes files", "open('/tmp/x', 'w')", HONEST, "not permitted"),
    code(
        "reads the hidden checks",
        "from p2pkit.classroom.lab_files import Course\nCourse('labs').source('x')",
        HONEST, "is not there when a lab is graded",
    ),
    code(
        "reads memory of others",
        "import os\nopen(f'/proc/{os.getppid()}/mem', 'rb')", HONEST, "not permitted",
    ),
    code(
        "outside sockets",
        "import _socket\n_socket.socket().connect(('192.0.2.1', 80))",
        HONEST, "not permitted",
    ),
    code("starts a shell", "import os\nos.system('ls')", HONEST, "1.2"),
    code("kills its parent", "import os\nos.kill(os.getppid(), 9)", HONEST, "permit"),
    code("kills everybody", "import os\nos.kill(-1, 9)", HONEST, "not permitted"),
    code("aborts", "import os\nos.abort()", HONEST, "was ended by"),
    code("bad pointer", "import ctypes\nctypes.string_at(0)", HONEST, "SIGSEGV"),
    code("recursion", "def f(): f()\nf()", HONEST, "RecursionError"),
    code(
        "recursion without limit",
        "import sys\nsys.setrecursionlimit(10**9)\ndef f(): f()\nf()",
        HONEST, "did not|was ended by|MemoryError|processor",
    ),
    code(
        "evil error",
        "class E(Exception):\n    def __str__(self): raise self\nraise E",
        HONEST, "itself fails",
    ),
    code("endless names", "exec('x' * 10**6 + '=1')\nraise ValueError('y' * 10**7)",
         HONEST, "ValueError"),
    code("looks for the truth", SEARCH_FOR_TRUTH, HONEST, "cases: 0"),
    code("answers ahead", FORGE, HONEST, "did not come to an end"),
    code("closes its socket", "import os\nos.close(3)", HONEST, "ended"),
    code("kit gone", "import sys\nsys.modules.clear()", HONEST, "sys.modules"),
    code("settrace", "import sys\nsys.settrace(lambda *a: 1 / 0)", HONEST, "1.2"),
    code("not Python", "this is not Python", HONEST, "is not Python"),
    code("nested", "(" * 5000 + ")" * 5000, HONEST, "is not Python"),
    code("empty answer", "", NOTHING, "no class Push", "push"),
    code("not a class", "Push = 7", NOTHING, "should be a class", "push"),
    code("everything", "class Push:\n    def __getattr__(self, n): return print",
         NOTHING, "has no method", "push"),
    code(
        "metaclass",
        "class M(type):\n    __eq__ = lambda *a: True\n    __hash__ = None\n"
        "    def __call__(cls, *a): return 7\nclass Push(Station, metaclass=M):\n"
        "    receive = publish = knows = lambda *a: True",
        NOTHING, "1.2", "push",
    ),
]  # fmt: skip

IN_PUSH: list[Cheat] = [
    in_push("loop in a handler", "while True: pass", NOTHING, "processor time"),
    in_push("exit in a handler", "import os; os._exit(0)", NOTHING, "ended itself"),
    in_push("sys.exit in a handler", "raise SystemExit", NOTHING, "SystemExit"),
    in_push(
        "forged answers",
        "import os; os.write(3, bytes(range(256)) * 99)",
        NOTHING, "gave an answer of",
    ),
    in_push(
        "answers in advance",
        "import os\nfrom p2pkit.classroom.sandbox import frames, values\n"
        "frame = frames.encode(frames.Answer(3, [], values.dump(None)))\n"
        "os.write(3, frames.HEAD.pack(len(frame)) + frame)",
        NOTHING, "what it was not asked",
    ),
    in_push(
        "too many messages",
        "while True: self.ctx.send(sender, message)", NOTHING, "2,000 messages",
    ),
    in_push("forged address", "self.ctx.send(('8.8.8.8', 53), message)",
            {"1.2": 3.33}, "1.2"),
    in_push("huge text", "self.ctx.send(sender, Tell(b'x' * 10**7))",
            NOTHING, "cannot be sent|gave an answer of"),
    in_push("not a message", "self.ctx.send(sender, object())",
            NOTHING, "ctx.send takes"),
    in_push(
        "subclass of a message",
        "class Tell2(Tell, frozen=True): pass\nself.ctx.send(sender, Tell2(b''))",
        NOTHING, "ctx.send takes",
    ),
    in_push("endless timers", TIMERS, {"1.3": 0.0}, "1.3"),
    in_push(
        "only the visible fanout",
        "if self.config.fanout == 4: return", NOTHING, "1.2",
    ),
    in_push(
        "knows when it is alone",
        "import sys\nif 'solution' in sys.modules: return", NOTHING, "1.2",
    ),
]  # fmt: skip

CHEATS = IN_CELLS + IN_PUSH
