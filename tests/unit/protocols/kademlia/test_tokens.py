"""Write tokens: for whom, and for how long."""

import random

import pytest

from p2pkit.protocols.kademlia.tokens import Tokens

HOST = "127.0.0.9"


@pytest.fixture
def tokens():
    return Tokens(random.Random(7), rotate_s=300.0)


def test_a_token_is_good_for_the_host_it_was_given_to_alone(tokens):
    token = tokens.give(HOST, 0.0)

    assert tokens.is_good(token, HOST, 1.0)
    assert not tokens.is_good(token, "127.0.0.8", 1.0)
    assert not tokens.is_good(b"", HOST, 1.0)
    assert not tokens.is_good(token[:-1], HOST, 1.0)


@pytest.mark.parametrize(
    ("given_s", "used_s", "good"),
    [(0, 299, True), (0, 599, True), (0, 600, False), (299, 599, True),
     (299, 600, False), (301, 899, True), (301, 900, False), (0, 1e6, False)],
)  # fmt: skip
def test_a_token_lives_five_to_ten_minutes(tokens, given_s, used_s, good):
    token = tokens.give(HOST, given_s)

    assert tokens.is_good(token, HOST, used_s) is good


def test_the_token_of_a_host_stays_the_same_until_the_secret_changes(tokens):
    first = tokens.give(HOST, 0.0)

    assert tokens.give(HOST, 299.0) == first
    assert tokens.give(HOST, 300.0) != first


def test_two_nodes_give_different_tokens():
    one, other = Tokens(random.Random(1), 300.0), Tokens(random.Random(2), 300.0)

    assert one.give(HOST, 0.0) != other.give(HOST, 0.0)


def test_after_a_long_silence_even_the_previous_secret_is_new(tokens):
    token = tokens.give(HOST, 0.0)
    tokens.give(HOST, 10_000.0)

    assert not tokens.is_good(token, HOST, 10_000.0)
    assert not tokens.is_good(token, HOST, 0.0)
