"""The page's server: whom it answers, what it refuses, how it ends."""

import http.client
import json
import threading
from urllib.parse import urlsplit

import pytest

from p2pkit import Cluster, watch
from p2pkit.core import TransportError
from p2pkit.protocols import Kademlia
from p2pkit.view.page import MOST_BYTES, MOST_WAITING, Tab


@pytest.fixture(scope="module")
def cluster():
    with Cluster(Kademlia, nodes=4, carrier="virtual", seed=7) as cluster:
        yield cluster.wait_ready()


@pytest.fixture
def view(cluster):
    with watch(cluster, where="browser", show=False) as view:
        yield view


def ask(view, method, path, body=None, **headers):
    port = urlsplit(view.url).port
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        head = dict(answer.getheaders())
        is_stream = "event-stream" in head.get("content-type", "")
        text = answer.readline() if is_stream else answer.read()
        return answer.status, head, text.decode()
    finally:
        connection.close()


def query(view):
    return urlsplit(view.url).query


def test_the_page_and_its_events_are_for_who_has_the_token(view):
    status, headers, text = ask(view, "GET", f"/?{query(view)}")
    assert (status, text[:15]) == (200, "<!doctype html>")
    assert headers["cache-control"] == "no-store"

    status, _, line = ask(view, "GET", f"/events?{query(view)}")
    hello = json.loads(line.removeprefix("data: "))
    assert (status, hello["type"]) == (200, "hello")
    assert len(hello["model"]["nodes"]) == len(hello["places"]) == 4


@pytest.mark.parametrize("route", ["GET /", "GET /events", "POST /say"])
@pytest.mark.parametrize("token", ["", "?token=", "?token=guess", "?token=%C3%BC"])
def test_without_the_token_there_is_nothing(view, route, token):
    method, path = route.split()

    status, _, text = ask(view, method, path + token, "{}" * (method == "POST"))

    assert status == 403
    assert "n00" not in text


@pytest.mark.parametrize("route", ["GET /", "GET /events", "POST /say"])
def test_other_origins_and_hosts_are_refused(view, route):
    method, path = route.split()
    path, port = f"{path}?{query(view)}", urlsplit(view.url).port

    assert ask(view, method, path, Origin="http://evil.example")[0] == 403
    assert ask(view, method, path, Origin="null")[0] == 403
    assert ask(view, method, path, Host=f"evil.example:{port}")[0] == 403
    assert ask(view, method, path, "{}", Origin=f"http://127.0.0.1:{port}")[0] < 300


def test_what_is_no_message_is_a_bad_request(view):
    path = f"/say?{query(view)}"

    for body in ("", "[]", "{", "\x00", "x" * (MOST_BYTES + 1)):
        assert ask(view, "POST", path, body)[0] == 400
    assert ask(view, "PUT", path)[0] == 405


def test_the_page_lets_no_script_of_others_run(view):
    page = ask(view, "GET", f"/?{query(view)}")[2]
    again = ask(view, "GET", f"/?{query(view)}")[2]

    def nonce(text):
        return text.partition("script-src 'nonce-")[2].partition("'")[0]

    assert "default-src 'none'" in page
    assert len(nonce(page)) > 20
    assert nonce(page) != nonce(again)
    assert page.count("</script>") == 2


def test_two_pages_have_two_tokens(view, cluster):
    with watch(cluster, where="browser", show=False) as other:
        assert query(other) != query(view)
        assert len(query(view)) >= 32


def test_a_taken_port_is_a_sentence_and_leaves_nothing(view, cluster):
    before = threading.active_count()

    with pytest.raises(TransportError, match="use port 0"):
        watch(cluster, where="browser", port=urlsplit(view.url).port)

    assert threading.active_count() == before


def test_closing_leaves_no_thread_and_no_socket(cluster):
    before = threading.active_count()

    with watch(cluster, where="browser", show=False) as view:
        assert threading.active_count() > before

    assert threading.active_count() == before
    with pytest.raises(ConnectionRefusedError):
        ask(view, "GET", "/")


def test_a_script_is_told_the_address(cluster, capsys):
    with watch(cluster) as view:
        assert view.url in capsys.readouterr().out


class Loop:
    def is_closed(self):
        return True


def test_a_slow_tab_keeps_a_bounded_number_of_messages_and_then_begins_anew():
    tab = Tab(Loop())

    for number in range(10 * MOST_WAITING):
        tab.send(str(number))

    assert tab.is_behind
    assert len(tab._waiting) <= MOST_WAITING
