"""Files of labs: sources, what students get of them, and what comes back."""

from p2pkit.classroom.lab_files.course import Course, read, write
from p2pkit.classroom.lab_files.export import Piece, export, module_text
from p2pkit.classroom.lab_files.marks import Mark, checksum_of, mark_of, marked
from p2pkit.classroom.lab_files.regions import HiddenCase, check_ids, hidden_cases
from p2pkit.classroom.lab_files.release import release, released

__all__ = [
    "Course", "HiddenCase", "Mark", "Piece", "check_ids", "checksum_of", "export",
    "hidden_cases", "mark_of", "marked", "module_text", "read", "release", "released",
    "write",
]  # fmt: skip
