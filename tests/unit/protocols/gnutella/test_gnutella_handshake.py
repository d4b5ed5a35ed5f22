"""Handshakes: those of the specification, those that fail, those that never end."""

from __future__ import annotations

import pytest

from p2pkit.core import format_address
from p2pkit.protocols.gnutella import Connected, Disconnected
from p2pkit.protocols.gnutella import messages as m
from p2pkit.protocols.gnutella.handshake import TURNS, Line, meaning
from p2pkit.protocols.gnutella.link import Stage
from tests.one_servent import CODEC, HERE, OneServent, stream

PEER = ("127.9.2.1", 6346)
OFFER, OK = "GNUTELLA CONNECT/0.6", "GNUTELLA/0.6 200 OK"


def test_a_handshake_of_the_specification_is_answered() -> None:
    servent, where = OneServent(), stream(1)
    servent.open(where)

    servent.hear(
        where,
        b"GNUTELLA CONNECT/0.6\r\nUser-Agent: BearShare/1.0\r\nPong-Caching: 0.1\r\n"
        b"GGEP: 0.5\r\n\r\n",
    )

    (answer,) = servent.taken(where)
    assert answer.line == OK
    for name in ("user-agent", "ggep", "pong-caching", "x-max-ttl", "vendor-message"):
        assert answer.header(name), name
    assert answer.header("remote-ip") == where[0]
    assert answer.header("listen-ip") == format_address(HERE)
    assert servent.links == []
    servent.hear(where, b"GNUTELLA/0.6 200 OK\r\nPrivate-Data: 5ef89a\r\n\r\n")
    assert servent.links == [where]
    assert servent.ctx.events == [Connected(where, "stream")]


def test_a_servent_of_version_04_is_answered_in_its_words() -> None:
    servent, where = OneServent(), stream(1)
    servent.open(where)

    servent.hear(where, b"GNUTELLA CONNECT/0.4\n\n")

    assert CODEC.encode(servent.taken(where)[0]) == b"GNUTELLA OK\n\n"
    assert servent.links == [where]


def test_whom_we_dial_is_told_what_we_can_do_and_the_link_is_open_when_it_agrees():
    servent = OneServent(grow=False)
    joining = servent.node.bootstrap([PEER])
    assert servent.ctx.dialed == [PEER]
    servent.open(PEER)
    assert servent.taken(PEER)[0].line == OFFER

    servent.greet(PEER, "GNUTELLA/0.6 200 Welcome", x_try="127.9.9.9:6347")

    assert servent.lines(PEER) == [OK]
    assert servent.links == [PEER]
    assert joining.result == 1
    assert "127.9.9.9:6347" in servent.node.inspect()["hosts"]


def test_a_peer_is_known_by_where_it_listens_and_by_no_other_host() -> None:
    for name in ("listen_ip", "node", "x_my_address"):
        servent = OneServent()
        servent.link(1, **{name: "10.0.0.1:7777"})

        assert servent.links == [("127.9.1.1", 7777)]


def test_who_comes_when_all_links_are_taken_is_sent_elsewhere() -> None:
    servent = OneServent(max_links=2)
    servent.link(1, listen_ip="127.9.1.1:6346")
    servent.link(2, listen_ip="127.9.1.2:6346")
    servent.open(stream(3))

    servent.greet(stream(3), OFFER)

    (answer,) = servent.taken(stream(3))
    assert answer.line.startswith("GNUTELLA/0.6 503")
    assert answer.header("x-try") == "127.9.1.2:6346,127.9.1.1:6346"
    assert servent.ctx.closed == [stream(3)]
    assert servent.rejected == []


def test_only_servents_that_were_linked_are_passed_on() -> None:
    servent = OneServent()
    servent.link(1, listen_ip="127.9.1.1:6346", x_try="127.66.6.6:666")
    servent.open(stream(2))

    servent.greet(stream(2), OFFER)

    assert servent.taken(stream(2))[0].header("x-try") == "127.9.1.1:6346"


def test_a_crawler_is_told_who_our_peers_are_and_goes() -> None:
    servent = OneServent(max_links=1)
    servent.link(1, listen_ip="127.9.1.1:6346")
    servent.open(stream(2))

    servent.greet(stream(2), OFFER, crawler="0.1")

    assert servent.taken(stream(2))[0].header("peers") == "127.9.1.1:6346"
    assert servent.ctx.closed == [stream(2)]


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("line", Line)
def test_what_is_out_of_turn_ends_the_stream(stage: Stage, line: Line) -> None:
    said = {Line.NONSENSE: "GNUTELLA?", Line.REFUSE: "GNUTELLA/0.6 503 No"}
    text = said.get(line, line.value + ("0.6" if line is Line.OFFER else ""))
    assert meaning(text) is line
    servent, where = OneServent(grow=False), stream(1)
    if stage is Stage.OFFERED:
        servent.node.connect(where)
    servent.open(where)
    if stage in (Stage.ANSWERED, Stage.OPEN):
        servent.greet(where, OFFER)
    if stage is Stage.OPEN:
        servent.greet(where, OK)
        return  # the framing expects messages; a text does not get here

    servent.greet(where, text)

    refused = (stage, line) not in TURNS
    assert servent.rejected == ["out of turn"] * refused
    assert (where in servent.ctx.closed) is (refused or line is Line.REFUSE)


@pytest.mark.parametrize("lines", [0, 1])
def test_a_half_open_handshake_is_closed_in_time(lines: int) -> None:
    servent, where = OneServent(handshake_s=5.0), stream(1)
    servent.open(where)
    if lines:
        servent.greet(where, OFFER)

    servent.guard(servent.ctx.advance, 5.1)

    assert servent.ctx.closed == [where]
    assert servent.rejected == ["handshake too slow"]
    assert servent.ctx.timers == 0


def test_one_host_gets_few_streams_however_often_it_comes() -> None:
    servent = OneServent(max_per_host=4)

    for number in range(10_000):
        servent.open(("127.9.1.1", 10_000 + number))

    assert servent.rejected == ["too many streams from one host"] * 9_996
    assert len(servent.ctx.closed) == 9_996
    for number in range(4):
        servent.gone(("127.9.1.1", 10_000 + number))
    servent.link(7, host=1)
    assert len(servent.links) == 1


def test_who_says_nothing_takes_nobodys_place() -> None:
    servent = OneServent(max_links=2)
    for number in range(20):
        servent.open(stream(100 + number, host=number))

    servent.link(1)
    servent.link(2)

    assert len(servent.links) == 2


def test_few_handshakes_are_under_way_however_many_hosts_come() -> None:
    servent = OneServent()

    for number in range(200):
        servent.open((f"127.9.{number}.1", 5000))

    assert servent.rejected == ["too many handshakes at once"] * (200 - 64)


def test_a_peer_that_starts_again_replaces_its_own_link() -> None:
    servent = OneServent()
    old = servent.link(1, listen_ip="127.9.1.1:6346")

    new = servent.link(2, host=1, listen_ip="127.9.1.1:6346")

    assert servent.links == [("127.9.1.1", 6346)]
    assert servent.ctx.closed == [old]
    assert list(servent.node.links.in_use) == [new]


@pytest.mark.parametrize(
    ("host", "stays"), [("127.9.0.9", "ours"), ("127.9.0.1", "its")]
)
def test_of_two_streams_that_cross_that_of_the_lower_address_stays(host, stays) -> None:
    peer, its = (host, 6346), (host, 50_000)
    servent = OneServent(grow=False)
    joining = servent.node.bootstrap([peer])
    servent.open(its)

    servent.greet(its, OFFER, listen_ip=format_address(peer))

    if stays == "ours":
        assert servent.lines(its)[0].startswith("GNUTELLA/0.6 503")
        servent.open(peer)
        servent.greet(peer, OK)
    else:
        assert servent.lines(its) == [OK]
        servent.open(peer)
        servent.greet(peer, "GNUTELLA/0.6 503 Already connected")
        servent.greet(its, OK)
    assert joining.result == 1
    assert servent.links == [peer]
    assert len(servent.node.links.in_use) == 1
    servent.taken(peer)


def test_a_peer_that_says_it_dials_us_is_waited_for() -> None:
    peer, its = ("127.9.0.1", 6346), ("127.9.0.1", 50_000)
    servent = OneServent(grow=False)
    joining = servent.node.bootstrap([peer])
    servent.open(peer)
    servent.greet(peer, "GNUTELLA/0.6 503 Already connected")
    assert not joining.done

    servent.open(its)
    servent.greet(its, OFFER, listen_ip=format_address(peer))
    servent.greet(its, OK)

    assert joining.result == 1


def test_joining_fails_with_a_sentence_when_nobody_answers() -> None:
    servent = OneServent(grow=False)
    joining = servent.node.bootstrap([PEER])

    servent.gone(PEER)

    assert "none of the servents" in str(joining.error)


def test_a_link_that_is_gone_is_told_of_and_dialed_again() -> None:
    servent = OneServent(grow=False, upkeep_s=10.0)
    servent.node.bootstrap([PEER])
    servent.open(PEER)
    servent.greet(PEER, OK)

    servent.gone(PEER)
    servent.ctx.advance(30)

    assert servent.ctx.events[-1] == Disconnected(PEER)
    assert servent.ctx.dialed == [PEER, PEER]


def test_a_silent_peer_is_asked_and_then_closed() -> None:
    servent = OneServent(grow=False, upkeep_s=10.0, silence_s=60.0)
    servent.node.bootstrap([])
    where = servent.link(1)

    servent.ctx.advance(55)
    assert servent.taken(where, m.Ping)
    servent.hear(where, m.Pong(guid=bytes(16), address=("127.9.1.1", 6346)))
    servent.ctx.advance(55)
    assert servent.links
    servent.ctx.advance(40)

    assert servent.links == []
    assert servent.taken(where, m.Bye)[0].code == 408


def test_stopping_says_bye_and_leaves_no_timer() -> None:
    servent = OneServent()
    servent.node.bootstrap([])
    where = servent.link(1)
    servent.node.search("x")
    servent.open(stream(2))

    servent.node.stop()

    assert servent.taken(where, m.Bye)[0].reason == "Leaving"
    assert servent.ctx.closed == [where, stream(2)]
    assert servent.ctx.timers == 0
