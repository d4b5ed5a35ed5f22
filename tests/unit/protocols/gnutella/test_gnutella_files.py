"""Files over HTTP: what is asked for, what is answered, and how a fetch ends."""

from __future__ import annotations

from hashlib import sha1
from urllib.parse import quote

import pytest

from p2pkit.core import LocalProtocolError, PeerUnreachable, TransportError
from p2pkit.protocols.gnutella import Hit
from p2pkit.protocols.gnutella import messages as m
from p2pkit.protocols.gnutella.http import read_range
from p2pkit.protocols.gnutella.huge import write_urn
from p2pkit.protocols.gnutella.library import MAX_FILES, Library, words
from p2pkit.protocols.gnutella.text import Http
from tests.one_servent import HERE, OneServent, stream

NAME = "small world — größer & 50% more.txt"
DATA = bytes(range(100))
PEER = ("127.9.2.1", 6346)
GUID = bytes(range(16))


@pytest.fixture
def servent() -> OneServent:
    one = OneServent(max_uploads=2, http_s=10.0)
    assert one.node.share(NAME, DATA) == 1
    return one


def ask(one: OneServent, line: str, number: int = 1, **headers: str) -> Http:
    """Ask on a stream of one's own, and return the answer."""
    where = stream(number)
    if where not in one.node.streams:
        one.open(where)
    text = "".join(f"{key}: {value}\r\n" for key, value in headers.items())
    one.hear(where, f"{line}\r\n{text}\r\n".encode())
    (answer,) = one.taken(where)
    assert isinstance(answer, Http)
    return answer


def get(range_: str = "", method: str = "GET") -> tuple[str, dict[str, str]]:
    line = f"{method} /get/1/{quote(NAME)} HTTP/1.1"
    return line, {"Range": range_} if range_ else {}


@pytest.mark.parametrize(
    ("range_", "status", "start", "end"),
    [
        ("", 200, 0, 100),
        ("bytes=0-", 200, 0, 100),
        ("bytes=0-9", 206, 0, 10),
        ("bytes=90-", 206, 90, 100),
        ("bytes=90-500", 206, 90, 100),
        ("bytes=-5", 206, 95, 100),
        ("bytes=99-99", 206, 99, 100),
        ("Bytes 2-4", 206, 2, 5),  # as some servents say it
        ("bytes=9-3", 200, 0, 100),  # no range, so all of it (RFC 2616, 14.35.1)
        ("bytes=0-1,5-6", 200, 0, 100),
        ("lines=1-2", 200, 0, 100),
    ],
)
def test_ranges_are_answered_as_http_has_it(servent, range_, status, start, end):
    line, headers = get(range_)

    answer = ask(servent, line, **headers)

    assert answer.line.startswith(f"HTTP/1.1 {status} ")
    assert answer.body == DATA[start:end]
    assert answer.header("content-length") == str(end - start)
    if range_:
        assert answer.header("content-range") == f"bytes {start}-{end - 1}/100"
    assert answer.header("x-gnutella-content-urn").startswith("urn:sha1:")


@pytest.mark.parametrize("range_", ["bytes=100-", "bytes=1000-2000", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(servent, range_) -> None:
    line, headers = get(range_)

    answer = ask(servent, line, **headers)

    assert answer.line.startswith("HTTP/1.1 416 ")
    assert answer.header("content-range") == "bytes */100"


def test_a_head_has_the_length_and_no_body(servent: OneServent) -> None:
    line, _ = get(method="HEAD")

    answer = ask(servent, line)

    assert (answer.header("content-length"), answer.body) == ("100", b"")


def test_a_file_is_given_by_its_content_too(servent: OneServent) -> None:
    urn = servent.node.library.files[1].sha1

    line = f"GET /uri-res/N2R?{write_urn(urn).decode()} HTTP/1.1"

    assert ask(servent, line).body == DATA
    for other in (
        line.replace("N2R", "n2r"),
        line.replace("urn:sha1:", "urn%3Asha1%3A"),
    ):
        assert ask(servent, other).body == DATA


def test_a_servent_of_version_04_ends_the_path_in_a_slash(servent: OneServent) -> None:
    asked = f"GET /get/1/{NAME}/ HTTP/1.0"

    assert ask(servent, asked, Range="bytes=0-").body == DATA


@pytest.mark.parametrize(
    "path", ["/get/1/other", "/get/2/x", "/", "/uri-res/N2R?urn:sha1:AAAA", "/get/1/"]
)
def test_what_is_not_shared_is_not_found(servent: OneServent, path: str) -> None:
    assert ask(servent, f"GET {path} HTTP/1.1").line.startswith("HTTP/1.1 404 ")


def test_what_is_no_request_is_refused_and_closed(servent: OneServent) -> None:
    answer = ask(servent, "GET nothing")

    assert answer.line.startswith("HTTP/1.1 400 ")
    assert servent.rejected == ["no request"]
    assert servent.ctx.closed == [stream(1)]


def test_one_stream_serves_many_requests_unless_it_says_otherwise(servent) -> None:
    for _ in range(5):
        assert ask(servent, get()[0]).body == DATA
    assert servent.ctx.closed == []

    ask(servent, get()[0], Connection="close")
    ask(servent, get()[0].replace("1.1", "1.0"), number=2)

    assert servent.ctx.closed == [stream(1), stream(2)]
    assert servent.ctx.timers == 0


def test_whoever_comes_too_many_is_asked_to_come_again(servent: OneServent) -> None:
    for number in (1, 2):
        ask(servent, get()[0], number=number)

    answer = ask(servent, get()[0], number=3)

    assert answer.line.startswith("HTTP/1.1 503 ")
    assert answer.header("retry-after")
    assert servent.ctx.closed == [stream(3)]


def test_an_idle_stream_is_closed(servent: OneServent) -> None:
    ask(servent, get()[0])

    servent.ctx.advance(10.1)

    assert servent.ctx.closed == [stream(1)]


def found(size: int = 4, sha1: bytes = b"") -> Hit:
    return Hit("a b", size, 7, PEER, GUID, 2, sha1)


def answer(status: int, body: bytes = b"") -> bytes:
    return f"HTTP/1.1 {status} X\r\nContent-length: {len(body)}\r\n\r\n".encode() + body


def test_a_file_is_fetched_by_number_and_name_and_checked() -> None:
    servent = OneServent()

    fetch = servent.node.fetch(found(sha1=sha1(b"abcd").digest()))
    assert servent.ctx.dialed == [PEER]
    servent.open(PEER)
    (request,) = servent.taken(PEER)
    assert request.line == "GET /get/7/a%20b HTTP/1.1"
    assert request.header("range") == "bytes=0-3"

    servent.hear(PEER, answer(206, b"ab"))
    assert servent.taken(PEER)[0].header("range") == "bytes=2-3"
    servent.hear(PEER, answer(206, b"cd"))

    assert fetch.result == b"abcd"
    assert servent.ctx.closed == []
    servent.ctx.advance(5.1)
    assert servent.ctx.closed == [PEER]
    assert servent.ctx.timers == 0


def test_the_next_fetch_finds_the_stream_of_the_last() -> None:
    servent = OneServent()
    for number in range(2):
        fetch = servent.node.fetch(found(), 0, 2)
        if number == 0:
            servent.open(PEER)
        servent.taken(PEER)
        servent.hear(PEER, answer(206, b"ab"))
        assert fetch.result == b"ab"

    assert servent.ctx.dialed == [PEER]


def test_a_stream_that_is_still_closing_is_dialed_when_it_is_gone() -> None:
    servent = OneServent(grow=False)
    servent.node.connect(PEER)
    servent.open(PEER)
    servent.greet(PEER, "GNUTELLA/0.6 200 OK")
    servent.node.disconnect(PEER)

    linking = servent.node.connect(PEER)
    assert servent.ctx.dialed == [PEER]
    servent.gone(PEER)

    assert servent.ctx.dialed == [PEER, PEER]
    assert not linking.done
    servent.ctx.said.clear()


def test_who_ignores_ranges_is_understood() -> None:
    servent = OneServent()
    fetch = servent.node.fetch(found(), 1, 3)
    servent.open(PEER)
    servent.taken(PEER)

    servent.hear(PEER, answer(200, b"abcd"))

    assert fetch.result == b"bc"


def test_two_fetches_from_one_servent_share_a_stream() -> None:
    servent = OneServent()
    fetches = [servent.node.fetch(found(), at, at + 1) for at in (0, 2)]
    servent.open(PEER)
    for at in (0, 2):
        (request,) = servent.taken(PEER)
        assert request.header("range") == f"bytes={at}-{at}"
        servent.hear(PEER, answer(206, b"x"))

    assert [one.result for one in fetches] == [b"x", b"x"]
    assert servent.ctx.dialed == [PEER]


@pytest.mark.parametrize(
    ("said", "error", "reason"),
    [
        (answer(503), TransportError, "503"),
        (answer(404), TransportError, "404"),
        (answer(206, b""), None, "empty part"),
        (answer(206, b"abcx"), None, "content is not what its hash says"),
        (b"HTTP/1.1 what\r\n\r\n", None, "no answer"),
    ],
)
def test_an_answer_that_is_none_ends_the_fetch(said, error, reason) -> None:
    servent = OneServent()
    fetch = servent.node.fetch(found(sha1=bytes(20)))
    servent.open(PEER)
    servent.taken(PEER)

    servent.hear(PEER, said)

    assert reason in str(fetch.error)
    assert servent.rejected == ([] if error else [reason])
    assert servent.ctx.closed == [PEER]
    assert servent.ctx.timers == 0


def test_a_servent_that_says_nothing_ends_the_fetch() -> None:
    servent = OneServent(http_s=10.0)
    fetch = servent.node.fetch(found())
    servent.open(PEER)
    servent.taken(PEER)

    servent.ctx.advance(10.1)

    assert isinstance(fetch.error, PeerUnreachable)
    assert servent.ctx.closed == [PEER]


def test_who_does_not_answer_and_to_whom_no_link_leads_is_given_up() -> None:
    servent = OneServent()
    fetch = servent.node.fetch(found())

    servent.gone(PEER)

    assert isinstance(fetch.error, PeerUnreachable)


def test_a_range_that_is_none_is_one_sentence() -> None:
    with pytest.raises(LocalProtocolError, match="a file of 4 bytes has none"):
        OneServent().node.fetch(found(), 3, 2)
    assert OneServent().node.fetch(found(), 2, 2).result == b""


def push_asked(servent: OneServent) -> m.Push:
    """Let a fetch find that a link has the only stream to the file's servent."""
    servent.node.connect(PEER)
    servent.open(PEER)
    servent.greet(PEER, "GNUTELLA/0.6 200 OK")
    servent.taken(PEER)
    (push,) = (servent.node.fetch(found()), *servent.taken(PEER))[1:]
    return push


def test_where_a_link_has_the_stream_a_push_asks_for_another() -> None:
    servent, its = OneServent(), ("127.9.2.1", 50_000)

    push = push_asked(servent)

    assert (push.servent, push.index, push.address) == (GUID, 7, HERE)
    servent.open(its)
    servent.hear(its, f"GIV 7:{GUID.hex().upper()}/a b\n\n".encode())
    assert servent.taken(its)[0].line == "GET /get/7/a%20b HTTP/1.1"
    servent.hear(its, answer(206, b"abcd"))
    assert servent.ctx.events[-1].ok


def test_an_offer_that_nobody_asked_for_is_refused() -> None:
    servent, its = OneServent(), stream(1)
    servent.open(its)

    servent.hear(its, b"GIV 7:00/a b\n\n")

    assert servent.rejected == ["giv for no push"]
    assert servent.ctx.closed == [its]


def test_a_push_for_us_is_answered_by_a_call(servent: OneServent) -> None:
    where = servent.link(1)
    me = servent.node.pushes.servent

    servent.hear(where, m.Push(guid=GUID, ttl=3, servent=me, index=1, address=PEER))
    servent.open(PEER)

    assert servent.lines(PEER) == [f"GIV 1:{me.hex().upper()}/{NAME}"]
    servent.hear(PEER, f"{get()[0]}\r\n\r\n".encode())
    assert servent.taken(PEER)[0].body == DATA


def test_a_push_for_another_goes_the_way_its_hit_came(servent: OneServent) -> None:
    one, other = servent.link(1), servent.link(2)
    servent.hear(one, m.Query(guid=GUID, ttl=1, text="x"))
    hit = m.QueryHit(guid=GUID, ttl=2, address=PEER, results=(), servent=GUID)
    servent.hear(other, hit)
    servent.ctx.said.clear()
    push = m.Push(guid=GUID, ttl=3, servent=GUID, index=1, address=HERE)

    servent.hear(one, push)

    assert [to for to, _ in servent.ctx.said] == [other]
    servent.hear(one, m.Push(guid=GUID, servent=bytes(16), index=1, address=HERE))
    assert servent.rejected == ["push for nobody"]
    servent.ctx.said.clear()


def test_pushes_have_us_call_few_at_a_time(servent: OneServent) -> None:
    where, me = servent.link(1), servent.node.pushes.servent

    for number in range(50):
        address = (f"127.9.7.{number}", 6346)
        push = m.Push(guid=GUID, ttl=3, servent=me, index=1, address=address)
        servent.hear(where, push)

    assert len(servent.ctx.dialed) == 8
    assert servent.rejected == ["too many pushes"] * 42


def test_a_library_finds_what_has_all_the_words() -> None:
    library = Library()
    names = ["Small World.txt", "small WORLD graphs", "small talk", "wide world"]
    for name in names:
        library.add(name)

    assert [one.name for one in library.find("world SMALL", 9)] == names[:2]
    assert [one.number for one in library.find("small", 2)] == [1, 2]
    assert library.find("", 9) == library.find("nothing", 9) == []
    library.remove(1)
    assert [one.name for one in library.find("world small", 9)] == names[1:2]
    assert sorted(words("a-b_c")) == ["a", "b", "c"]
    assert words("CAFE\u0301") == words("café")


def test_a_library_is_bounded() -> None:
    library = Library()
    for number in range(MAX_FILES):
        library.add(f"f{number}")

    with pytest.raises(LocalProtocolError, match="has no room"):
        library.add("one more")
    for name in ("...", "two\nlines", "x" * 256, "a\0b"):
        with pytest.raises(LocalProtocolError, match="is no name"):
            Library().add(name)


def test_no_range_is_longer_than_its_file() -> None:
    for text in ("bytes=5-", "bytes=-7", "bytes=2-99", "", "bytes=-"):
        start, end = read_range(text, 6) or (0, 0)
        assert 0 <= start < end <= 6
