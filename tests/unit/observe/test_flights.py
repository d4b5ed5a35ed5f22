"""Flights: sightings of both ends are put together, whatever got lost or came twice."""

import random

import pytest

from p2pkit.core import Sighting, format_address
from p2pkit.observe.flights import Flight, decoded, pair
from tests.cluster.pinger import Ping, Pinger

ONE, TWO = ("127.1.0.1", 6881), ("127.1.1.1", 6881)
NAMES = {ONE: "n00", TWO: "n01"}


def name_of(address):
    return NAMES.get(address) or format_address(address)


def sent(at_s, data=b"x", node="n00", to=TWO):
    return Sighting(at_s, node, to, "sent", "Ping", data)


def heard(at_s, data=b"x", node="n01", sender=ONE):
    return Sighting(at_s, node, sender, "heard", "Ping", data)


def lost(at_s, reason, data=b"x", node="n00", peer=TWO):
    return Sighting(at_s, node, peer, "lost", "", data, reason)


def times(flights):
    return [(one.sent_s, one.heard_s, one.lost) for one in flights]


def test_both_ends_of_a_message_are_one_flight():
    flights = pair([heard(1.2), sent(1.0)], name_of)

    assert flights == [Flight(1.0, 1.2, "n00", "n01", "Ping", b"x")]


def test_what_is_still_on_its_way_has_no_arrival():
    assert times(pair([sent(1.0)], name_of)) == [(1.0, None, "")]


def test_a_resent_message_arrives_for_the_one_that_was_not_dropped():
    seen = [sent(1.0), lost(1.0, "loss"), sent(1.5), heard(1.6)]

    assert times(pair(seen, name_of)) == [(1.0, None, "loss"), (1.5, 1.6, "")]


def test_what_arrives_twice_was_sent_once():
    seen = [sent(1.0), heard(1.1), heard(1.2)]

    assert times(pair(seen, name_of)) == [(1.0, 1.1, ""), (None, 1.2, "")]


def test_what_is_refused_where_it_arrives_says_why():
    refused = lost(1.1, "too hot", node="n01", peer=ONE)

    assert times(pair([sent(1.0), refused], name_of)) == [(1.0, None, "too hot")]
    seen = [sent(1.0), heard(1.1), refused]
    assert times(pair(seen, name_of)) == [(1.0, 1.1, "too hot")]


def test_clocks_that_differ_a_little_do_not_part_the_ends():
    assert times(pair([heard(0.999), sent(1.0)], name_of)) == [(1.0, 0.999, "")]


def test_a_foreign_peer_is_named_by_its_address():
    (flight,) = pair([heard(1.0, sender=("127.0.0.1", 5))], name_of)

    assert (flight.source, flight.target) == ("127.0.0.1:5", "n01")


@pytest.mark.parametrize("seed", range(20))
def test_every_message_of_a_busy_pair_finds_its_other_end(seed):
    rng = random.Random(seed)
    truth, seen = [], []
    for number in range(200):
        at_s = number * 0.01
        data = bytes([rng.randrange(3)])  # many are alike
        is_lost = rng.random() < 0.5
        arrival = lost(at_s, "loss", data) if is_lost else heard(at_s + 0.004, data)
        seen += [sent(at_s, data), arrival]
        truth.append((at_s, None if is_lost else at_s + 0.004))

    flights = pair(seen, name_of)

    assert [(one.sent_s, one.heard_s) for one in flights] == truth, seed


def test_a_message_is_told_field_by_field():
    data = Pinger.codec.encode(Ping(5, b"\x01" * 40))
    flight = Flight(1.0, None, "n00", "n01", "Ping", data)

    text = decoded(flight, Pinger.codec)

    assert text == f"Ping\n  number = 5\n  sender = {'01' * 24}... (40 bytes)"


def test_bytes_that_are_no_message_are_told_in_a_sentence():
    flight = Flight(1.0, None, "n00", "n01", "", b"\xff")

    assert "1 bytes that do not decode" in decoded(flight, Pinger.codec)
