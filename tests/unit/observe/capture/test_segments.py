"""A stream is put together from late, doubled and missing segments, and it is told."""

from p2pkit.observe.capture.segments import ROUND, Direction, Piece

TEXT = b"the quick brown fox"


def begun(sequence: int = 999) -> Direction:
    one = Direction()
    one.begin(sequence)
    return one


def take(one: Direction, packet: int, at: int, data: bytes) -> list[Piece]:
    return list(one.take(packet, (1000 + at) % ROUND, data, len(data)))


def test_segments_in_order_are_given_on_at_once() -> None:
    one = begun()

    found = take(one, 1, 0, b"the ") + take(one, 2, 4, b"quick")

    assert found == [Piece(1, b"the "), Piece(2, b"quick")]
    assert one.is_whole


def test_a_segment_that_comes_early_waits_for_the_one_before() -> None:
    one = begun()

    early = take(one, 1, 4, b"quick")
    found = take(one, 2, 0, b"the ")

    assert early == []
    assert found == [Piece(2, b"the "), Piece(2, b"quick")]
    assert one.late_segments == 1


def test_what_comes_again_is_counted_and_not_given_on() -> None:
    one = begun()
    take(one, 1, 0, b"the quick")

    again = take(one, 2, 0, b"the quick") + take(one, 3, 4, b"quick")

    assert again == []
    assert one.again_bytes == 14


def test_of_an_overlap_only_what_is_new_is_given_on() -> None:
    one = begun()
    take(one, 1, 0, b"the qu")

    found = take(one, 2, 4, b"quick ")

    assert found == [Piece(2, b"ick ")]
    assert one.again_bytes == 2


def test_numbers_that_begin_again_at_zero_are_followed() -> None:
    one = begun(ROUND - 5)

    first = list(one.take(1, ROUND - 4, b"the quick", 9))
    found = list(one.take(2, 5, b"brown", 5))

    assert [*first, *found] == [Piece(1, b"the quick"), Piece(2, b"brown")]


def test_what_the_other_end_has_and_the_file_has_not_is_missing() -> None:
    one = begun()
    take(one, 1, 0, b"the ")
    waits = take(one, 3, 10, b"brown")

    found = list(one.acknowledged(1015))

    assert waits == []
    assert found == [Piece(3, b"brown", missing_bytes=6)]
    assert one.missing_bytes == 6


def test_at_the_end_nothing_waits_any_more() -> None:
    one = begun()
    take(one, 1, 4, b"quick")
    take(one, 2, 12, b"wn")

    found = list(one.end())

    assert found == [Piece(1, b"quick", 4), Piece(2, b"wn", 3)]


def test_a_segment_that_was_cut_short_leaves_a_hole() -> None:
    one = begun()

    found = list(one.take(1, 1000, b"the", 9))
    after = take(one, 2, 9, b" brown")

    assert found == [Piece(1, b"the"), Piece(1, b"", 6)]
    assert after == [Piece(2, b" brown")]
    assert (one.stream_bytes, one.cut_bytes) == (9, 6)


def test_a_stream_seen_from_its_middle_begins_where_it_is_seen() -> None:
    one = Direction()

    found = list(one.take(1, 123_456, b"fox", 3))

    assert found == [Piece(1, b"fox")]
    assert not one.is_whole


def test_few_segments_wait_however_many_are_early() -> None:
    one = begun()
    for number in range(2_000):
        take(one, number, 1 + 2 * number, b"x")

    assert len(one._waiting) <= 512
    assert one.missing_bytes > 1_000
