import http.client
import json
import threading
from urllib.parse import urlsplit

import pytest

from p2pkit.core import TransportError
from p2pkit.view import Page
from p2pkit.view.picture import picture


@pytest.fixture
def page(overlay):
    with Page(lambda: picture(overlay)) as page:
        yield page


def ask(page, path, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", page.port, timeout=5)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()
    finally:
        connection.close()


def test_the_page_and_its_graph_are_served_to_who_has_the_token(page):
    query = urlsplit(page.url).query

    status, headers, text = ask(page, f"/?{query}")
    assert (status, text[:15]) == (200, "<!doctype html>")
    assert headers["cache-control"] == "no-store"

    status, _, text = ask(page, f"/graph?{query}")
    model = json.loads(text)
    assert status == 200
    assert len(model["nodes"]) == len({one["id"] for one in model["nodes"]}) == 13
    assert len(model["edges"]) == len({one["id"] for one in model["edges"]}) == 13


@pytest.mark.parametrize("path", ["/", "/graph", "/?token=", "/graph?token=guess"])
def test_without_the_token_there_is_nothing_to_see(page, path):
    status, _, text = ask(page, path)

    assert status == 403
    assert "n00" not in text


def test_other_origins_and_hosts_are_refused(page):
    path = f"/graph?{urlsplit(page.url).query}"

    assert ask(page, path, Origin="http://evil.example")[0] == 403
    assert ask(page, path, Origin="null")[0] == 403
    assert ask(page, path, Host=f"evil.example:{page.port}")[0] == 403
    assert ask(page, path, Origin=f"http://127.0.0.1:{page.port}")[0] == 200


def test_nothing_but_reading_is_offered(page):
    connection = http.client.HTTPConnection("127.0.0.1", page.port, timeout=5)
    connection.request("POST", f"/graph?{urlsplit(page.url).query}")
    assert connection.getresponse().status == 405
    connection.close()


def test_two_pages_have_two_tokens(page, overlay):
    with Page(lambda: picture(overlay)) as other:
        assert other.token != page.token
        assert len(page.token) >= 32


def test_a_taken_port_is_a_sentence(page, overlay):
    with (
        pytest.raises(TransportError, match="use port 0"),
        Page(lambda: picture(overlay), port=page.port),
    ):
        pass


def test_closing_leaves_no_thread_and_no_socket(overlay):
    before = threading.active_count()

    with Page(lambda: picture(overlay)) as page:
        pass

    assert threading.active_count() == before
    with pytest.raises(ConnectionRefusedError):
        ask(page, "/")
