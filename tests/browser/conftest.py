"""A headless Chromium, and tabs that note what pages say and ask for."""

import os
import shutil
from urllib.parse import urlsplit

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
LIMIT_MS = 15_000


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(
                pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
            )
            # A cold browser, or a server with a kernel, on a busy machine.
            item.add_marker(pytest.mark.timeout(120))


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
        tab.on("console", self._on_console)
        tab.on("pageerror", lambda error: self.said.append(str(error)))
        tab.on("request", lambda request: self.asked.append(request.url))

    def _on_console(self, message):
        # What tests themselves do to a canvas is not the page's fault.
        is_ours = "willReadFrequently" in message.text
        if message.type not in ("log", "debug", "info") and not is_ours:
            self.said.append(f"{message.type}: {message.text}")

    def open(self, url):
        self.tab.goto(url)
        return self.drawn()

    def drawn(self):
        """Wait until a view is drawn."""
        self.tab.wait_for_selector(".p2pkit[data-drawn]", timeout=LIMIT_MS)
        return self

    def wait_for(self, place, text):
        # A selector and no expression: the page forbids evaluating strings.
        self.tab.wait_for_selector(f'{place}:has-text("{text}")', timeout=LIMIT_MS)

    def hosts(self):
        return {urlsplit(url).hostname for url in self.asked} - {None}

    def look(self, expression, argument=None):
        """Return what a JavaScript function of the (first) view and more returns."""
        view = "document.querySelector('.p2pkit').view"
        return self.tab.evaluate(
            f"async (more) => ({expression})({view}, more)", argument
        )

    def until(self, expression, argument=None, limit_ms=LIMIT_MS):
        """Wait until such a function returns something true; return the milliseconds.

        The page looks at itself, so the way from here to there is not measured.
        """
        waiting = f"""async (view, more) => {{
            const began = performance.now();
            for (;;) {{
                if (await ({expression})(view, more)) return performance.now() - began;
                if (performance.now() - began > {limit_ms}) return null;
                await new Promise((resolve) => setTimeout(resolve, 5));
            }}
        }}"""
        took_ms = self.look(waiting, argument)
        assert took_ms is not None, f"not within {limit_ms} ms: {expression}"
        return took_ms


@pytest.fixture
def visitor(browser):
    tab = browser.new_page(viewport={"width": 1000, "height": 800})
    yield Visitor(tab)
    tab.close()
