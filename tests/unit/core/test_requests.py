"""Requests: deadlines, resends, slow peers, late replies."""

import pytest

from p2pkit.core import Message, Requests

PEER, OTHER = ("127.0.0.2", 1), ("127.0.0.3", 1)


class Ask(Message, frozen=True):
    tid: bytes


class Heard:
    """What an asker was told, in order."""

    def __init__(self):
        self.said = []

    def arguments(self):
        return (
            lambda reply: self.said.append(reply),
            lambda: self.said.append("failed"),
            lambda: self.said.append("slow"),
        )


@pytest.fixture
def ctx(recorders):
    return recorders()


@pytest.fixture
def requests(ctx):
    return Requests(ctx, resend_s=0.5, timeout_s=2.0, limit=3)


def ask(requests, to=PEER):
    heard = Heard()
    requests.ask(to, Ask, *heard.arguments())
    return heard


def test_a_reply_is_handed_to_the_asker_once(ctx, requests):
    heard = ask(requests)
    to, message = ctx.take(Ask)

    requests.settle(PEER, message.tid).on_reply("here")

    assert (to, heard.said, len(requests)) == (PEER, ["here"], 0)
    assert requests.settle(PEER, message.tid) is None


def test_a_reply_from_another_address_does_not_count(ctx, requests):
    heard = ask(requests)
    _, message = ctx.take(Ask)

    assert requests.settle(OTHER, message.tid) is None
    requests.settle(PEER, message.tid).on_reply("here")

    assert heard.said == ["here"]


def test_an_unknown_transaction_id_settles_nothing(ctx, requests):
    ask(requests)
    ctx.take(Ask)

    assert requests.settle(PEER, b"none") is None
    assert len(requests) == 1


def test_a_request_is_sent_again_until_its_deadline(ctx, requests):
    ask(requests)

    ctx.advance(1.9)

    sent = ctx.take_all(Ask)
    assert len(sent) == 4  # at 0, 0.5, 1.0 and 1.5 s
    assert len({message.tid for _, message in sent}) == 1


def test_the_first_resend_says_once_that_the_peer_is_slow(ctx, requests):
    heard = ask(requests)

    ctx.advance(0.49)
    before = list(heard.said)
    ctx.advance(1.4)
    ctx.take_all(Ask)

    assert (before, heard.said) == ([], ["slow"])


def test_a_late_reply_counts_until_the_deadline(ctx, requests):
    heard = ask(requests)
    ctx.advance(1.9)
    _, message = ctx.take_all(Ask)[0]

    requests.settle(PEER, message.tid).on_reply("late")
    ctx.advance(10)

    assert heard.said == ["slow", "late"]


# Pitfall: no deadline for each request, so that one mute peer hangs the asker.
def test_a_mute_peer_fails_at_the_deadline_and_is_asked_no_more(ctx, requests):
    heard = ask(requests)

    ctx.advance(1.99)
    before = list(heard.said)
    ctx.advance(0.02)
    sends = len(ctx.take_all(Ask))
    ctx.advance(60)

    assert (before, heard.said) == (["slow"], ["slow", "failed"])
    assert (sends, len(requests), ctx.sent) == (4, 0, [])


def test_after_the_deadline_a_reply_settles_nothing(ctx, requests):
    ask(requests)
    ctx.advance(3)
    _, message = ctx.take_all(Ask)[0]

    assert requests.settle(PEER, message.tid) is None


def test_one_request_above_the_limit_fails_at_once_and_is_not_sent(ctx, requests):
    for _ in range(3):
        ask(requests)
    ctx.take_all(Ask)

    heard = ask(requests)
    inside = list(heard.said)
    ctx.advance(0)

    assert (inside, heard.said) == ([], ["failed"])  # never from inside `ask`


def test_requests_of_different_age_each_keep_their_own_deadline(ctx, requests):
    first = ask(requests)
    ctx.advance(0.3)
    second = ask(requests)

    ctx.advance(1.75)  # now 2.05
    states = list(first.said), list(second.said)
    ctx.advance(0.3)
    ctx.take_all(Ask)

    assert states == (["slow", "failed"], ["slow"])
    assert second.said == ["slow", "failed"]


def test_one_timer_serves_all_requests(ctx, requests):
    for _ in range(3):
        ask(requests)
    ctx.take_all(Ask)

    assert ctx.timers == 1


def test_transaction_ids_in_flight_are_all_different(ctx, requests):
    requests.limit = 300
    for _ in range(300):
        ask(requests)

    assert len({message.tid for _, message in ctx.take_all(Ask)}) == 300


def test_a_transaction_id_has_four_bytes_of_the_nodes_own_chance(recorders):
    def first_id(seed):
        ctx = recorders(seed=seed)
        ask(Requests(ctx, resend_s=1, timeout_s=2))
        return ctx.take(Ask)[1].tid

    assert first_id("a") == first_id("a") != first_id("b")
    assert len(first_id("a")) == 4


def test_after_stop_nobody_is_told_anything_and_no_timer_is_left(ctx, requests):
    heard = ask(requests)
    ctx.take_all(Ask)

    requests.stop()
    ctx.advance(60)

    assert (heard.said, len(requests), ctx.timers) == ([], 0, 0)


def test_a_failure_may_ask_again_from_inside_the_callback(ctx, requests):
    heard = Heard()
    requests.ask(PEER, Ask, lambda _: None, lambda: ask_again())

    def ask_again():
        requests.ask(OTHER, Ask, *heard.arguments())

    ctx.advance(2.0)
    ctx.take_all(Ask)
    ctx.advance(2.0)

    assert {to for to, _ in ctx.take_all(Ask)} == {OTHER}
    assert heard.said == ["slow", "failed"]
