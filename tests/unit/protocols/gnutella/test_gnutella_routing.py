"""Questions and hits at one servent: whom they go to, and what is refused."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from p2pkit.core import LocalProtocolError
from p2pkit.protocols.gnutella import Flood, HitRouted, QueryHeard
from p2pkit.protocols.gnutella import messages as m
from p2pkit.protocols.gnutella.checks import say
from p2pkit.protocols.gnutella.results import write_results
from p2pkit.protocols.gnutella.trailer import PLAIN
from tests.one_servent import HERE, OneServent, guid, hit, query, stream


@pytest.fixture
def servent() -> OneServent:
    """Return a servent with three links."""
    one = OneServent(max_routes=16)
    for number in (1, 2, 3):
        one.link(number)
    one.ctx.advance(1)  # what neighbors tell each other at once
    return one


def test_news_goes_to_all_but_where_it_came_from(servent: OneServent) -> None:
    servent.hear(stream(1), query(ttl=5, hops=2))

    assert servent.taken(stream(1)) == []
    for number in (2, 3):
        assert servent.taken(stream(number)) == [query(ttl=4, hops=3)]
    assert servent.ctx.events[-1] == QueryHeard(guid(1), stream(1), 3)


def test_what_was_heard_goes_nowhere(servent: OneServent) -> None:
    servent.hear(stream(1), query())
    servent.ctx.said.clear()

    servent.hear(stream(2), query(ttl=6))

    assert servent.ctx.said == []
    assert servent.node.inspect()["duplicates"] == 1
    assert servent.rejected == []


def test_four_blanks_ask_a_neighbor_for_every_file() -> None:
    servent = OneServent(max_hits=2)
    servent.link(1)
    servent.ctx.advance(1)
    names = [servent.node.library.add(f"file {at}").name for at in range(5)]

    servent.hear(stream(1), query(1, text="    ", ttl=1))
    servent.hear(stream(1), query(2, text="    ", ttl=2))
    servent.hear(stream(1), query(3, text="    ", ttl=1, hops=1))

    answers = servent.taken(stream(1))
    assert [len(one.results) for one in answers] == [2, 2, 1]
    assert [found.name for one in answers for found in one.results] == names


def test_query_with_ttl_one_is_answered_but_not_forwarded(servent: OneServent) -> None:
    number = servent.node.share("A small-world graph.txt", b"abc")

    servent.hear(stream(1), query(ttl=1, hops=3))

    ((to, answer),) = servent.ctx.said
    assert to == stream(1)
    assert (answer.ttl, answer.hops, answer.address) == (4, 0, HERE)
    (found,) = answer.results
    assert (found.index, found.size_bytes) == (number, 3)
    assert found.name == "A small-world graph.txt"
    assert found.ext.startswith(b"urn:sha1:")
    assert answer.trailer == PLAIN


def test_a_file_is_found_by_its_content_too(servent: OneServent) -> None:
    servent.node.share("nothing of this name", b"abc")
    urn = b"urn:sha1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5"  # of abc, FIPS 180

    servent.hear(stream(1), query(ttl=1, text="", ext=urn))

    assert servent.taken(stream(1))[0].results[0].ext == urn


@pytest.mark.parametrize(
    ("ttl", "hops", "onward", "reason"),
    [
        (7, 0, (6, 1), None),
        (15, 0, (6, 1), None),  # more than is allowed, and cut to it
        (7, 5, (1, 6), None),
        (16, 0, None, "forged ttl"),
        (255, 3, None, "forged ttl"),
        (1, 7, None, "too far from home"),
        (7, 255, None, "too far from home"),
        (0, 0, None, None),  # has come, and goes no further
    ],
)
def test_ttl_and_hops_stay_within_seven(servent, ttl, hops, onward, reason) -> None:
    servent.hear(stream(1), query(ttl=ttl, hops=hops))

    passed = [(one.ttl, one.hops) for one in servent.taken(stream(2))]
    assert passed == ([onward] if onward else [])
    assert servent.rejected == ([reason] if reason else [])
    servent.taken(stream(3))


def test_hits_go_back_the_way_their_question_came(servent: OneServent) -> None:
    servent.hear(stream(1), query())
    servent.ctx.said.clear()

    servent.hear(stream(3), hit(ttl=4, hops=1))

    assert servent.ctx.said == [(stream(1), hit(ttl=3, hops=2))]
    assert servent.ctx.events[-1] == HitRouted(guid(1), stream(3), 2)


def test_hits_for_no_question_are_refused_and_in_the_end_so_is_their_link() -> None:
    servent = OneServent(max_offenses=10)
    where = servent.link(1)

    for number in range(20):
        servent.hear(where, hit(number))

    assert servent.rejected == ["hit for no question"] * 10
    assert servent.links == []
    assert servent.taken(where, m.Bye)[0].code == 400


def test_what_is_remembered_is_bounded_and_what_was_forgotten_is_news(servent):
    for number in range(1, 1001):
        servent.hear(stream(1), query(number, ttl=1))

    assert len(servent.node.router.came_by) == 16
    servent.hear(stream(2), hit(3))
    assert servent.rejected == ["hit for no question"]


def test_a_search_ends_with_enough_files_and_counts_each_once(servent) -> None:
    search = servent.node.search("world", want=2)
    asked = servent.taken(stream(1))[0]
    found = hit(hops=2, results=(m.Result(5, 3, "a"),))
    answer = replace(found, guid=asked.guid)

    servent.hear(stream(1), answer)
    servent.hear(stream(2), answer)
    assert not search.done
    servent.hear(stream(2), replace(answer, servent=guid(98)))

    assert [(one.name, one.hops) for one in search.result] == [("a", 3), ("a", 3)]
    assert [one.hop for one in search.steps] == [3, 3, 3]
    assert servent.node.router.asked == {}
    assert servent.ctx.timers == 0
    servent.ctx.said.clear()


def test_a_search_ends_in_time_with_what_there_is(servent: OneServent) -> None:
    search = servent.node.search("world", want=5)

    servent.ctx.advance(3.1)

    assert search.result == []
    assert search.event() in servent.ctx.events
    servent.ctx.said.clear()


def test_a_rule_that_is_none_is_one_sentence(servent: OneServent) -> None:
    with pytest.raises(LocalProtocolError, match="there is no rule 'fly': say flood"):
        servent.node.search("x", rule="fly")
    with pytest.raises(LocalProtocolError, match="RandomWalk has no setting 'ttl'"):
        servent.node.search("x", rule="walks", ttl=3)
    for text in ("x" * 257, "a\0b"):
        with pytest.raises(LocalProtocolError, match="up to 256 bytes and no zero"):
            servent.node.search(text)


def test_a_coin_that_never_falls_right_asks_the_first_neighbors_alone(servent):
    servent.node.search("x", rule=Flood(odds=0.0))
    asked = servent.taken(stream(1))[0]
    servent.ctx.said.clear()
    assert asked.ttl + asked.hops == 7

    other = OneServent()
    other.link(1)
    other.link(2)
    other.hear(stream(1), asked)

    assert other.ctx.said == []


def test_a_course_that_cannot_be_read_is_refused(servent: OneServent) -> None:
    for course in (b"\xff", b"", b"\x93\xa6Walker\x01\x02"):
        size = bytes([0x40 | len(course)])
        servent.hear(stream(1), query(ext=b"\xc3\x84P2PK" + size + course))

    assert servent.rejected == ["unreadable course"] * 3
    assert servent.ctx.said == []


def test_pings_are_answered_for_us_and_those_linked_and_go_no_further(servent) -> None:
    servent.hear(stream(1), m.Ping(guid=guid(1), ttl=1))
    servent.hear(stream(1), m.Ping(guid=guid(2), ttl=7))

    pongs = servent.taken(stream(1), m.Pong)
    assert [one.address for one in pongs if one.guid == guid(1)] == [HERE]
    others = [one.address for one in pongs if one.guid == guid(2)]
    assert others == [HERE, stream(3), stream(2)]
    assert servent.ctx.said == []


def test_pongs_that_nobody_asked_for_are_refused(servent: OneServent) -> None:
    servent.hear(stream(1), m.Pong(guid=guid(1), address=("127.66.6.6", 666)))

    assert servent.rejected == ["pong for no ping"]
    assert "127.66.6.6:666" not in servent.node.inspect()["hosts"]


def test_a_ping_tells_how_long_it_took(servent: OneServent) -> None:
    operation = servent.node.ping(stream(1))
    asked = servent.taken(stream(1))[0]
    servent.ctx.advance(0.25)

    servent.hear(stream(1), m.Pong(guid=asked.guid, address=stream(1)))

    assert operation.result == 0.25
    assert servent.ctx.timers == 0


def test_neighbors_of_ours_are_told_how_many_links_there_are() -> None:
    servent = OneServent(degree=4)
    ours = servent.link(1, user_agent="p2pkit")
    other = servent.link(2, user_agent="Foreign/1.0")
    servent.ctx.advance(1)
    (said,) = servent.taken(ours)
    assert (said.vendor, said.selector, said.data) == (b"P2PK", 3, b"\2\0")
    assert servent.taken(other) == []

    servent.gone(other)
    servent.ctx.advance(1)
    assert servent.taken(ours)[0].data == b"\1\0"

    servent.hear(ours, say(guid(1), 3, b"\x2a\0"))
    assert servent.node.links.in_use[ours].degree == 42


def test_files_that_a_neighbor_tells_of_are_bounded() -> None:
    servent = OneServent(one_hop=True)
    where = servent.link(1, user_agent="p2pkit")
    results = write_results([m.Result(i, 1, "small world") for i in range(100)])

    for number in range(20):
        servent.hear(where, say(guid(1), 4 if number == 0 else 5, results))

    assert servent.rejected == ["too many files of a neighbor"] * 10
    servent.ctx.said.clear()
    servent.hear(where, query(text="small", ttl=1))
    (answer,) = servent.taken(where)
    assert (answer.address, len(answer.results)) == (where, 64)


def test_unknown_messages_are_passed_over(servent: OneServent) -> None:
    servent.hear(stream(1), m.Other(guid=guid(1), kind=9))
    servent.hear(stream(1), m.Vendor(guid=guid(1), vendor=b"LIME", selector=4))

    assert servent.rejected == []
    assert len(servent.links) == 3
    assert servent.ctx.said == []
