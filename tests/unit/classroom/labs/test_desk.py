"""In a notebook, a check shows its verdict and returns points; nothing raises."""

from __future__ import annotations

from typing import Any

import pytest

from p2pkit.classroom.labs import Case, Check, Desk, Lab
from p2pkit.classroom.labs.check import earned
from p2pkit.classroom.labs.telling import Drawn, NotYet, Told, told_html
from p2pkit.classroom.labs.ticket import hidden_ticket_of, ticket_of
from p2pkit.core import LabError, Rng, Settings
from p2pkit.harness import Chart, Curve, Finding, Overlay, Run, Subject, Verdict, ask
from p2pkit.harness.run import empty_run


class Parameters(Settings, frozen=True, kw_only=True):
    size: int
    seed: int = 0


def draw(rng: Rng) -> Parameters:
    return Parameters(size=rng.randint(1, 1_000_000))


def equals_size(subject: Subject, case: Case) -> Verdict:
    answer = subject.value("answer")
    finding = ask("it is the size", answer == case["size"], str(case["size"]), answer)
    return Verdict((finding,), case.seed, ("T=0.000 nothing <happened>",))


def refuses(subject: Subject, case: Case) -> Verdict:
    reason = "this cannot be judged"
    raise LabError(reason)


def no_run(subject: Subject, case: Case) -> Run:
    reason = "nothing to run"
    raise LabError(reason)


LAB = Lab(
    "lab9_sizes", "How large?", draw,
    (
        Check("1.1", "The answer is `size`", 4, "one peer", equals_size),
        Check("1.2", "It is refused", 2, "cost", refuses, needs=("1.1",)),
    ),
    no_run,
)  # fmt: skip


def desk(**names: Any) -> Desk:
    return Desk(LAB, names)


def own_size() -> int:
    size: int = getattr(desk().parameters, "size")  # noqa: B009  # of any settings
    return size


def test_check_returns_the_points() -> None:
    assert desk(answer=own_size()).check("1.1") == 4.0
    assert desk(answer=-1).check("1.1") == 0.0
    assert desk().check("1.1") == 0.0


def test_check_that_needs_another_one_says_which() -> None:
    verdict = LAB.examine("1.2", desk()._subject, LAB.case("1.2", "generic"))

    assert "check 1.1 comes first" in verdict.stopped


def test_refusal_of_a_check_is_its_verdict() -> None:
    right = desk(answer=own_size())

    assert right.check("1.2") == 0.0
    assert right.grade() == 4.0


def test_hidden_case_and_the_seen_one_count_as_the_weaker() -> None:
    right = desk(answer=own_size())

    assert right.hidden("1.1") == 4.0
    assert right.hidden("1.1", size=-5) == 0.0
    assert desk(answer=-5).hidden("1.1", size=-5) == 0.0


def test_own_run_that_cannot_be_made_is_empty() -> None:
    run = desk().run()

    assert run.journal.entries == empty_run().journal.entries == []


def test_unknown_check_is_answered_with_those_there_are() -> None:
    with pytest.raises(LabError, match=r"it has 1\.1, 1\.2"):
        desk().check("7.7")


def test_points_go_by_property() -> None:
    half = Verdict((Finding("a", 1.0), Finding("b", 0.0)))

    assert earned(5, half) == 2.5
    assert earned(5, half, Verdict(stopped="no")) == 0.0


def test_tickets_differ_and_do_not_tell_the_hidden_one() -> None:
    visible, hidden = ticket_of("ada", "secret"), hidden_ticket_of("ada", "secret")

    assert visible != hidden
    assert visible != ticket_of("grace", "secret")
    assert LAB.parameters(visible) != LAB.parameters(ticket_of("grace", "secret"))


def test_verdict_is_told_with_its_evidence_and_nothing_is_markup() -> None:
    verdict = equals_size(desk()._subject, LAB.case("1.1", "generic"))

    text, page = repr(Told(LAB["1.1"], verdict, 0.0)), told_html(LAB["1.1"], verdict, 0)

    assert f"seed {verdict.seed}" in text
    assert "nothing <happened>" in text
    assert "&lt;happened&gt;" in page
    assert "<code>size</code>" in page


def test_pictures_are_drawn_without_asking_anybody() -> None:
    overlay = Overlay("who <heard> it", {"n0": "heard", "n1": "not"}, (("n0", "n1"),))
    chart = Chart("what is left", "seconds", "texts", (Curve("a", ((0, 1), (1, 0))),))
    verdict = Verdict((Finding("a", 0.5),), 1, (), (overlay, chart))

    page = told_html(LAB["1.1"], verdict, 2.0)

    assert page.count("<img") == 2
    assert page.count("data:image/svg+xml;base64,") == 2
    assert "http" not in page
    assert page == told_html(LAB["1.1"], verdict, 2.0)


def test_a_picture_with_nothing_in_it_is_said_and_not_drawn() -> None:
    lone = Drawn(Overlay("Who heard it: 0 of 1", {"n0": "never heard"}))

    assert repr(lone) == "Nothing to show yet: Who heard it: 0 of 1."
    assert "<img" not in lone._repr_html_()


def test_a_sentence_ends_once() -> None:
    asked = Verdict(stopped="does it start again?")

    assert "again?</p>" in told_html(LAB["1.1"], asked, 0)
    assert repr(NotYet(LabError("is a delay 0?"))) == "Not yet: is a delay 0?"
    assert repr(NotYet(LabError("not written"))) == "Not yet: not written."
