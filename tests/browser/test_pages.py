"""The overlay's pages in a headless Chromium: alive, silent, and asking nobody."""

import signal
import subprocess
import sys
import time

import pytest

from p2pkit import Cluster, watch
from p2pkit.core import Finished
from p2pkit.protocols import Kademlia
from p2pkit.view import still

IS_SHOWN = "(view, name) => view.stage.shown.nodes.has(name)"
IS_GONE = "(view, name) => !view.stage.shown.nodes.has(name)"

PAINTED = """view => {
    const canvas = view.root.querySelector("canvas");
    const data = canvas.getContext("2d")
        .getImageData(0, 0, canvas.width, canvas.height).data;
    let painted = 0;
    for (let i = 3; i < data.length; i += 4) painted += data[i] > 0;
    return painted;
}"""

# Opaque pixels in a square around where a node is, or was, drawn.
SEEN_AT = """(view, name) => {
    const { x, y } = view.stage.network.canvasToDOM(view.stage.places.get(name));
    const canvas = view.root.querySelector("canvas");
    const data = canvas.getContext("2d").getImageData(x - 3, y - 3, 7, 7).data;
    let blue = 0;
    for (let i = 0; i < data.length; i += 4) {
        blue += data[i + 3] > 200 && data[i + 2] > data[i] + 40;
    }
    return blue;
}"""


FETCH = """([url, method]) =>
    fetch(url, { method }).then((answer) => answer.status, () => "refused")"""

NAMELESS = """view => [...view.root.querySelectorAll("button, input, select")]
    .filter((one) => !one.labels?.length && !one.textContent.trim())
    .filter((one) => !one.getAttribute("aria-label"))
    .map((one) => one.outerHTML)"""


@pytest.fixture(scope="module")
def cluster():
    with Cluster(Kademlia, nodes=32, carrier="virtual", seed=7) as cluster:
        cluster.wait_ready()
        cluster[3].get(cluster[20].put(b"hello"))
        yield cluster


@pytest.fixture
def small():
    with Cluster(Kademlia, nodes=8, carrier="virtual", seed=7) as cluster:
        yield cluster.wait_ready()


def test_a_saved_picture_draws_the_overlay_without_asking_anyone(
    visitor, cluster, tmp_path
):
    path = cluster.trace.of(Finished)[-1]

    url = still(cluster, path=path).save(tmp_path / "a.html").as_uri()
    visitor.tab.goto(url)
    visitor.drawn()

    canvas = "document.querySelector('canvas')"
    assert visitor.tab.evaluate(f"{canvas}.width") > 500
    assert visitor.said == []
    assert len(visitor.asked) == 2  # itself, and vis-network out of itself
    assert "32 nodes" in visitor.tab.inner_text("#caption")
    assert "hop 1" in visitor.tab.inner_text("#legend")
    assert visitor.tab.evaluate("document.compatMode") == "CSS1Compat"


def test_a_still_is_shown_as_an_image(visitor, cluster):
    visitor.tab.set_content(still(cluster)._repr_html_())

    assert visitor.tab.evaluate("document.images[0].naturalWidth") > 600
    assert visitor.said == []


def test_a_killed_node_is_gone_from_the_canvas_within_a_second(visitor, small):
    with watch(small, where="browser", show=False) as view:
        visitor.open(view.url)
        assert visitor.look(PAINTED) > 1_000
        assert visitor.look(SEEN_AT, "n03") > 20

        began = time.perf_counter()
        small.kill(3)
        visitor.until("(view, name) => !view.stage.shown.nodes.has(name)", "n03")
        visitor.until(
            f"async (view, name) => await ({SEEN_AT})(view, name) === 0", "n03"
        )

        assert time.perf_counter() - began < 1
        visitor.wait_for(".p2p-caption", "1 dead (hidden)")
        assert visitor.said == []
        assert visitor.hosts() == {"127.0.0.1"}


def test_what_the_panel_of_a_node_says_and_does(visitor, small):
    with watch(small, where="browser", show=False) as view:
        visitor.open(view.url)
        visitor.tab.get_by_label("Node", exact=True).select_option("n02")
        visitor.wait_for(".p2p-panel h3", "n02, alive")
        visitor.wait_for(".p2p-body", "buckets:")
        visitor.wait_for(".p2p-body", "FindNode")

        visitor.tab.get_by_role("button", name="Look up a random key").click()
        visitor.wait_for(".p2p-said", "n02 looked up")
        visitor.wait_for(".p2p-path", "hops")
        assert visitor.look("view => view.pulses.path.length") > 0

        visitor.tab.get_by_role("button", name="Publish").click()
        visitor.wait_for(".p2p-said", "n02 published")
        visitor.tab.get_by_role("button", name="Kill").click()
        visitor.wait_for(".p2p-panel h3", "n02, dead")
        assert small[2].state == "dead"
        visitor.tab.get_by_role("button", name="Restart").click()
        visitor.wait_for(".p2p-panel h3", "n02, alive")
        assert visitor.said == []


def test_a_click_on_an_edge_shows_its_traffic(visitor, browser, small):
    with watch(small, where="browser", show=False) as view:
        visitor.open(view.url)
        other = type(visitor)(browser.new_page()).open(view.url)
        small[1].lookup(small[4].id)
        pair = visitor.look("view => view.scene.pairs.keys().next().value")

        visitor.look("(view, pair) => view.select(pair)", pair)

        visitor.wait_for(".p2p-panel h3", pair.replace(" ", " and "))
        visitor.wait_for(".p2p-body", "Messages and bytes")
        # What another page has heard, Python has heard before.
        other.until("(view, pair) => view.settings.selected === pair", pair)
        assert view.selected == pair
        other.tab.close()


def test_tabs_agree_and_python_drives_them(visitor, browser, small):
    with watch(small, where="browser", show=False) as view:
        visitor.open(view.url)
        other = type(visitor)(browser.new_page()).open(view.url)

        small.kill(5)
        view.color_by = "in-degree"

        for tab in (visitor, other):
            tab.until(IS_GONE, "n05")
            tab.until("view => view.settings.color_by === 'in-degree'")
            tab.wait_for(".p2p-legend", "in-degree (known by)")
        scenes = [
            one.look(
                "view => [[...view.scene.nodes], [...view.scene.edges.keys()].sort()]"
            )
            for one in (visitor, other)
        ]
        assert scenes[0] == scenes[1]
        told = {name: node["state"] for name, node in scenes[0][0]}
        assert told == {node.name: node.state for node in small}
        edges = {tuple(one.split(" ")[:2]) for one in scenes[0][1]}
        assert edges == set(small.graph().edges)

        other.tab.get_by_label("show dead nodes").check()
        visitor.until(IS_SHOWN, "n05")
        assert view.show_dead is True
        other.tab.close()


def test_virtual_time_runs_steps_and_slows(visitor, small):
    with watch(small, where="browser", show=False) as view:
        visitor.open(view.url)
        began_s = small.now()

        visitor.tab.get_by_role("button", name="Run time").click()
        visitor.wait_for(".p2p-run", "Pause time")
        visitor.until("(view, begin) => view.about.now_s > begin + 0.5", began_s)
        visitor.tab.get_by_role("button", name="Pause time").click()
        visitor.wait_for(".p2p-run", "Run time")
        stood_s = small.now()
        assert stood_s > began_s

        received = small.counters.received
        count = sum(one.messages for one in received.values())
        small.run.carrier.begin(0, "call", "n01", "lookup", (small[4].id,), {})
        visitor.tab.get_by_role("button", name="Step one message").click()
        visitor.wait_for(".p2p-status", "It is")
        after = sum(one.messages for one in small.counters.received.values())
        assert after == count + 1

        visitor.look("view => view.command('speed', { value: 0.01 })")
        visitor.wait_for(".p2p-status", "0.01 times as fast")


def test_a_saved_run_is_scrubbed_and_played_without_anybody(visitor, small, tmp_path):
    with watch(small, where="browser", show=False) as view:
        small.advance(1)
        small.kill(5)
        small.advance(1)
        small[1].lookup(small[2].id)
        page = view.save(tmp_path / "run.html")

    visitor.open(page.as_uri())
    assert visitor.look(IS_GONE, "n05")

    visitor.look("view => view.timeline.scrub(view.film.first_s)")
    visitor.until(IS_SHOWN, "n05")
    visitor.tab.get_by_role("button", name="Play", exact=True).click()
    visitor.until(IS_GONE, "n05")

    assert visitor.said == []
    assert visitor.hosts() == set()


def test_the_view_says_that_the_cluster_is_closed_and_keeps_the_picture(visitor):
    with Cluster(Kademlia, nodes=8, carrier="virtual", seed=7) as cluster:
        view = watch(cluster.wait_ready(), where="browser", show=False)
        visitor.open(view.url)

    visitor.wait_for(".p2p-status", "The cluster is closed")
    assert visitor.look("view => view.stage.shown.nodes.size") == 8
    view.close()
    assert visitor.tab.locator(".p2p-do-kill").count() == 0


def test_another_page_in_the_same_browser_cannot_ask(visitor, small):
    with (
        watch(small, where="browser", show=False) as view,
        watch(small, where="browser", show=False) as other,
    ):
        visitor.open(other.url)
        for path in ("/events?", "/say?"):
            target = view.url.replace("/?", path)
            method = "POST" if "say" in path else "GET"
            outcome = visitor.tab.evaluate(
                FETCH,
                [target, method],
            )
            assert outcome == "refused"


def test_controls_work_by_keyboard_and_have_names(visitor, small):
    with watch(small, where="browser", show=False) as view:
        visitor.open(view.url)
        assert visitor.look(NAMELESS) == []

        visitor.tab.locator(".p2p-canvas").focus()
        visitor.tab.keyboard.press("ArrowRight")
        visitor.wait_for(".p2p-panel h3", "n00")
        visitor.tab.keyboard.press("Escape")
        visitor.until("view => view.settings.selected === null")


def test_the_demo_shows_real_processes_and_ends_clean(visitor):
    command = [sys.executable, "-m", "p2pkit.cli", "demo", "--nodes", "8"]
    demo = subprocess.Popen(
        [*command, "--no-browser"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        line = demo.stdout.readline()
        assert line.startswith("8 kademlia nodes"), demo.stderr.read()
        address = line.split()[-1]
        visitor.open(address)
        assert "8 nodes" in visitor.tab.inner_text(".p2p-caption")
        visitor.tab.get_by_label("Node", exact=True).select_option("n03")
        visitor.tab.get_by_role("button", name="Look up a random key").click()
        visitor.wait_for(".p2p-said", "n03 looked up")
        assert visitor.look("view => view.pulses.path.length") > 0
        visitor.tab.get_by_role("button", name="Kill").click()
        visitor.until(IS_GONE, "n03")
        assert visitor.hosts() == {"127.0.0.1"}
        assert visitor.said == []

        bare = address.partition("?")[0]
        for path in ("", "events", "say"):
            ask = visitor.tab.request.post if path == "say" else visitor.tab.request.get
            assert ask(bare + path).status == 403

        demo.send_signal(signal.SIGTERM)
        assert demo.wait(15) == 0
        assert "Traceback" not in demo.stderr.read()
    finally:
        if demo.poll() is None:
            demo.kill()
            demo.wait(10)
        demo.stdout.close()
        demo.stderr.close()
