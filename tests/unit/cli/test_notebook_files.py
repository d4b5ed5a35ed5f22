"""A live view without its kernel is a picture; whatever else is in a cell stays."""

import copy

from p2pkit.cli.notebook_files import STILL, WIDGET, keep_pictures


def output(html, **more):
    return {"data": {WIDGET: {"model_id": "7"}, STILL: html, **more}}


def book(*outputs):
    return {"cells": [{"source": "prose"}, {"outputs": list(outputs)}]}


VIEW = '<div class="p2pkit-still" data-view="p2pkit-ab" data-process="41">old</div>'


def data_of(notebook):
    return [one["data"] for one in notebook["cells"][1]["outputs"]]


def test_a_view_stays_while_its_kernel_runs_and_its_still_is_renewed(tmp_path):
    (tmp_path / "p2pkit-ab.html").write_text(VIEW.replace("old", "new"))
    notebook = book(output(VIEW))

    keep_pictures(notebook, tmp_path, {"41"})

    assert WIDGET in data_of(notebook)[0]
    assert "new" in data_of(notebook)[0][STILL]


def test_a_view_whose_kernel_is_gone_is_its_last_picture(tmp_path):
    notebook = book(output([VIEW]))  # as files have it: a list of lines

    keep_pictures(notebook, tmp_path, {"42"})

    assert data_of(notebook) == [{STILL: [VIEW]}]


def test_what_others_show_is_left_alone(tmp_path):
    others = book(
        output("<p>a progress bar</p>"),
        {"data": {STILL: VIEW}},
        {"data": {WIDGET: {"model_id": "8"}}},
        {"output_type": "stream", "text": "hi"},
    )
    before = copy.deepcopy(others)

    keep_pictures(others, tmp_path, set())

    assert others == before
