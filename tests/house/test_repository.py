"""The repository holds no machine's paths, no addresses to install from, no locks."""

import re
from pathlib import Path

from tests.house import tree

LOCK_NAMES = re.compile(
    r"(.*\.lock|package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml)"
)
PIN = re.compile(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+")
INDEX_OPTION = re.compile(r"(index|registry|links)[-_]?(url|host)?[= ]+https?:", re.I)
HOME_FOLDER = re.compile(r"/(home|root|Users)/\w")
# Files that install things: they name packages, never an address.
INSTALLERS = {"pyproject.toml", "constraints.txt", "Makefile", ".ci/run"}
CHANGE = re.compile(r"[a-z0-9-]+\.(added|changed|fixed|removed|lab)\.md")

# "path" -> why it may hold what looks like a machine's path or an address.
EXCEPTIONS: dict[str, str] = {}


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="replace")


def lines_matching(*patterns: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:100]}"
        for path in tree.repository_files()
        if (name := tree.name_of(path)) not in EXCEPTIONS
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if any(pattern.search(line) for pattern in patterns)
    ]


def test_no_lock_file_is_committed() -> None:
    names = [tree.name_of(path) for path in tree.repository_files()]

    assert [n for n in names if LOCK_NAMES.fullmatch(Path(n).name)] == []


def test_constraints_are_names_and_versions_alone() -> None:
    lines = text_of(tree.ROOT / "constraints.txt").splitlines()

    assert [x for x in lines if not x.startswith("#") and not PIN.fullmatch(x)] == []


def test_nothing_names_where_packages_come_from() -> None:
    addressed = [name for name in INSTALLERS if "://" in text_of(tree.ROOT / name)]

    assert lines_matching(INDEX_OPTION) == []
    assert addressed == []


def test_nothing_holds_a_path_of_one_machine() -> None:
    patterns = [HOME_FOLDER]
    if len(tree.ROOT.parts) > 2:  # "/app" would be a word like any other
        patterns.append(re.compile(rf"{re.escape(str(tree.ROOT))}\b"))

    assert lines_matching(*patterns) == []


def test_every_change_note_says_what_kind_it_is() -> None:
    notes = (tree.ROOT / "changelog.d").glob("*")

    assert [n.name for n in notes if not CHANGE.fullmatch(n.name)] == []
