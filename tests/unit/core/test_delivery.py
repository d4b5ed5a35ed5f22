"""What carries news to many: ids that bind, memories that are bounded."""

import pytest

from p2pkit.core import LocalProtocolError, Recent, message_id, require_payload


def test_an_id_binds_topic_nonce_and_payload_and_where_each_ends():
    ids = {
        message_id(topic, nonce, payload)
        for topic, nonce, payload in [
            ("a", b"b", b"c"), ("ab", b"", b"c"), ("a", b"bc", b""), ("", b"ab", b"c"),
        ]
    }  # fmt: skip

    assert len(ids) == 4
    assert {len(one) for one in ids} == {16}


# Pinned, for nodes of two versions have to agree.
def test_the_id_of_a_known_message_stays_what_it_was():
    number = message_id("news", bytes(8), b"hello")

    assert number.hex() == "f09c1c5cbb02a51da93fa5b83690346a"


def test_recent_forgets_the_oldest_and_a_repeated_key_pushes_nobody_out():
    recent = Recent(2)
    for key in ("a", "b", "b", "a"):
        recent.put(key, None)
    assert list(recent) == ["a", "b"]

    recent.put("c", None)

    assert list(recent) == ["b", "c"]


def test_a_payload_that_is_too_long_is_the_callers_mistake():
    require_payload(bytes(10), 10)
    with pytest.raises(LocalProtocolError, match="11 bytes are more than"):
        require_payload(bytes(11), 10)
