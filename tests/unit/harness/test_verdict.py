"""One error that fails everything is told once, and partial work is kept."""

from __future__ import annotations

from p2pkit.harness import Finding, StudentError, Verdict, apart, ask
from p2pkit.harness.verdict import told_once


def fails() -> Finding:
    reason = "bdecode() is not written yet"
    raise StudentError(reason, "in bdecode, line 2: raise NotImplementedError")


def test_an_error_behind_every_property_is_why_nothing_was_examined() -> None:
    verdict = Verdict(tuple(apart(claim, fails) for claim in "abc"), seed=7)

    told = told_once(verdict)

    assert told.stopped == "bdecode() is not written yet"
    assert told.own_lines == "in bdecode, line 2: raise NotImplementedError"
    assert (told.findings, told.seed) == ((), 7)
    assert told.share == verdict.share == 0.0


def test_an_error_behind_one_property_leaves_the_others_their_points() -> None:
    verdict = Verdict((apart("a", fails), apart("b", lambda: ask("b", True))))

    assert told_once(verdict) is verdict
    assert verdict.share == 0.5


def test_properties_that_fail_alike_without_an_error_stay() -> None:
    verdict = Verdict((ask("a", False, "1", 2), ask("b", False, "1", 2)))

    assert told_once(verdict) is verdict
