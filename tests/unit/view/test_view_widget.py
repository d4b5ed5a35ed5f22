"""The widget without a browser: traits, messages, and the still beside it."""

import json

import pytest

pytest.importorskip("anywidget")

from p2pkit import Cluster, watch
from p2pkit.protocols import Kademlia
from p2pkit.view.keepsake import FOLDER


@pytest.fixture
def cluster():
    with Cluster(Kademlia, nodes=6, carrier="virtual", seed=7) as cluster:
        yield cluster.wait_ready()


@pytest.fixture
def view(cluster, tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER, str(tmp_path))
    view = watch(cluster, where="cell", show=False)
    yield view
    view.close()


def test_the_first_scene_is_a_trait_so_a_blocked_kernel_can_show_it(view):
    opening = json.loads(view.widget.opening)

    assert opening["type"] == "hello"
    assert len(opening["film"][0]["nodes"]) == 6


def test_python_traits_and_the_view_agree_on_settings(view):
    view.color_by = "load"
    assert view.widget.color_by == "load"

    view.widget.show_dead = True
    assert view.show_dead is True

    seen = []
    view.widget.observe(lambda change: seen.append(change["new"]), "at_s")
    view.at_s = 0.5
    assert seen == [0.5]


def test_what_it_shows_is_a_widget_a_still_and_words(view):
    bundle = view._repr_mimebundle_()

    model = bundle["application/vnd.jupyter.widget-view+json"]["model_id"]
    assert model == view.widget.model_id
    assert 'class="p2pkit-still"' in bundle["text/html"]
    assert bundle["text/plain"] == "<LiveView of 6 Kademlia nodes, in a cell>"


def test_the_end_leaves_a_picture_where_the_server_finds_it(view, cluster, tmp_path):
    cluster.kill(3)

    view.freeze()

    (kept,) = tmp_path.glob("p2pkit-*.html")
    assert kept.read_text().startswith('<div class="p2pkit-still" data-view="p2pkit-')
    assert json.loads(view.widget.opening)["about"]["live"] is False
