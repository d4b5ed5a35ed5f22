"""The one place that says where attackers and crafted packets may go."""

import pickle

import pytest

from p2pkit.core import ForbiddenTarget, P2PError, Targets
from p2pkit.core.targets import Unconfined

NODE = ("127.1.0.1", 6881)


class Disguised(str):
    """A host that claims to be equal to another."""

    __slots__ = ()

    def __hash__(self):
        return hash(NODE[0])

    def __eq__(self, other):
        return True


@pytest.mark.parametrize(
    "elsewhere",
    [
        ("192.0.2.1", 6881),
        ("127.1.0.1", 53),
        ("127.1.0.2", 6881),
        ("127.1.1", 6881),
        ("127.001.0.1", 6881),
        ("localhost", 6881),
        ("::ffff:127.1.0.1", 6881),
        ("::1", 6881),
        ("", 6881),
        ("<broadcast>", 6881),
        ("127.1.0.1", "6881"),
        ("127.1.0.1", 6881, 0, 0),
        ("127.1.0.1",),
        "127.1.0.1:6881",
        None,
        ["127.1.0.1", 6881],
    ],
)
def test_nothing_but_the_very_address_of_a_node_is_a_target(elsewhere):
    targets = Targets([NODE])

    assert elsewhere not in targets
    with pytest.raises(ForbiddenTarget, match="is no node of this cluster") as caught:
        targets.require(elsewhere)
    assert isinstance(caught.value, P2PError)
    assert caught.value.definite


def test_what_claims_to_be_a_node_is_answered_with_the_nodes_own_address():
    targets = Targets([NODE])

    found = targets.require((Disguised("192.0.2.1"), 6881))

    assert type(found[0]) is str
    assert found == NODE


@pytest.mark.parametrize("error", [ForbiddenTarget(NODE), Unconfined("Eclipse")])
def test_a_refusal_says_the_same_when_it_comes_from_a_host_process(error):
    again = pickle.loads(pickle.dumps(error))

    assert type(again) is type(error)
    assert str(again) == str(error)


def test_a_node_that_joins_becomes_a_target_and_one_that_ends_is_none_any_more():
    targets, newcomer = Targets([NODE]), ("127.1.1.1", 6881)

    targets.add(newcomer)
    targets.discard(NODE)

    assert list(targets) == [newcomer]
    with pytest.raises(ForbiddenTarget):
        targets.require(NODE)


def test_a_host_counts_as_long_as_one_node_listens_there():
    targets = Targets([("127.0.0.1", 1), ("127.0.0.1", 2)])

    targets.discard(("127.0.0.1", 1), ("127.0.0.1", 1))

    assert targets.has_host("127.0.0.1")
    targets.discard(("127.0.0.1", 2))
    assert not targets.has_host("127.0.0.1")
    assert not targets.has_host("127.0.0.2")
