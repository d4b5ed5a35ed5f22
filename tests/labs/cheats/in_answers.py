"""Cheats in the answers to questions about the student's own run."""

from __future__ import annotations

from tests.labs.cheats.making import Cheat, code, stub

NONE, ALL = {"5.4": 0.0}, {"5.4": 3.0}

EQUAL = """
class Equal(float):
    def __eq__(self, other): return True
    __ne__ = __lt__ = __gt__ = lambda *a: False
    __le__ = __ge__ = __eq__
    __hash__ = float.__hash__
    def __sub__(self, other): return 0.0
    __rsub__ = __sub__
    def __float__(self): return 0.5
answer_4 = Equal(0.5)
"""
REDUCE = """
class Evil:
    def __reduce__(self): return (print, ("pwned",))
answer_4 = Evil()
"""


def answer(name: str, source: str, earns: dict[str, float], named: str) -> Cheat:
    return code(name, source, earns, named, "answer-4")


CHEATS: list[Cheat] = [
    answer("equal to anything", EQUAL, NONE, "5.4"),
    answer("unpickles itself", REDUCE, NONE, "made of numbers"),
    answer("not a number", "answer_4 = float('nan')", NONE, "5.4"),
    answer("infinite", "answer_4 = float('inf')", NONE, "5.4"),
    answer("huge number", "answer_4 = 10 ** 10_000", NONE, "5.4"),
    answer("beyond floats", "answer_4 = 10 ** 400", NONE, "no number yet"),
    answer("huge list", "answer_4 = [0.0] * 10**6", NONE, "5.4"),
    answer("deep list", "a = answer_4 = []\nfor _ in range(99): a.append([]); a = a[0]",
           NONE, "5.4"),
    answer("endless list", "answer_4 = []\nanswer_4.append(answer_4)", NONE, "5.4"),
    answer("text of it", "answer_4 = '0.06'", NONE, "5.4"),
    answer("truth value", "answer_4 = True", NONE, "5.4"),
    answer("all at once", "answer_4 = [k / 100 for k in range(100)]", NONE, "5.4"),
    answer("a property", "class A:\n    real = 0.06\nanswer_4 = A()", NONE, "5.4"),
    answer("none", "answer_4 = None", NONE, "5.4"),
    code("asks the lab", "answer_4 = lab._lab['5.4'].judge", NONE, "5.4", "answer-4",
         stub()),
]  # fmt: skip
