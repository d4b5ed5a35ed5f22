"""`p2pkit labs`: release and verify the labs of a course."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from p2pkit.cli.guard import fail, guarded, say

if TYPE_CHECKING:
    from p2pkit.classroom.lab_files.verify import Proof

labs = typer.Typer(
    name="labs",
    help="Release labs to students, and verify that they judge well.",
    no_args_is_help=True,
)

CourseFolder = Annotated[
    Path, typer.Option("--course", metavar="FOLDER", help="Where source/ is.")
]
DEFAULT_COURSE = Path("labs")


@labs.command("list")
@guarded
def list_labs(course: CourseFolder = DEFAULT_COURSE) -> None:
    """List the labs of a course, with their points and their checks."""
    from p2pkit.classroom.lab_files import Course
    from p2pkit.classroom.labs import find

    slugs = Course(course).slugs
    if not slugs:
        fail(f"{course} has no labs: say --course FOLDER, one with source/ in it")
    for slug in slugs:
        lab = find(slug)
        say(
            f"{slug:24} {lab.points:4g} points, {len(lab.checks):2} checks: {lab.title}"
        )


@labs.command()
@guarded
def release(
    course: CourseFolder = DEFAULT_COURSE,
    student: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(metavar="ID", help="Whose; else for nobody in particular."),
    ] = None,
    roster: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(metavar="FILE", help="Ids of students: one a line, or a CSV."),
    ] = None,
    into: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(metavar="FOLDER", help="Default: the folder of the course."),
    ] = None,
) -> None:
    """Write what students get: stubs, visible checks, no solutions.

    With a roster, each student gets a folder of that name. The secret of the course,
    from which seeds and parameters follow, is read from P2PKIT_COURSE_SECRET.
    """
    from p2pkit.classroom.lab_files import Course
    from p2pkit.classroom.lab_files import release as write_released
    from p2pkit.classroom.labs.ticket import course_secret

    if student is not None and roster is not None:
        fail("say --student or --roster, not both")
    target, secret = into or course, course_secret()
    if (student or roster) and not secret:
        fail(
            "set P2PKIT_COURSE_SECRET first, to words that students do not know: "
            "their seeds follow from it"
        )
    if roster is None:
        paths = write_released(Course(course), target, student or "", secret)
        say(f"{len(paths)} labs in {target}")
        return
    students = _students_in(roster)
    for one in students:
        write_released(Course(course), target / one, one, secret)
    say(f"{len(students)} students in {target}")


@labs.command()
@guarded
def verify(
    slugs: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Argument(metavar="[LAB]...", help="Such as lab1_gossip; else all."),
    ] = None,
    course: CourseFolder = DEFAULT_COURSE,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Trials at a time.")] = 1,
) -> None:
    """Prove that labs judge as they should.

    Solutions pass everything, stubs earn nothing, and each wrong answer loses exactly
    the points that its file says.
    """
    from p2pkit.classroom.lab_files import Course
    from p2pkit.classroom.lab_files.verify import trials_of
    from p2pkit.classroom.lab_files.verify import verify as proofs_of

    found = Course(course)
    chosen = slugs or found.slugs
    for slug in chosen:
        found.source(slug)  # says so at once if there is none
    if not chosen:
        fail(f"{course} has no labs: say --course FOLDER, one with source/ in it")
    proofs = [_told(one) for one in proofs_of(trials_of(found, chosen), jobs)]
    wrong = sum(bool(proof.problems) for proof in proofs)
    if wrong:
        fail(f"{wrong} of {len(proofs)} trials did not end as they should")
    say(f"all {len(proofs)} trials ended as they should")


def _told(proof: Proof) -> Proof:
    """Tell of a trial as soon as it has ended."""
    points = sum(proof.points.values())
    say(f"{'NO ' if proof.problems else 'yes'} {proof.trial}: {points:g} points")
    for problem in proof.problems:
        say(f"      {problem}")
    return proof


def _students_in(roster: Path) -> list[str]:
    """Return the ids in a roster: one a line, or the column ``id`` of a table."""
    with roster.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.reader(file) if row]
    if not rows:
        fail(f"{roster} names no student: write one id a line")
    names = [name.strip().lower() for name in rows[0]]
    column = next((names.index(one) for one in ("id", "student") if one in names), None)
    ids = [row[column or 0].strip() for row in rows[column is not None :]]
    return list(dict.fromkeys(one for one in ids if one))
