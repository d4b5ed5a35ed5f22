"""The same news in four ways: each bill adds up, and the flood's can be foretold."""

import pytest

from p2pkit.classroom import wire_costs
from p2pkit.core import LocalProtocolError

pytestmark = pytest.mark.timeout(60)  # clusters of real processes
NEWS = bytes(200)


@pytest.mark.parametrize("way", wire_costs.WAYS)
def test_each_way_tells_everybody_and_its_bill_adds_up(way):
    ledger = wire_costs.captured(way, NEWS, nodes=8).ledger()

    cost = wire_costs.summary(ledger, NEWS, nodes=8)
    assert ledger.residue_bytes == 0, str(ledger)
    assert cost["per_useful"] > 1
    assert cost["wire_bytes"] > cost["said_bytes"] >= 7 * len(NEWS)
    if way == "flooding":
        assert cost["messages"] == 2 * 16 - 8 + 1


def test_another_way_is_refused_in_a_sentence():
    with pytest.raises(LocalProtocolError, match="told by flooding, gossip, plumtree"):
        wire_costs.captured("shouting", NEWS)
