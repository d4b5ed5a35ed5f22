"""Each lab judges as it should: its solution, its stub, its wrong answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from p2pkit.classroom.lab_files import Course
from p2pkit.classroom.lab_files.verify import trials_of, verify
from p2pkit.classroom.labs import find
from p2pkit.classroom.labs.check import GROUPS

ROOT = Path(__file__).parents[2]
COURSE = Course(ROOT / "labs")
WEIGHTS = {"correctness": 50, "cost": 20, "robustness": 20, "questions": 10}


@pytest.mark.parametrize("slug", COURSE.slugs)
@pytest.mark.timeout(300)  # some twenty notebooks, each with all its checks
def test_lab_judges_as_it_should(slug: str) -> None:
    proofs = list(verify(trials_of(COURSE, [slug]), jobs=2))

    assert len(proofs) >= 10
    assert {str(one.trial): one.problems for one in proofs if one.problems} == {}


@pytest.mark.parametrize("slug", COURSE.slugs)
def test_weights_are_about_those_of_the_course(slug: str) -> None:
    points = dict.fromkeys(WEIGHTS, 0.0)
    for check in find(slug):
        points[GROUPS[check.kind]] += check.points

    assert sum(points.values()) == 100
    assert all(abs(points[name] - WEIGHTS[name]) <= 10 for name in WEIGHTS)


@pytest.mark.parametrize("slug", COURSE.slugs)
def test_checks_stand_in_teaching_order_and_need_only_earlier_ones(slug: str) -> None:
    ids = [check.id for check in find(slug)]
    place = {one: number for number, one in enumerate(ids)}

    assert ids == sorted(ids, key=lambda one: [float(part) for part in one.split(".")])
    assert all(place[n] < place[check.id] for check in find(slug) for n in check.needs)
