"""Each lab judges as it should: its solution, its stub, its wrong answers."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from p2pkit.classroom.lab_files import Course
from p2pkit.classroom.lab_files.verify import trials_of, verify
from p2pkit.classroom.labs import find
from p2pkit.classroom.labs.check import GROUPS
from tests.cluster.processes import below, gone, until

ROOT = Path(__file__).parents[2]
COURSE = Course(ROOT / "labs")
WEIGHTS = {"correctness": 50, "cost": 20, "robustness": 20, "questions": 10}


@pytest.mark.parametrize("slug", COURSE.slugs)
@pytest.mark.timeout(900)  # some twenty notebooks, beside as many of another lab
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


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's parent death signal")
@pytest.mark.timeout(60)  # workers load all that checks need, and make a first trial
def test_workers_end_with_whoever_is_killed_while_they_work() -> None:
    command = [sys.executable, "-m", "p2pkit.cli", "labs", "verify", "lab0_wire"]
    options = ["--jobs", "2", "--course", str(COURSE.root)]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        workers: list[psutil.Process] = []
        try:
            first = child.stdout.readline()
            workers = below(child.pid)
            child.kill()

            until(lambda: gone(workers), 10)
        finally:
            child.kill()
            for one in workers:
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.kill()

    assert first.startswith(b"yes lab0_wire: solution")
    assert len(workers) >= 2


def test_a_solution_is_tried_for_as_many_students_as_asked() -> None:
    few, many = (trials_of(COURSE, ["lab0_wire"], more) for more in (0, 3))

    added = {str(one) for one in many} - {str(one) for one in few}
    assert added == {f"lab0_wire: solution, as student{n}" for n in (1, 2, 3)}
