"""The overlay's pages in a headless Chromium: drawn, silent, and asking nobody."""

import os
import shutil
import signal
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from p2pkit import Cluster
from p2pkit.core import Finished
from p2pkit.protocols import Kademlia
from p2pkit.view import Page, still
from p2pkit.view.picture import picture

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
LIMIT_MS = 15_000

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed here"),
    pytest.mark.timeout(90),  # a cold browser on a busy machine takes seconds
]

PAINTED = """() => {
    const canvas = document.querySelector("canvas");
    const data = canvas.getContext("2d")
        .getImageData(0, 0, canvas.width, canvas.height).data;
    let painted = 0;
    for (let i = 3; i < data.length; i += 4) painted += data[i] > 0;
    return painted;
}"""


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        options = ["--disable-gpu"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            options.append("--no-sandbox")  # Chromium's own refuses root
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield chromium
        chromium.close()


class Visitor:
    """A browser tab that notes what was said and asked for."""

    def __init__(self, tab):
        self.tab, self.said, self.asked = tab, [], []
        tab.on("console", lambda message: self.said.append(message.text))
        tab.on("pageerror", lambda error: self.said.append(str(error)))
        tab.on("request", lambda request: self.asked.append(request.url))

    def open(self, url):
        self.tab.goto(url)
        self.tab.wait_for_selector("body[data-drawn]", timeout=LIMIT_MS)

    def wait_for(self, place, text):
        # A selector and no expression: the page forbids evaluating strings.
        self.tab.wait_for_selector(f'{place}:has-text("{text}")', timeout=LIMIT_MS)

    def hosts(self):
        return {urlsplit(url).hostname for url in self.asked} - {None}


@pytest.fixture
def visitor(browser):
    tab = browser.new_page(viewport={"width": 900, "height": 760})
    yield Visitor(tab)
    tab.close()


@pytest.fixture(scope="module")
def cluster():
    with Cluster(Kademlia, nodes=32, carrier="virtual", seed=7) as cluster:
        cluster.wait_ready()
        cluster[3].get(cluster[20].put(b"hello"))
        yield cluster


def test_a_saved_page_draws_the_overlay_without_asking_anyone(
    visitor, cluster, tmp_path
):
    path = cluster.trace.of(Finished)[-1]

    visitor.open(still(cluster, path=path).save(tmp_path / "a.html").as_uri())

    assert visitor.tab.evaluate(PAINTED) > 5_000
    assert visitor.said == []
    assert len(visitor.asked) == 1
    assert "32 nodes" in visitor.tab.inner_text("#caption")
    assert "hop 1" in visitor.tab.inner_text("#legend")
    assert visitor.tab.evaluate("document.compatMode") == "CSS1Compat"


def test_a_still_is_shown_as_an_image(visitor, cluster):
    visitor.tab.set_content(still(cluster)._repr_html_())

    width = visitor.tab.evaluate("document.images[0].naturalWidth")

    assert width == 640
    assert visitor.said == []


def test_the_live_page_follows_the_cluster(visitor):
    with Cluster(Kademlia, nodes=8, carrier="virtual", seed=7) as cluster:
        cluster.wait_ready()
        with Page(lambda: picture(cluster.graph())) as page:
            visitor.open(page.url)
            assert "dead" not in visitor.tab.inner_text("#legend")

            cluster.kill(3)

            visitor.wait_for("#legend", "dead")
            assert visitor.tab.evaluate(PAINTED) > 1_000
            assert visitor.said == []
            assert visitor.hosts() == {"127.0.0.1"}


def test_the_live_page_says_when_nobody_answers_any_more(visitor, cluster):
    with Page(lambda: picture(cluster.graph())) as page:
        visitor.open(page.url)

    visitor.wait_for("#status", "No answer")


def test_another_page_in_the_same_browser_cannot_read_the_graph(visitor, cluster):
    with (
        Page(lambda: picture(cluster.graph())) as page,
        Page(lambda: picture(cluster.graph())) as other,
    ):
        visitor.open(other.url)
        target = page.url.replace("/?", "/graph?")

        outcome = visitor.tab.evaluate(
            "url => fetch(url).then(a => a.status, () => 'refused')", target
        )

        assert outcome == "refused"


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
        visitor.open(line.split()[-1])
        assert "8 nodes" in visitor.tab.inner_text("#caption")
        assert visitor.hosts() == {"127.0.0.1"}

        answer = visitor.tab.request.get(line.split()[-1].partition("?")[0])
        assert answer.status == 403

        demo.send_signal(signal.SIGTERM)
        assert demo.wait(15) == 0
        assert "Traceback" not in demo.stderr.read()
    finally:
        if demo.poll() is None:
            demo.kill()
            demo.wait(10)
        demo.stdout.close()
        demo.stderr.close()
