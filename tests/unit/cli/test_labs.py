"""`p2pkit labs` lists, releases and verifies, and refuses in one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from p2pkit.cli.app import app

ROOT = Path(__file__).parents[3]
LABS = ["--course", str(ROOT / "labs")]


def labs(*arguments: str, secret: str = "") -> Result:
    environment = {"P2PKIT_COURSE_SECRET": secret}
    return CliRunner().invoke(app, ["labs", *arguments], env=environment)


def opening(path: Path) -> str:
    cells = json.loads(path.read_text("utf-8"))["cells"]
    sources = ("".join(cell["source"]) for cell in cells)
    return next(one for one in sources if "open(globals()" in one)


def test_list_names_each_lab_with_its_points() -> None:
    run = labs("list", *LABS)

    assert run.exit_code == 0
    assert "lab1_gossip               100 points" in run.stdout


def test_each_student_of_a_roster_gets_a_folder_and_a_ticket(tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("name,id\nAda L.,ada\nGrace H.,grace\nAda L.,ada\n")

    run = labs(
        "release", *LABS, "--roster", str(roster), "--into", str(tmp_path),
        secret="words",
    )  # fmt: skip

    opened = [opening(tmp_path / one / "lab1_gossip.ipynb") for one in ("ada", "grace")]
    assert run.exit_code == 0
    assert run.stdout == f"2 students in {tmp_path}\n"
    assert 'student="ada"' in opened[0]
    assert opened[0] != opened[1]


def test_a_class_of_one_is_a_student(tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("ada\n")
    words = ("release", *LABS, "lab0_wire", "--roster", str(roster), "--into")

    run = labs(*words, str(tmp_path), secret="words")

    assert run.stdout == f"1 student in {tmp_path}\n"


def test_secret_may_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("words\n")
    words = ("release", *LABS, "lab0_wire", "--student", "ada", "--into")

    by_file = labs(*words, str(tmp_path / "one"), "--secret-file", str(secret))
    by_variable = labs(*words, str(tmp_path / "other"), secret="words")

    assert (by_file.exit_code, by_variable.exit_code) == (0, 0)
    one, other = (tmp_path / name / "lab0_wire.ipynb" for name in ("one", "other"))
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["release", *LABS, "--student", "ada"], "give the secret of the course first"),
        (["verify", *LABS, "lab99"], "there is no lab 'lab99'"),
        (
            ["list", "--course", "nowhere"],
            "nowhere has no labs: there is no n",
        ),
        (["verify", "--course", "nowhere"], "Go where it is, or say --course FOLDER"),
        (["release", *LABS, "--student", "ada"], "by --secret-file or in P2PKIT_C"),
        (["release", *LABS, "--roster", "nowhere.csv"], "in P2PKIT_COURSE_SECRET"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    arguments: list[str], sentence: str
) -> None:
    run = labs(*arguments)

    assert run.exit_code == 1
    assert sentence in run.stderr
    assert len(run.stderr.splitlines()) == 1


def test_id_that_could_leave_the_folder_is_refused(tmp_path: Path) -> None:
    run = labs(
        "release", *LABS, "--student", "../ada", "--into", str(tmp_path), secret="words"
    )

    assert run.exit_code == 1
    assert "is no id of a student" in run.stderr
    assert list(tmp_path.iterdir()) == []


def test_labs_that_are_named_are_released_alone(tmp_path: Path) -> None:
    run = labs("release", *LABS, "lab0_wire", "--into", str(tmp_path))

    assert run.stdout == f"1 lab in {tmp_path}\n"
    assert [one.name for one in tmp_path.iterdir()] == ["lab0_wire.ipynb"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name,mail\nanna,a@x\n", "has no column id: its first line has name, mail"),
        ("id;name\nanna;A\n", "has semicolons between its columns"),
        ("\n", "names no student"),
        ("id\n", "names no student"),
        ("id\nj\xf6rg\n", "is no text in UTF-8"),
    ],
)
def test_roster_that_names_no_ids_releases_nothing(
    tmp_path: Path, text: str, sentence: str
) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_bytes(text.encode("latin-1"))

    run = labs(
        "release", *LABS, "--roster", str(roster), "--into", str(tmp_path / "out"),
        secret="words",
    )  # fmt: skip

    assert run.exit_code == 1
    assert sentence in run.stderr
    assert not (tmp_path / "out").exists()


def test_file_that_is_not_there_is_no_number_of_the_system() -> None:
    run = labs("release", *LABS, "--roster", "none.csv", secret="words")

    assert run.exit_code == 1
    assert run.stderr == "p2pkit: none.csv cannot be used: no such file or directory\n"
