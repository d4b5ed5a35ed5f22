"""Cheats in the notebook around the code: cells, metadata, outputs."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from nbformat.v4 import new_code_cell, new_output

from tests.labs.cheats.making import (
    HONEST,
    NOTHING,
    Cheat,
    cell,
    cheat,
    checks_of,
    put,
    solved,
    stub,
)


def skip_comments(notebook: Any) -> None:
    for one in checks_of(notebook):
        one.source = "# NBVAL_SKIP\n" + one.source


def raises_tags(notebook: Any) -> None:
    for one in checks_of(notebook):
        one.metadata["tags"] = ["raises-exception", "nbval-skip"]


def forged_outputs(notebook: Any) -> None:
    for one in checks_of(notebook):
        data = {"text/plain": "7.0"}
        one.outputs = [new_output("execute_result", data, execution_count=1)]


def edited_checks(notebook: Any) -> None:
    for one in checks_of(notebook):
        one.source = "7.0"


def forged_checksums(notebook: Any) -> None:
    for one in checks_of(notebook):
        one.source = "print('all points')"
        one.metadata["nbgrader"]["checksum"] = "0" * 32


def points_in_metadata(notebook: Any) -> None:
    for one in checks_of(notebook):
        one.metadata["nbgrader"]["points"] = 1000.0


def unlocked(notebook: Any) -> None:
    for one in checks_of(notebook):
        one.metadata["nbgrader"] |= {"locked": False, "grade": False, "solution": True}
        one.source = "lab = None"


def own_lab_object(notebook: Any) -> None:
    put(
        notebook,
        "class Lab:\n    def check(self, *_): return 7.0\n    hidden = grade = check\n"
        "lab = Lab()",
        "check-1-1",
    )


def deleted_checks(notebook: Any) -> None:
    gone = checks_of(notebook)
    notebook.cells = [one for one in notebook.cells if one not in gone]


def deleted_setup(notebook: Any) -> None:
    notebook.cells.remove(cell(notebook, "setup"))


def edited_setup(notebook: Any) -> None:
    cell(notebook, "setup").source += "\nStation.receive = lambda *_: None"


def deleted_answer(notebook: Any) -> None:
    notebook.cells.remove(cell(notebook, "push"))


def doubled(notebook: Any) -> None:
    notebook.cells.append(deepcopy(cell(notebook, "push")))


def doubled_with_a_stub(notebook: Any) -> None:
    notebook.cells.append(deepcopy(cell(stub(), "push")))


def another_name(notebook: Any) -> None:
    cell(notebook, "push").metadata["nbgrader"]["grade_id"] = "pushed"


def name_of_another(notebook: Any) -> None:
    cell(notebook, "repair").metadata["nbgrader"]["grade_id"] = "push"


def turned_round(notebook: Any) -> None:
    notebook.cells.reverse()


def answer_as_prose(notebook: Any) -> None:
    one = cell(notebook, "push")
    one["cell_type"] = "markdown"
    for key in ("outputs", "execution_count"):
        del one[key]


def strange_names(notebook: Any) -> None:
    cell(notebook, "monger").metadata["nbgrader"]["grade_id"] = (
        "<script>alert(1)</script>\ud800=1+1"
    )


def strange_metadata(notebook: Any) -> None:
    cell(notebook, "repair").metadata["tags"] = {"setup": float("nan")}
    cell(notebook, "monger").metadata["nbgrader"] = ["not", {"a": "dictionary"}]


def magics(notebook: Any) -> None:
    one = cell(notebook, "push")
    one.source = "%%time\n!rm -rf ~\n%matplotlib inline\n" + one.source


def much_output(notebook: Any) -> None:
    text = new_output("stream", text="x" * (8 << 20))
    cell(notebook, "push").outputs = [text]


def helper_in_a_cell_of_its_own(notebook: Any) -> None:
    put(notebook, "from math import *\nspread = 3\nprint(1 / 0)\ndef tell(n): return n")
    one = cell(notebook, "push")
    one.source = one.source.replace("self.pick(self", "self.pick(tell(self").replace(
        ".fanout):", ".fanout)):"
    )


def broken_cell_of_its_own(notebook: Any) -> None:
    put(notebook, "def (:\n")
    notebook.cells.append(new_code_cell("\x00"))


def experiments(notebook: Any) -> None:
    put(notebook, "import time\nwhile True:\n    pass", "check-1-1")
    put(notebook, "lab.check('1.1')\ninput('go on?')\nget_ipython().system('ls')")


CHEATS: list[Cheat] = [
    cheat("skip comments", stub(), skip_comments, NOTHING, "had been edited"),
    cheat("raises-exception tags", stub(), raises_tags, NOTHING, "raises-exception"),
    cheat("forged outputs", stub(), forged_outputs, NOTHING, "not written yet"),
    cheat("edited checks", stub(), edited_checks, NOTHING, "had been edited"),
    cheat("forged checksums", stub(), forged_checksums, NOTHING, "had been edited"),
    cheat("points in metadata", solved(), points_in_metadata, HONEST, "1.2"),
    cheat("unlocked checks", stub(), unlocked, NOTHING, "had been edited"),
    cheat("own lab object", stub(), own_lab_object, NOTHING, "not written yet"),
    cheat("deleted checks", solved(), deleted_checks, HONEST, "is missing"),
    cheat("deleted setup", solved(), deleted_setup, HONEST, "setup is missing"),
    cheat("edited setup", solved(), edited_setup, HONEST, "setup had been edited"),
    cheat("deleted answer", solved(), deleted_answer, NOTHING, "push is missing"),
    cheat("doubled answer", solved(), doubled, HONEST, "push is there 2 times"),
    cheat("stub after answer", solved(), doubled_with_a_stub, NOTHING, "2 times"),
    cheat("another name", solved(), another_name, NOTHING, "claims to be 'pushed'"),
    cheat(
        "name of another", solved(), name_of_another, HONEST, "push is there 2 times"
    ),
    cheat("turned round", solved(), turned_round, HONEST, "another order"),
    cheat("answer as prose", solved(), answer_as_prose, NOTHING, "claims to be 'push'"),
    cheat("strange names", solved(), strange_names, HONEST, "claims to be '<script>"),
    cheat("strange metadata", solved(), strange_metadata, HONEST, "is missing"),
    cheat("magics", solved(), magics, HONEST, "for Jupyter alone"),
    cheat("much output", solved(), much_output, HONEST, "1.2"),
    cheat("own helper", solved(), helper_in_a_cell_of_its_own, HONEST, "1.2"),
    cheat("broken cell", solved(), broken_cell_of_its_own, HONEST, "is not Python"),
    cheat("experiments", solved(), experiments, HONEST, "1.2"),
]
