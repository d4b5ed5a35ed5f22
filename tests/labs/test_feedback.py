"""A page of feedback explains, and gives nothing hidden away."""

from __future__ import annotations

from p2pkit.classroom.grading.feedback import MOST_PICTURES, feedback_html
from p2pkit.classroom.grading.result import CaseResult, CheckResult, Result
from p2pkit.classroom.grading.slicing import needed
from p2pkit.classroom.labs.lab import find
from p2pkit.harness import Chart, Curve, Finding, Verdict, apart
from p2pkit.harness.failing import StudentError

SECRET = "seed 8461"


def fail() -> Finding:
    raise StudentError(SECRET, SECRET)


def test_what_code_says_of_a_hidden_case_is_not_shown() -> None:
    lab = find("lab1_gossip")
    claim = "who was told knows"
    said = Finding(claim, 0.5, "120 stations", SECRET, "ask the journal")
    verdicts = [
        Verdict((said, apart("a crowd is no problem", fail))),
        Verdict(stopped=SECRET, own_lines=SECRET, events=(SECRET,)),
    ]
    cases = [CaseResult(True, 8461, {"nodes": 120}, one) for one in verdicts]
    check = CheckResult("1.3", "it spreads", "correctness", 9.0, 4.5, tuple(cases))

    page = feedback_html(lab, Result("ada", lab.slug, "", 9.0, 4.5, (check,)))

    assert claim in page
    assert "ask the journal" in page
    assert "8461" not in page
    assert "120" not in page


def test_of_forged_pictures_few_and_modest_ones_are_drawn() -> None:
    line = Curve("yours", ((0.0, 0.0), (1.0, 1.0)))
    plain = Chart("what it cost", "s", "bytes", (line,))
    wordy = Chart("x" * 500_000, "s", "bytes", (line,))
    verdict = Verdict((Finding("it is cheap", 1.0),), pictures=(wordy, *[plain] * 200))
    case = CaseResult(False, 1, {}, verdict)
    check = CheckResult("1.4", "it is cheap", "cost", 6.0, 6.0, (case,))

    page = feedback_html(
        find("lab1_gossip"), Result("ada", "lab1_gossip", "", 6.0, 6.0, (check,))
    )

    assert page.count("<img") == MOST_PICTURES - 1


def test_a_long_chain_of_names_is_cut_in_no_time() -> None:
    chain = "\n".join(f"a{number} = a{number + 1}" for number in range(5_000))

    (kept,) = needed([chain + "\nb = a0"], ["a1"])

    assert kept.split("\n")[0] == ""
    assert len(kept.split("\n")) == 5_000
