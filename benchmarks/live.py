"""How smooth a live view is: animation frames a second, and how late marks are.

In headless Chromium, which draws in software, on the page and in JupyterLab, while 20
batches of marks a second arrive: made up, four edges a node. And for a cluster of real
processes, from the moment a message was sent to the frame that shows it.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.report import figure, line, table
from benchmarks.synthetic import Overlay
from p2pkit import Cluster, watch
from p2pkit.protocols import Kademlia
from tests.browser.lab import Lab, Notebook

LEAST_HZ = {250: 55, 500: 50, 1000: 40, 2000: 25}
"""Frames a second to reach, by nodes."""

LATE_MS, LATE_NODES = 100, 500
FIRST_S, FIRST_NODES = 2.0, 1000
WARM_MS, SPAN_MS, SPANS = 2_000, 3_000, 3
MINUTE_S = 60
READY_MS = 60_000

MEASURE = """async (lasts_ms) => {
    const { stats } = document.querySelector(".p2pkit").view;
    stats.reset();
    const hz = await stats.measure(lasts_ms);
    return { hz, middle_ms: stats.lag(0.5), late_ms: stats.lag(0.95) };
}"""

WALL_CLOCK = (
    "() => { document.querySelector('.p2pkit').view.stats.isWallClock = true; }"
)

CELL = """from benchmarks.synthetic import Overlay
from p2pkit import watch
overlay = Overlay({nodes})"""


@contextmanager
def chromium() -> Iterator[Any]:
    """Start a headless browser."""
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium") or shutil.which("chromium-browser")
    options = ["--disable-gpu", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=options)
        yield browser
        browser.close()


def measure(tab: Any) -> dict[str, float]:
    """Return the medians of a few spans."""
    tab.wait_for_timeout(WARM_MS)
    spans = [tab.evaluate(MEASURE, SPAN_MS) for _ in range(SPANS)]
    return {key: statistics.median(one[key] for one in spans) for key in spans[0]}


def on_page(browser: Any, overlay: Any, *, wall: bool) -> tuple[float, Any]:
    """Open a page on an overlay; return the seconds to its first picture, and it."""
    view = watch(overlay, where="browser", show=False)
    tab = browser.new_page(viewport={"width": 1100, "height": 820})
    began = time.perf_counter()
    tab.goto(view.url)
    tab.wait_for_selector(".p2pkit[data-drawn]", timeout=READY_MS)
    took_s = time.perf_counter() - began
    if wall:
        tab.evaluate(WALL_CLOCK)
    return took_s, (tab, view)


def pages(browser: Any) -> Iterator[dict[str, Any]]:
    """Measure the page at each size."""
    for nodes in LEAST_HZ:
        first_s, (tab, view) = on_page(browser, Overlay(nodes), wall=True)
        yield {"face": "page", "nodes": nodes, "first_s": first_s, **measure(tab)}
        tab.close()
        view.close()


def notebooks(browser: Any) -> Iterator[dict[str, Any]]:
    """Measure the widget in JupyterLab at each size, while a cell blocks."""
    os.environ["PYTHONPATH"] = os.getcwd()  # kernels find the made-up overlay here
    with tempfile.TemporaryDirectory() as folder, Lab(Path(folder)) as lab:
        for nodes in LEAST_HZ:
            name = f"nodes-{nodes}.ipynb"
            wait = "import time\ntime.sleep(60)"
            lab.write(name, CELL.format(nodes=nodes), "view = watch(overlay)", wait)
            tab = browser.new_page(viewport={"width": 1280, "height": 1000})
            notebook = Notebook(lab, tab, name).open()
            notebook.run(0)
            began = time.perf_counter()
            notebook.begin(1)
            tab.wait_for_selector(".p2pkit[data-drawn]", timeout=READY_MS)
            first_s = time.perf_counter() - began
            notebook.begin(2)
            tab.evaluate(WALL_CLOCK)
            found = {"face": "JupyterLab", "nodes": nodes, "first_s": first_s}
            yield found | measure(tab)
            notebook.command("kernelmenu:interrupt")
            tab.close()


def minute(browser: Any) -> dict[str, Any]:
    """Measure whether marks come later and later over a minute."""
    _, (tab, view) = on_page(browser, Overlay(LATE_NODES), wall=True)
    lags_ms = []
    began = time.perf_counter()
    while time.perf_counter() - began < MINUTE_S:
        lags_ms.append(tab.evaluate(MEASURE, 10_000)["late_ms"])
    tab.close()
    view.close()
    return {"face": "page, a minute", "nodes": LATE_NODES, "lags_ms": lags_ms}


def real(browser: Any, nodes: int) -> dict[str, Any]:
    """Measure a cluster of processes, whose nodes look up keys all the while."""
    with Cluster(
        Kademlia, nodes=nodes, processes=2, seed=7, progress="none"
    ) as cluster:
        _, (tab, view) = on_page(browser, cluster, wall=False)
        spans = []
        for _ in range(SPANS):
            tab.evaluate("() => document.querySelector('.p2pkit').view.stats.reset()")
            for i in range(40):
                cluster[i % nodes].lookup(cluster[-i].id)
            spans.append(tab.evaluate(MEASURE.replace("stats.reset();", ""), 500))
        tab.close()
        view.close()
    late_ms = statistics.median(one["late_ms"] for one in spans)
    return {"face": "page, processes", "nodes": nodes, "late_ms": late_ms}


def judge(found: dict[str, Any]) -> None:
    """Report what there is a figure to reach for."""
    face, nodes = found["face"], found["nodes"]
    where = f"{face}, {nodes} nodes"
    if "hz" in found:
        least, hz = LEAST_HZ[nodes], found["hz"]
        reached = f"{hz:.1f} frames/s"
        figure(where, f"at least {least} frames/s", reached, ok=hz >= least)
    if "late_ms" in found and nodes <= LATE_NODES:
        late = found["late_ms"]
        target, reached = f"95 % within {LATE_MS} ms", f"{late:.0f} ms"
        figure(f"{where}: lag", target, reached, ok=late <= LATE_MS)
    if nodes == FIRST_NODES and "first_s" in found:
        first_s = found["first_s"]
        target, reached = f"within {FIRST_S:g} s", f"{first_s:.2f} s"
        figure(f"{where}: first picture", target, reached, ok=first_s <= FIRST_S)
    if "lags_ms" in found:
        first, last = found["lags_ms"][0], found["lags_ms"][-1]
        reached = f"{first:.0f} ms, then {last:.0f} ms"
        figure(where, "lag does not grow", reached, ok=last <= max(2 * first, LATE_MS))


def main() -> None:
    """Measure and report."""
    rows = []
    with chromium() as browser:
        measured = [
            *pages(browser),
            *notebooks(browser),
            minute(browser),
            *(real(browser, nodes) for nodes in (100, LATE_NODES)),
        ]
    for found in measured:
        line({"bench": "live", **found})
        judge(found)
        keys = ("hz", "middle_ms", "late_ms", "first_s")
        cells = [f"{found[key]:.1f}" if key in found else "-" for key in keys]
        rows.append([found["face"], str(found["nodes"]), *cells])
    columns = ["face", "nodes", "frames/s", "median ms", "p95 ms", "first picture s"]
    table("a live view with 20 batches of marks a second", columns, rows)


if __name__ == "__main__":
    main()
