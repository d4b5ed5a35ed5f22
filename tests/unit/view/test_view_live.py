"""`watch` where nobody can click: a still, shown once, with the calls of a view."""

import sys
from types import SimpleNamespace

import pytest

from p2pkit import Cluster
from p2pkit.core import LocalProtocolError
from p2pkit.protocols import Rumor
from p2pkit.view import live, still, watch


def test_a_graph_does_not_live_so_it_is_a_still(overlay, lookup):
    view = watch(overlay, path=lookup)

    assert view.still().svg() == still(overlay, path=lookup).svg()
    assert view.url is None
    assert "as a still" in repr(view)


def test_settings_are_attributes_in_every_form(overlay):
    view = watch(overlay, color_by="in-degree")

    view.size_by = "degree"

    assert (view.color_by, view.size_by, view.kinds) == ("in-degree", "degree", None)
    assert (
        view.still().svg()
        == still(overlay, color_by="in-degree", size_by="degree").svg()
    )


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"color_by": "mood"}, "color_by cannot be 'mood': say one of state, load"),
        ({"size_by": "state"}, "say None, or one of load"),
        ({"paused": 1}, "say True or False"),
        ({"kinds": "bucket"}, "a list of kinds"),
        ({"zoom": 2}, "no setting 'zoom'; it has color_by"),
        ({"where": "moon"}, "say auto, cell, browser or still"),
    ],
)
def test_a_choice_that_makes_no_sense_is_a_sentence(settings, said, overlay):
    class Living:
        def frames(self, marks_hz):
            raise AssertionError

    with pytest.raises(LocalProtocolError, match=said):
        watch(Living(), **settings)


def test_a_view_saves_pictures_and_refuses_other_names(overlay, tmp_path):
    view = watch(overlay)

    assert view.save(tmp_path / "a.svg").read_text().startswith("<svg")
    assert view.save(tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(LocalProtocolError, match=r"should end in \.html"):
        view.save(tmp_path / "a.gif")


def test_without_widgets_a_notebook_gets_a_still_and_a_sentence(monkeypatch):
    shell = SimpleNamespace(user_ns={"__vsc_ipynb_file__": "a.ipynb"})
    monkeypatch.setattr(live, "notebook", lambda: shell)
    monkeypatch.setitem(sys.modules, "anywidget", None)
    with Cluster(Rumor, nodes=4, carrier="virtual", seed=7) as cluster:
        with pytest.warns(UserWarning, match="a still picture, since this needs"):
            view = watch(cluster, show=False)

        assert view.widget is None
        assert view.still().svg() == still(cluster).svg()


def test_a_view_has_no_other_attributes(overlay):
    with pytest.raises(AttributeError, match="no attribute 'zoom'"):
        _ = watch(overlay).zoom


def run(*cells):
    """Run cells as nbval and nbconvert do, every warning shown; return the book."""
    pytest.importorskip("ipykernel")
    import nbformat
    from nbclient import NotebookClient

    strict = "import warnings\nwarnings.simplefilter('always')\n"
    cells = [strict + cells[0], *cells[1:]]
    book = nbformat.v4.new_notebook(cells=[*map(nbformat.v4.new_code_cell, cells)])
    return NotebookClient(book, timeout=60).execute()


def test_a_program_that_runs_a_notebook_gets_stills_and_no_word_besides():
    book = run(
        "from p2pkit import Cluster, watch\n"
        "from p2pkit.core import Finished\n"
        "from p2pkit.protocols import Kademlia\n"
        "cluster = Cluster(Kademlia, nodes=6, carrier='virtual', seed=7,"
        " progress='none').start();",
        "view = watch(cluster, color_by='degree')",
        "cluster[1].lookup(cluster[4].id);",
        "view.play(cluster.trace.of(Finished)[-1]);",
        "view.freeze()\ncluster.close()",
    )

    kinds = [
        [next(iter(one.get("data", {one.output_type: 0}))) for one in cell.outputs]
        for cell in book.cells
    ]
    assert kinds == [[], ["text/html"], [], ["text/html"], []]
    shown = book.cells[1].outputs[0]["data"]["text/plain"]
    assert shown == "<LiveView of 6 Kademlia nodes, as a still>"


def test_watching_in_a_notebook_shows_once_wherever_the_call_stands():
    draw = "import networkx as nx\nfrom p2pkit import watch\ng = nx.DiGraph([(1, 2)])\n"
    book = run(draw + "w = watch(g)\n0", "watch(g)", "w")

    pictures = [
        sum("text/html" in output.get("data", {}) for output in cell.outputs)
        for cell in book.cells
    ]
    assert pictures == [1, 1, 1]
