"""The page of a space-time diagram in a headless Chromium: mouse, keyboard, silence."""

import pytest

from p2pkit import Cluster
from p2pkit.protocols import Kademlia
from p2pkit.view import space_time


@pytest.fixture(scope="module")
def diagram():
    virtual = {"carrier": "virtual", "seed": 7, "progress": "none"}
    with Cluster(Kademlia, nodes=16, **virtual) as cluster:
        cluster.wait_ready()
        with cluster.messages() as window:
            cluster[3].put(b"hello")
        return space_time(window)


@pytest.fixture(scope="module")
def tab(browser, diagram, tmp_path_factory):
    page = diagram.save(tmp_path_factory.mktemp("page") / "a.html")
    tab = browser.new_page(viewport={"width": 1000, "height": 800})
    tab.said, tab.asked = [], []
    tab.on("console", lambda message: tab.said.append(message.text))
    tab.on("pageerror", lambda error: tab.said.append(str(error)))
    tab.on("request", lambda request: tab.asked.append(request.url))
    tab.goto(page.as_uri())
    yield tab
    tab.close()


def said(tab):
    return tab.locator("#said").text_content()


def test_a_click_shows_the_message_decoded(tab, diagram):
    tab.locator(".m[data-number='1'] .hit").dispatch_event("click")

    assert said(tab) == diagram.text(1)
    assert "Get" in said(tab)
    assert "target = " in said(tab)


def test_the_keyboard_goes_from_message_to_message(tab, diagram):
    tab.locator(".m[data-number='1']").focus()
    tab.keyboard.press("Enter")
    for key, number in [("ArrowRight", 2), ("ArrowDown", 3), ("ArrowLeft", 2),
                        ("End", len(diagram.diagram.arrows)), ("ArrowRight",
                        len(diagram.diagram.arrows)), ("Home", 1)]:  # fmt: skip
        tab.keyboard.press(key)
        assert said(tab) == diagram.text(number)

    assert tab.locator("[aria-pressed=true]").count() == 1


def test_one_message_is_reached_by_tab_and_has_a_name(tab, diagram):
    assert tab.locator(".m[tabindex='0']").count() == 1
    labels = tab.locator(".m").evaluate_all(
        "all => all.map(one => one.getAttribute('aria-label'))"
    )
    assert labels[0] == diagram.diagram.title(1)
    assert all(labels)


def test_the_page_is_silent_and_asks_nobody(tab):
    assert tab.said == []
    assert all(url.startswith("file:") for url in tab.asked)
