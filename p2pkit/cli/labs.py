"""`p2pkit labs`: release and verify the labs of a course."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from p2pkit.cli.guard import fail, guarded, say
from p2pkit.cli.secret import SecretFile, secret_of

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
Labs = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Argument(metavar="[LAB]...", help="Such as lab1_gossip; else all."),
]
DEFAULT_COURSE = Path("labs")


@labs.command("list")
@guarded
def list_labs(course: CourseFolder = DEFAULT_COURSE) -> None:
    """List the labs of a course, with their points and their checks."""
    from p2pkit.classroom.lab_files import Course
    from p2pkit.classroom.labs import find

    for slug in Course(course).require_labs():
        lab = find(slug)
        say(
            f"{slug:24} {lab.points:4g} points, {len(lab.checks):2} checks: {lab.title}"
        )


@labs.command()
@guarded
def release(
    slugs: Labs = None,
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
    secret_file: SecretFile = None,
) -> None:
    """Write what students get: stubs, visible checks, no solutions.

    With a roster, each student gets a folder of that name. Seeds and parameters follow
    from the secret of the course.
    """
    from p2pkit.classroom.lab_files import Course
    from p2pkit.classroom.lab_files import release as write_released
    from p2pkit.classroom.lab_files.roster import students_in
    from p2pkit.classroom.labs.ticket import require_secret

    if student is not None and roster is not None:
        fail("say --student or --roster, not both")
    found, target, secret = Course(course), into or course, secret_of(secret_file)
    if student or roster:
        require_secret(secret)
    if roster is None:
        paths = write_released(found, target, student or "", secret, slugs or ())
        say(f"{len(paths)} lab{'s' if len(paths) > 1 else ''} in {target}")
        return
    students = students_in(roster)
    for one in students:
        write_released(found, target / one, one, secret, slugs or ())
    say(f"{len(students)} student{'s' if len(students) > 1 else ''} in {target}")


@labs.command()
@guarded
def verify(
    slugs: Labs = None,
    course: CourseFolder = DEFAULT_COURSE,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Trials at a time.")] = 1,
    students: Annotated[
        int,
        typer.Option(min=0, max=10_000, help="More students whose solution must pass."),
    ] = 0,
) -> None:
    """Prove that labs judge as they should.

    Solutions pass everything, stubs earn nothing, and each wrong answer loses exactly
    the points that its file says.
    """
    from p2pkit.classroom.lab_files import Course
    from p2pkit.classroom.lab_files.verify import trials_of
    from p2pkit.classroom.lab_files.verify import verify as proofs_of

    found = Course(course)
    chosen = slugs or found.require_labs()
    for slug in chosen:
        found.source(slug)  # says so at once if there is none
    trials = trials_of(found, chosen, students)
    proofs = [_told(one) for one in proofs_of(trials, jobs)]
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
