"""The view in a real JupyterLab, as ``p2pkit lab`` starts it."""

import base64
import re
import time

import pytest

from tests.browser.conftest import Visitor
from tests.browser.lab import Lab, Notebook

CELLS = [
    "from p2pkit import Cluster, watch\n"
    "from p2pkit.core import Finished\n"
    "from p2pkit.protocols import Kademlia\n"
    "cluster = Cluster(Kademlia, nodes=16, processes=2, seed=7, progress='none')\n"
    "cluster.wait_ready();",
    "view = watch(cluster)\nview",
    "view",
    "cluster.kill(5)",
    "for _ in range(5):\n"
    "    cluster.advance(2)\n"
    "    cluster[1].lookup(cluster[9].id)\n"
    "print('slept')",
    "print(cluster[7].state)",
    "cluster[2].lookup(cluster[11].id)\n"
    "view.play(cluster.trace.of(Finished)[-1])\n"
    "view.color_by = view.widget.size_by = 'degree'",
    "cluster.close()",
]

SHOWN = """name => [...document.querySelectorAll(".p2pkit")]
    .map((root) => root.view.stage.shown.nodes.has(name))"""


RESTART = "() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    pytest.importorskip("jupyterlab")
    with Lab(tmp_path_factory.mktemp("lab")) as lab:
        lab.write("tour.ipynb", *CELLS)
        yield lab


@pytest.fixture(scope="module")
def visitor(browser):
    tab = browser.new_page(viewport={"width": 1280, "height": 1100})
    yield Visitor(tab)
    tab.close()


@pytest.fixture(scope="module")
def notebook(lab, visitor):
    """The tour, open and watching; each test goes on where the last one ended."""
    notebook = Notebook(lab, visitor.tab, "tour.ipynb").open()
    notebook.run(0)
    notebook.run(1)
    visitor.drawn()
    return notebook


def pictures(notebook):
    """Return the SVG of each still in the saved notebook."""
    found = []
    for cell in notebook.lab.read(notebook.name)["cells"]:
        for output in cell.get("outputs", []):
            html = "".join(output.get("data", {}).get("text/html", ""))
            found += re.findall(r"data:image/svg\+xml;base64,([\w+/=]+)", html)
    return [base64.b64decode(one).decode() for one in found]


def test_the_overlay_appears_once_in_its_cell(notebook, visitor):
    assert visitor.tab.locator(".p2pkit").count() == 1
    assert visitor.look("view => view.stage.shown.nodes.size") == 16
    assert visitor.look("view => view.stage.draws") > 0


def test_a_second_view_agrees(notebook, visitor):
    notebook.run(2)

    visitor.tab.wait_for_selector(".p2pkit[data-drawn] >> nth=1")
    assert visitor.tab.evaluate(SHOWN, "n05") == [True, True]


def test_a_node_killed_from_python_is_gone_within_a_second(notebook, visitor):
    began = time.perf_counter()
    notebook.run(3)
    visitor.until(f"() => ({SHOWN})('n05').every((one) => !one)")

    assert time.perf_counter() - began < 1


def test_the_view_moves_while_a_cell_blocks(notebook, visitor):
    notebook.begin(4)
    before = visitor.look("view => view.stats.marks")
    visitor.until("(view, before) => view.stats.marks > before", before)
    visitor.until("view => view.pulses.live.length > 0")

    assert "slept" not in notebook.output(4)  # it still blocks
    notebook.wrote(4, "slept")


def test_a_button_kills_another(notebook, visitor):
    panel = visitor.tab.locator(".p2pkit").first
    panel.get_by_label("Node", exact=True).select_option("n07")
    panel.get_by_role("button", name="Kill").click()

    visitor.until(f"() => ({SHOWN})('n07').every((one) => !one)")
    assert "dead" in notebook.run(5)


def test_python_plays_a_lookup_and_sets_what_is_shown(notebook, visitor):
    notebook.run(6)
    visitor.tab.locator(".p2pkit").first.scroll_into_view_if_needed()

    visitor.until("view => view.pulses.path.some((hop) => hop.moving === false)")
    visitor.until("view => view.settings.color_by === 'degree'")
    visitor.until("view => view.settings.size_by === 'degree'")


def test_nothing_was_asked_of_other_machines_and_no_page_failed(notebook, visitor):
    assert visitor.hosts() == {"127.0.0.1"}
    assert visitor.said == []


def test_after_a_restart_the_saved_notebook_shows_the_last_picture(notebook, visitor):
    notebook.tab.evaluate(RESTART)
    notebook.command("docmanager:save")
    notebook.open()

    visitor.tab.wait_for_selector(".p2pkit-still img")
    assert visitor.tab.locator(".p2pkit-still img").count() == 2
    saved = pictures(notebook)
    assert len(saved) == 2
    assert all(re.search(r"n07 \w+ at [\d.:]+, dead", one) for one in saved)
    assert visitor.hosts() == {"127.0.0.1"}


def test_a_plain_jupyter_keeps_the_last_picture_too(browser, tmp_path):
    pytest.importorskip("jupyterlab")
    virtual = CELLS[0].replace("processes=2", "carrier='virtual'")
    with Lab(tmp_path, is_plain=True) as lab, browser.new_page() as tab:
        lab.write("plain.ipynb", virtual, "view = watch(cluster)", "cluster.kill(5)")
        notebook = Notebook(lab, tab, "plain.ipynb").open()
        notebook.run(0)
        notebook.run(1)
        Visitor(tab).drawn()
        notebook.command("docmanager:save")
        notebook.open()
        Visitor(tab).drawn()  # the kernel still runs, and so does the view
        notebook.run(2)
        tab.evaluate(RESTART)
        notebook.command("docmanager:save")
        notebook.open()

        tab.wait_for_selector(".p2pkit-still img")
        [saved] = pictures(notebook)
        assert re.search(r"n05 \w+ at [\d.:]+, dead", saved)
