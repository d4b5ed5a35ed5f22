"""A class becomes tables; alike submissions are named, and only these."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from p2pkit.classroom import class_statistics as statistics
from p2pkit.classroom.grading.result import CaseResult, CheckResult, Result
from p2pkit.classroom.grading.tables import grades_json
from p2pkit.classroom.lab_files.similarity import similar
from p2pkit.classroom.labs import find
from p2pkit.classroom.labs.ticket import GENERIC
from p2pkit.core import LabError
from p2pkit.harness import LocalSubject

ROOT = Path(__file__).parents[4]

OWN = """
def hear(self, news):
    rumor = rumor_id(news.body)
    if rumor in self.known:
        return False
    self.known[rumor] = Tell(news.body, news.hops + 1)
    self.hot[rumor] = 0
    return True
"""
OTHER = """
def hear(self, tell):
    for old in sorted(self.texts):
        if old == tell.body:
            break
    else:
        self.texts.append(tell.body)
        self.counts.update({tell.body: [0, 0]})
        return len(self.texts) > 0
"""


def test_sample_class_is_the_wrong_answers_with_what_they_lose() -> None:
    results = statistics.sample_class(ROOT / "labs")
    lab = find("lab1_gossip")

    table, checks = statistics.points(results), statistics.by_check(results)

    assert table.loc["hops_stand_still", "1.1"] == pytest.approx(5.83)
    assert table.loc["hops_stand_still", "points"] == pytest.approx(98.83)
    assert list(checks.check) == [check.id for check in lab]
    assert all((checks.share > 0) & (checks.share <= 1))


def test_most_common_failure_stands_first() -> None:
    failures = statistics.common_failures(statistics.sample_class(ROOT / "labs"), 5)

    counts = list(failures.students)
    assert counts == sorted(counts, reverse=True)
    assert len(counts) == 5


def test_what_waits_for_another_check_is_no_failure_of_its_own() -> None:
    lab, nothing = find("lab1_gossip"), LocalSubject({})
    verdicts = {
        one: lab.examine(one, nothing, lab.case(one, GENERIC)) for one in ("3.1", "3.2")
    }
    checks = tuple(
        CheckResult(one, "", "", 7.0, 0.0, (CaseResult(False, 1, {}, verdict),))
        for one, verdict in verdicts.items()
    )

    failures = statistics.common_failures([Result("ada", lab.slug, "", checks=checks)])

    assert list(failures.check) == ["3.1"]


def test_what_could_not_be_graded_has_no_points_rather_than_none_of_them() -> None:
    results = [Result("ada", "lab1_gossip", "", 9, 0, refused="it is no notebook")]
    results += [Result("bob", "lab1_gossip", "", 9, 4.5)]

    table = statistics.points(results)

    assert list(table.points.isna()) == [True, False]


def test_a_lab_without_grades_is_refused_with_those_there_are() -> None:
    results = [Result("ada", "lab0_wire", ""), Result("ada", "lab1_gossip", "")]

    assert statistics.of_lab(results, "lab1_gossip") == results[1:]
    with pytest.raises(LabError, match="there are lab0_wire, lab1_gossip"):
        statistics.of_lab(results, "lab2_search")


def test_code_of_a_class_is_found_in_every_place_that_grading_knows(
    tmp_path: Path,
) -> None:
    lab = "lab1_gossip"
    for place in ("ada/lab1_gossip.ipynb", "lab1_gossip_bob.ipynb"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / "labs" / f"{lab}.ipynb", tmp_path / place)
    (tmp_path / "lab1_gossip_eve.ipynb").write_text("{")

    sources = statistics.sources_of([tmp_path, tmp_path / "ada"], lab)

    assert sorted(sources) == ["ada", "bob"]
    assert all("class Monger" in source for source in sources.values())


def test_grades_are_read_back_from_what_grading_wrote(tmp_path: Path) -> None:
    results = statistics.sample_class(ROOT / "labs")
    path = tmp_path / "grades.json"
    path.write_bytes(grades_json(results))

    assert statistics.grades(path) == results


def test_missing_or_foreign_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"a": 1}')

    with pytest.raises(LabError, match="grade first"):
        statistics.grades(tmp_path / "grades.json")
    with pytest.raises(LabError, match="is no file of grades"):
        statistics.grades(tmp_path / "other.json")


def test_renamed_copy_is_named_and_another_answer_is_not() -> None:
    copy = OWN.replace("news", "message").replace("rumor", "key") + "# mine\n"

    found = similar({"ada": OWN, "bob": copy, "eve": OTHER})

    assert [(pair.one, pair.other, pair.share) for pair in found] == [
        ("ada", "bob", 1.0)
    ]


def test_what_came_with_the_notebook_does_not_count() -> None:
    assert similar({"ada": OWN, "bob": OWN}, stub=OWN) == []


def test_what_most_of_a_class_wrote_does_not_count() -> None:
    everybody = {f"s{number}": OWN for number in range(8)}

    assert similar(everybody) == []


def test_what_is_not_python_is_compared_with_nobody() -> None:
    assert similar({"ada": "def (((", "bob": "def ((("}) == []
